package dev.millrace.exafs;

import dev.millrace.exafs.FeffFileException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads feffNNNN.dat, the file in which FEFF 6 … 10 tell of one scattering path.
 *
 * <p>Numbers of the path line and of the atoms are read by the columns of FEFF's own formats, so that {@code 31048.000} is three
 * legs and a degeneracy of 1048; where a line does not keep to those columns, by its blanks. A {@code #} before lines of the header,
 * blank labels (which become the symbol of the element) and all ends of lines are taken. Anything that cannot be what FEFF meant
 * is a {@link FeffFileException}. Text is ISO-8859-1. Thread-safe; {@link #parse} does no I/O and keeps nothing.
 */
public final class FeffFile {
    /** A longer file is none of FEFF's. */
    private static final long MOST_BYTES = 16L << 20;

    /** Below that half length, Å, there is no path; larch does not compute one either. */
    static final double LEAST_HALF_LENGTH = 0.05;

    private static final int COLUMNS = 7;
    private static final int LEAST_ROWS = 4;
    private static final int USUAL_ROWS = 60;
    private static final int MOST_LEGS = 1_000;

    private final FeffLines lines;
    private final double[][] columns = new double[COLUMNS][USUAL_ROWS];
    private final int[] starts = new int[COLUMNS + 1];
    private final int[] ends = new int[COLUMNS + 1];

    private FeffFile(FeffLines lines) {
        this.lines = lines;
    }

    /**
     * Reads a file.
     *
     * @throws FeffFileException if it cannot be read or used
     */
    public static FeffPath read(Path file) throws FeffFileException {
        return parse(file, content(file));
    }

    /**
     * The bytes of a file.
     *
     * @throws FeffFileException if it cannot be read, or is too long for one of FEFF's
     */
    static byte[] content(Path file) throws FeffFileException {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new FeffFileException(
                        file,
                        0,
                        Reason.UNREADABLE,
                        "expected at most " + MOST_BYTES + " bytes, found " + size + ", so it is another kind of file");
            }
            return Files.readAllBytes(file);
        } catch (FeffFileException e) {
            throw e;
        } catch (IOException e) {
            FeffFileException failure =
                    new FeffFileException(file, 0, Reason.UNREADABLE, "expected a file to read, found " + describe(e));
            failure.initCause(e);
            throw failure;
        }
    }

    private static String describe(IOException failure) {
        return failure instanceof java.nio.file.NoSuchFileException ? "none" : String.valueOf(failure.getMessage());
    }

    /**
     * Reads what a file holds.
     *
     * @param name for messages
     * @throws FeffFileException if it cannot be used
     */
    public static FeffPath parse(Path name, byte[] content) throws FeffFileException {
        return new FeffFile(new FeffLines(name, content)).parse();
    }

    private FeffPath parse() throws FeffFileException {
        requireInk();
        FeffHeader header = FeffHeader.read(lines);
        advance("the line of the path");
        double[] path = pathLine();
        int pathLine = lines.number();
        int legCount = (int) path[0];
        advance("the atoms");
        List<PathAtom> atoms = atoms();
        if (atoms.size() != legCount) {
            throw lines.failure(
                    pathLine,
                    Reason.WRONG_ATOM_COUNT,
                    "expected " + legCount + " atoms, one for each leg, found " + atoms.size());
        }
        return new FeffPath(
                header.title,
                header.version,
                header.shell,
                path[1],
                path[2],
                path[3],
                path[4],
                header.coreHoleWidth,
                header.exchange,
                header.chemicalPotential,
                header.fermiMomentum,
                header.interstitialPotential,
                header.interstitialRadius,
                header.potentials,
                atoms,
                arrays());
    }

    private void requireInk() throws FeffFileException {
        for (byte c : lines.bytes) {
            if ((c & 0xFF) > ' ') {
                return;
            }
        }
        throw lines.failure(0, Reason.EMPTY, "expected a path, found an empty file");
    }

    private void advance(String expected) throws FeffFileException {
        if (!lines.advance()) {
            throw lines.failure(Reason.TRUNCATED, "expected " + expected + ", found the end of the file");
        }
        lines.withoutHash();
    }

    /** nleg, deg, reff, rnrmav, edge, printed as {@code 1x,i3,f8.3,f9.4,f10.4,f11.5}. */
    private double[] pathLine() throws FeffFileException {
        int base = firstPoint() - 8;
        double[] path = {
            lines.number(base, base + 4),
            lines.number(base + 4, base + 12),
            lines.number(base + 12, base + 21),
            lines.number(base + 21, base + 31),
            lines.number(base + 31, base + 42)
        };
        if (!areFinite(path)) {
            requireWords(path.length, "nleg, deg, reff, rnrmav and edge");
            for (int i = 0; i < path.length; i++) {
                path[i] = word(i, Reason.MALFORMED_HEADER);
            }
        }
        if (path[0] != Math.rint(path[0]) || path[0] < 2 || path[0] > MOST_LEGS) {
            throw lines.failure(Reason.MALFORMED_HEADER, "expected two legs or more, found " + path[0]);
        }
        if (path[1] < 0) {
            throw lines.failure(Reason.MALFORMED_HEADER, "expected a degeneracy of 0 or more, found " + path[1]);
        }
        if (path[2] < LEAST_HALF_LENGTH) {
            throw lines.failure(
                    Reason.MALFORMED_HEADER,
                    "expected a half length of at least " + LEAST_HALF_LENGTH + " Å, found " + path[2]);
        }
        return path;
    }

    /** From the column titles, at hand, down to the titles of the arrays. */
    private List<PathAtom> atoms() throws FeffFileException {
        List<PathAtom> atoms = new ArrayList<>();
        int titles = lines.number();
        while (true) {
            advance("the arrays");
            int first = lines.firstInk(lines.start);
            if (first < lines.end && lines.bytes[first] == 'k' && lines.text().contains("real[p]")) {
                return atoms;
            }
            if (atoms.size() == MOST_LEGS) {
                throw lines.failure(
                        titles, Reason.WRONG_ATOM_COUNT, "expected at most " + MOST_LEGS + " atoms, found more");
            }
            atoms.add(atom());
        }
    }

    /** x, y, z, potential, Z and label, printed as {@code 1x,3f10.4,i3,i4,1x,a6}. */
    private PathAtom atom() throws FeffFileException {
        int base = firstPoint() - 6;
        double[] cells = {
            lines.number(base, base + 11),
            lines.number(base + 11, base + 21),
            lines.number(base + 21, base + 31),
            lines.number(base + 31, base + 34),
            lines.number(base + 34, base + 38)
        };
        String label;
        if (areFinite(cells) && areIndices(cells)) {
            label = lines.text(base + 38, base + 45);
        } else {
            requireWords(cells.length, "x, y, z, potential and Z");
            for (int i = 0; i < cells.length; i++) {
                cells[i] = word(i, Reason.MALFORMED_HEADER);
            }
            String rest = lines.text(ends[4], lines.end);
            label = rest.startsWith("absorbing") ? "" : rest.split("\\s", 2)[0];
        }
        if (!areIndices(cells)) {
            throw lines.failure(
                    Reason.MALFORMED_HEADER,
                    "expected a potential and an atomic number 1..118, found " + cells[3] + " and " + cells[4]);
        }
        int atomicNumber = (int) cells[4];
        return new PathAtom(
                cells[0],
                cells[1],
                cells[2],
                (int) cells[3],
                atomicNumber,
                label.isEmpty() ? Elements.symbol(atomicNumber) : label);
    }

    private static boolean areIndices(double[] cells) {
        return cells[3] == Math.rint(cells[3])
                && cells[3] >= 0
                && cells[3] < MOST_LEGS
                && cells[4] == Math.rint(cells[4])
                && Elements.isElement((int) cells[4]);
    }

    private FeffArrays arrays() throws FeffFileException {
        int rows = 0;
        int length = 0;
        while (lines.advance()) {
            if (lines.isBlank()) {
                continue;
            }
            int words = words();
            if (lines.isUnfinished() && (words < COLUMNS || ends[COLUMNS - 1] - lines.start < length)) {
                throw lines.failure(Reason.TRUNCATED, "expected a whole last row, found the end of the file within it");
            }
            if (words != COLUMNS) {
                throw lines.failure(Reason.MALFORMED_ROW, "expected 7 numbers, found " + counted(words));
            }
            row(rows++);
            length = ends[COLUMNS - 1] - lines.start;
        }
        if (rows < LEAST_ROWS) {
            throw lines.failure(
                    Reason.TRUNCATED, "expected at least " + LEAST_ROWS + " rows of the arrays, found " + rows);
        }
        for (int column = 0; column < COLUMNS; column++) {
            columns[column] = Arrays.copyOf(columns[column], rows);
        }
        return new FeffArrays(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6]);
    }

    private void row(int row) throws FeffFileException {
        if (row == columns[0].length) {
            for (int column = 0; column < COLUMNS; column++) {
                columns[column] = Arrays.copyOf(columns[column], 2 * row);
            }
        }
        for (int column = 0; column < COLUMNS; column++) {
            columns[column][row] = word(column, Reason.MALFORMED_ROW);
        }
        if (row > 0 && !(columns[0][row] > columns[0][row - 1])) {
            throw lines.failure(
                    Reason.UNORDERED_K,
                    "expected k above " + columns[0][row - 1] + " of the row before, found " + columns[0][row]);
        }
        if (!(columns[5][row] > 0)) {
            throw lines.failure(Reason.MALFORMED_ROW, "expected a mean free path above 0 Å, found " + columns[5][row]);
        }
    }

    /** Finds the first words of the line, one more than there are columns at most, and says how many there are. */
    private int words() {
        int count = 0;
        int at = lines.firstInk(lines.start);
        while (at < lines.end && count <= COLUMNS) {
            starts[count] = at;
            ends[count] = lines.firstBlank(at);
            at = lines.firstInk(ends[count++]);
        }
        return count;
    }

    private void requireWords(int count, String names) throws FeffFileException {
        int found = words();
        if (found < count) {
            boolean cut = lines.isUnfinished();
            throw lines.failure(
                    cut ? Reason.TRUNCATED : Reason.MALFORMED_HEADER,
                    "expected " + names + ", found " + (cut ? "the end of the file" : "'" + shown() + "'"));
        }
    }

    /** The number that is a word found before. */
    private double word(int place, Reason malformed) throws FeffFileException {
        double value = FortranNumber.parse(lines.bytes, starts[place], ends[place]);
        if (!Double.isFinite(value)) {
            boolean none = Double.isInfinite(value) || FortranNumber.saysNone(lines.bytes, starts[place], ends[place]);
            throw lines.failure(
                    none ? Reason.NOT_A_NUMBER : malformed,
                    "expected a number, found '" + FeffLines.visible(lines.text(starts[place], ends[place])) + "'");
        }
        return value;
    }

    private String shown() {
        return FeffLines.visible(lines.text());
    }

    private static String counted(int words) {
        return words > COLUMNS ? "more" : String.valueOf(words);
    }

    private int firstPoint() {
        int at = lines.start;
        while (at < lines.end && lines.bytes[at] != '.') {
            at++;
        }
        return at;
    }

    private static boolean areFinite(double[] cells) {
        for (double cell : cells) {
            if (!Double.isFinite(cell)) {
                return false;
            }
        }
        return true;
    }
}
