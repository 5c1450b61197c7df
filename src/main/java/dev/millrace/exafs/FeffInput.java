package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a feff.inp file says of the atoms: its cards ATOMS, POTENTIALS and RMULTIPLIER. Comments ({@code *}, and {@code #}, {@code !},
 * {@code %} at the start of a line) and whatever follows the numbers of an atom are skipped. Immutable.
 *
 * @param potentials of the card POTENTIALS, in its order; empty without it
 * @param atoms of the card ATOMS, in its order; positions in Å, multiplied by RMULTIPLIER
 */
public record FeffInput(List<Potential> potentials, List<Atom> atoms) {
    private static final long MOST_BYTES = 64L << 20;
    private static final String WHAT = "FEFF's input";

    /**
     * A unique potential.
     *
     * @param label empty where there is none
     */
    public record Potential(int index, int atomicNumber, String label) {}

    /**
     * An atom.
     *
     * @param potential index of its potential; 0 is the absorber
     */
    public record Atom(double x, double y, double z, int potential) {}

    public FeffInput {
        potentials = List.copyOf(potentials);
        atoms = List.copyOf(atoms);
    }

    /**
     * Reads a file.
     *
     * @throws MalformedTableException if there are no atoms, one of them is no three positions and a potential, or not exactly one
     *     is the absorber
     */
    public static FeffInput read(Path file) throws IOException {
        return parse(file, FeffText.read(WHAT, file, MOST_BYTES));
    }

    /** The same from what a file holds. */
    static FeffInput parse(Path name, String content) throws MalformedTableException {
        List<Potential> potentials = new ArrayList<>();
        List<Atom> atoms = new ArrayList<>();
        double multiplier = 1;
        String card = "";
        int number = 0;
        for (String line : content.split("\\R", -1)) {
            number++;
            String text = withoutComment(line);
            if (text.isEmpty()) {
                continue;
            }
            String[] words = text.split("\\s+", -1);
            if (Character.isLetter(text.charAt(0))) {
                card = words[0].substring(0, Math.min(4, words[0].length())).toUpperCase(Locale.ROOT);
                if (card.equals("END")) {
                    break;
                }
                if (card.equals("RMUL") && words.length > 1) {
                    multiplier = number(name, number, words[1]);
                }
            } else if (card.equals("ATOM")) {
                requireWords(name, number, words, 4, "x, y, z and the potential of an atom");
                atoms.add(new Atom(
                        number(name, number, words[0]),
                        number(name, number, words[1]),
                        number(name, number, words[2]),
                        index(name, number, words[3])));
            } else if (card.equals("POTE")) {
                requireWords(name, number, words, 2, "index and Z of a potential");
                potentials.add(new Potential(
                        index(name, number, words[0]),
                        index(name, number, words[1]),
                        words.length > 2 ? words[2] : ""));
            }
        }
        long absorbers = atoms.stream().filter(atom -> atom.potential() == 0).count();
        if (absorbers != 1) {
            throw new MalformedTableException(
                    WHAT, name, 0, "expected one atom of potential 0 below ATOMS, found " + absorbers);
        }
        double scale = multiplier;
        return new FeffInput(
                potentials,
                atoms.stream()
                        .map(atom -> new Atom(scale * atom.x(), scale * atom.y(), scale * atom.z(), atom.potential()))
                        .toList());
    }

    /** The atom of potential 0, wherever in the list it is. */
    public Atom absorber() {
        return atoms.stream()
                .filter(atom -> atom.potential() == 0)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No absorber among " + atoms.size() + " atoms."));
    }

    /** Z of the absorber; 0 without a line for it below POTENTIALS. */
    public int absorberAtomicNumber() {
        return potentials.stream()
                .filter(potential -> potential.index() == 0)
                .mapToInt(Potential::atomicNumber)
                .findFirst()
                .orElse(0);
    }

    private static String withoutComment(String line) {
        String text = line.trim();
        if (text.startsWith("#") || text.startsWith("!") || text.startsWith("%")) {
            return "";
        }
        int star = text.indexOf('*');
        return star < 0 ? text : text.substring(0, star).trim();
    }

    private static void requireWords(Path file, int line, String[] words, int least, String names)
            throws MalformedTableException {
        if (words.length < least) {
            throw new MalformedTableException(
                    WHAT, file, line, "expected " + names + ", found " + words.length + " words");
        }
    }

    private static double number(Path file, int line, String word) throws MalformedTableException {
        return FeffText.number(WHAT, file, line, word);
    }

    private static int index(Path file, int line, String word) throws MalformedTableException {
        double value = number(file, line, word);
        if (value != Math.rint(value) || value < 0 || value > Elements.LAST) {
            throw new MalformedTableException(
                    WHAT, file, line, "expected a whole number 0..118, found '" + FeffLines.visible(word) + "'");
        }
        return (int) value;
    }
}
