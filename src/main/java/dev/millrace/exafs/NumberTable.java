package dev.millrace.exafs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Columns of numbers in a text file: CSV with a line of names, or columns parted by blanks below comments, as FEFF, Athena, larch and
 * numpy write them. Immutable by agreement: arrays are not copied.
 */
public final class NumberTable {
    private static final long MOST_BYTES = 256L << 20;
    /** The three bytes that spreadsheets put before UTF-8. */
    private static final String MARK = "\u00EF\u00BB\u00BF";

    private static final String WHAT = "a file of numbers";

    private final Path file;
    private final List<String> names;
    private final double[][] columns;

    private NumberTable(Path file, List<String> names, double[][] columns) {
        this.file = file;
        this.names = names;
        this.columns = columns;
    }

    /**
     * Reads a file. Lines that begin with {@code #} are comments; a first line that is no numbers has the names of the columns.
     *
     * @throws MalformedTableException if a row is no finite numbers, has another count of them than the first, or there is none
     */
    public static NumberTable read(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        List<double[]> rows = new ArrayList<>();
        int number = 0;
        String content = FeffText.read(WHAT, file, MOST_BYTES);
        for (String line :
                content.substring(content.startsWith(MARK) ? MARK.length() : 0).split("\\R", -1)) {
            number++;
            // Spreadsheets and R put names, and some numbers too, between quotes.
            String text = line.replace("\"", "").trim();
            if (!text.isEmpty() && !text.startsWith("#")) {
                String[] cells = text.split(text.indexOf(',') >= 0 ? "\\s*,\\s*" : "\\s+", -1);
                if (rows.isEmpty() && names.isEmpty() && !isNumber(cells[0])) {
                    names.addAll(Arrays.asList(cells));
                } else {
                    rows.add(row(file, number, cells, rows.isEmpty() ? cells.length : rows.get(0).length));
                }
            }
        }
        if (rows.isEmpty()) {
            throw new MalformedTableException(WHAT, file, 0, "expected rows of numbers, found none");
        }
        double[][] columns = new double[rows.get(0).length][rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            for (int column = 0; column < columns.length; column++) {
                columns[column][i] = rows.get(i)[column];
            }
        }
        return new NumberTable(file, List.copyOf(names), columns);
    }

    private static double[] row(Path file, int line, String[] cells, int width) throws MalformedTableException {
        if (cells.length != width) {
            throw new MalformedTableException(
                    WHAT, file, line, "expected " + width + " columns, as in the first row, found " + cells.length);
        }
        double[] row = new double[width];
        for (int i = 0; i < width; i++) {
            row[i] = FeffText.number(WHAT, file, line, cells[i]);
        }
        return row;
    }

    private static boolean isNumber(String cell) {
        byte[] bytes = cell.getBytes(StandardCharsets.ISO_8859_1);
        return !Double.isNaN(FortranNumber.parse(bytes, 0, bytes.length))
                || FortranNumber.saysNone(bytes, 0, bytes.length);
    }

    public int rowCount() {
        return columns[0].length;
    }

    public int columnCount() {
        return columns.length;
    }

    /**
     * The column that has one of these names, in any case; where the file names none, the column at that place, from 0.
     *
     * @throws MalformedTableException without such a column
     */
    public double[] column(int place, String... wanted) throws MalformedTableException {
        int found = place;
        if (!names.isEmpty()) {
            found = -1;
            for (int i = names.size() - 1; i >= 0; i--) {
                if (Arrays.asList(wanted).contains(names.get(i).toLowerCase(Locale.ROOT))) {
                    found = i;
                }
            }
            if (found < 0) {
                throw new MalformedTableException(
                        WHAT,
                        file,
                        0,
                        "expected a column '" + wanted[0] + "', found " + FeffLines.visible(String.join(", ", names)));
            }
        }
        if (found >= columns.length) {
            throw new MalformedTableException(
                    WHAT, file, 0, "expected " + (found + 1) + " columns or more, found " + columns.length);
        }
        return columns[found];
    }

    /**
     * Writes columns of equal length below their names as CSV, every number as {@link NumberText#exact}; closes nothing.
     */
    public static void writeCsv(Appendable out, List<String> names, double[]... columns) throws IOException {
        out.append(String.join(",", names)).append('\n');
        for (int row = 0; row < columns[0].length; row++) {
            for (int column = 0; column < columns.length; column++) {
                out.append(column == 0 ? "" : ",").append(NumberText.exact(columns[column][row]));
            }
            out.append('\n');
        }
    }
}
