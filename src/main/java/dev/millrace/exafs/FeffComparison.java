package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * χ(k) summed here against the chi.dat that FEFF wrote in the same folder: of the paths that chi.dat lists and of no others, with
 * its S₀² and σ², at its values of k. Immutable by agreement: arrays are not copied.
 *
 * @param folder that was compared
 * @param pathCount paths that chi.dat lists
 * @param s02 S₀² of chi.dat
 * @param leastK differences count from here on, Å⁻¹: below, FEFF's own interpolation differs
 * @param largestDifference max |Δχ|
 * @param atK where it is, Å⁻¹
 * @param rmsDifference root mean square of Δχ
 * @param k at which chi.dat is given, Å⁻¹
 * @param feff χ of chi.dat
 * @param chi χ summed here
 */
public record FeffComparison(
        Path folder,
        int pathCount,
        double s02,
        double leastK,
        double largestDifference,
        double atK,
        double rmsDifference,
        double[] k,
        double[] feff,
        double[] chi) {
    /** FEFF prints its files with four or five digits and reads them otherwise; a larger |Δχ| than that is no rounding. */
    public static final double USUAL_TOLERANCE = 0.02;

    public static final double USUAL_LEAST_K = 2;

    /**
     * Compares a folder.
     *
     * @throws FeffFileException if a listed path is missing or cannot be used
     * @throws MalformedTableException if chi.dat cannot be used, lists no paths, or has no k to compare at
     */
    public static FeffComparison of(Path folder, double leastK) throws IOException {
        Path file = folder.resolve("chi.dat");
        ChiDat feff = ChiDat.read(file);
        if (feff.paths().isEmpty() || Double.isNaN(feff.s02())) {
            throw new MalformedTableException(
                    "a chi.dat file",
                    file,
                    0,
                    "expected its S02 and a list of paths in its header, found "
                            + (feff.paths().isEmpty() ? "no list" : "no S02"));
        }
        List<PathSum.Term> terms = new ArrayList<>();
        for (ChiDat.Listed listed : feff.paths()) {
            terms.add(new PathSum.Term(
                    FeffFile.read(folder.resolve(String.format(Locale.ROOT, "feff%04d.dat", listed.number()))),
                    new ChiParameters(
                            feff.s02(),
                            0,
                            0,
                            listed.sigma2(),
                            0,
                            0,
                            0,
                            null,
                            ChiParameters.Interpolation.CUBIC,
                            false)));
        }
        double[] chi = PathSum.of(terms, KGrid.of(feff.k())).chi();
        return of(folder, feff, chi, leastK);
    }

    private static FeffComparison of(Path folder, ChiDat feff, double[] chi, double leastK)
            throws MalformedTableException {
        double largest = 0;
        double place = Double.NaN;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < chi.length; i++) {
            if (feff.k()[i] >= leastK) {
                double difference = Math.abs(chi[i] - feff.chi()[i]);
                if (difference > largest || count == 0) {
                    largest = difference;
                    place = feff.k()[i];
                }
                squares += difference * difference;
                count++;
            }
        }
        if (count == 0) {
            throw new MalformedTableException(
                    "a chi.dat file",
                    folder.resolve("chi.dat"),
                    0,
                    "expected values of k from " + leastK + " Å⁻¹ on, found " + feff.k()[feff.k().length - 1]
                            + " as the last");
        }
        return new FeffComparison(
                folder,
                feff.paths().size(),
                feff.s02(),
                leastK,
                largest,
                place,
                Math.sqrt(squares / count),
                feff.k(),
                feff.chi(),
                chi);
    }

    /** The folders at and below one that have a chi.dat, in order of their names; links to folders are followed. */
    public static List<Path> folders(Path root) throws IOException {
        try (Stream<Path> found = Files.find(
                root,
                Integer.MAX_VALUE,
                (file, attributes) -> attributes.isRegularFile() && file.endsWith("chi.dat"),
                FileVisitOption.FOLLOW_LINKS)) {
            return found.map(file -> file.getParent() == null ? root : file.getParent())
                    .sorted()
                    .toList();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
