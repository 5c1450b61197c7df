package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * FEFF's chi.dat: χ(k) as FEFF itself sums it, and of which paths. Immutable by agreement: arrays are not copied.
 *
 * @param s02 S₀² that χ was multiplied with; NaN where the file does not say
 * @param paths those that were summed, in the file's order; empty where the file does not say
 * @param k Å⁻¹, strictly increasing
 * @param chi one value for each
 */
record ChiDat(double s02, List<Listed> paths, double[] k, double[] chi) {
    private static final long MOST_BYTES = 64L << 20;
    private static final String WHAT = "a chi.dat file";
    private static final Pattern S02 = Pattern.compile("S02\\s*=\\s*(\\S+)");
    private static final Pattern LISTED = Pattern.compile("(\\d{1,9})((?:\\s+\\S+){5,6})");

    /**
     * A path in the list of the header.
     *
     * @param number NNNN of its file feffNNNN.dat
     * @param sigma2 all of σ² that it was damped with, Å²
     * @param degeneracy as summed
     * @param halfLength reff, Å
     */
    record Listed(int number, double sigma2, double degeneracy, double halfLength) {}

    ChiDat {
        paths = List.copyOf(paths);
    }

    /**
     * Reads a file.
     *
     * @throws MalformedTableException if it has no rows, k does not increase, or anything in it is not finite
     */
    static ChiDat read(Path file) throws IOException {
        return parse(file, FeffText.read(WHAT, file, MOST_BYTES));
    }

    /** The same from what a file holds. */
    static ChiDat parse(Path name, String content) throws MalformedTableException {
        String[] lines = content.split("\\R", -1);
        double s02 = Double.NaN;
        List<Listed> listed = new ArrayList<>();
        boolean list = false;
        int titles = titles(lines);
        for (int i = 0; i < titles; i++) {
            String text = withoutHash(lines[i]);
            Matcher factor = S02.matcher(text);
            Matcher path = LISTED.matcher(text);
            if (factor.find()) {
                s02 = number(name, i + 1, factor.group(1));
            } else if (text.startsWith("file ") && text.contains("deg")) {
                list = true;
            } else if (list && path.matches()) {
                listed.add(listed(name, i + 1, path));
            } else {
                list = false;
            }
        }
        List<double[]> rows = new ArrayList<>();
        for (int i = titles; i < lines.length; i++) {
            String text = lines[i].trim();
            if (!text.isEmpty() && !text.startsWith("#")) {
                String[] words = text.split("\\s+", -1);
                if (words.length < 2) {
                    throw new MalformedTableException(WHAT, name, i + 1, "expected k and chi, found one word");
                }
                double[] row = {number(name, i + 1, words[0]), number(name, i + 1, words[1])};
                if (!rows.isEmpty() && !(row[0] > rows.get(rows.size() - 1)[0])) {
                    throw new MalformedTableException(
                            WHAT,
                            name,
                            i + 1,
                            "expected k above " + rows.get(rows.size() - 1)[0] + " of the row before, found " + row[0]);
                }
                rows.add(row);
            }
        }
        if (rows.isEmpty()) {
            throw new MalformedTableException(WHAT, name, 0, "expected rows of k and chi, found none");
        }
        return new ChiDat(
                s02,
                listed,
                rows.stream().mapToDouble(row -> row[0]).toArray(),
                rows.stream().mapToDouble(row -> row[1]).toArray());
    }

    /** Lines down to the titles of the columns, themselves included; 0 without such titles. */
    private static int titles(String[] lines) {
        for (int i = 0; i < lines.length; i++) {
            String text = withoutHash(lines[i]);
            if (text.startsWith("k ") && text.contains("chi")) {
                return i + 1;
            }
        }
        return 0;
    }

    private static Listed listed(Path file, int line, Matcher path) throws MalformedTableException {
        String[] cells = path.group(2).trim().split("\\s+", -1);
        return new Listed(
                Integer.parseInt(path.group(1)),
                number(file, line, cells[0]),
                number(file, line, cells[2]),
                number(file, line, cells[4]));
    }

    private static String withoutHash(String line) {
        String text = line.trim();
        return text.startsWith("#") ? text.substring(1).trim() : text;
    }

    private static double number(Path file, int line, String word) throws MalformedTableException {
        return FeffText.number(WHAT, file, line, word);
    }
}
