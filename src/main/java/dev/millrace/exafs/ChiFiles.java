package dev.millrace.exafs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * FEFF's own sums, the files chi.dat below a folder, and their mean. Files need not have the same rows: FEFF begins some at k = 0 and
 * some at 0.05. Values are brought together by their k, never by the number of their row. Immutable.
 */
public final class ChiFiles {
    private static final Pattern FRAME = Pattern.compile("frame_(\\d{1,18})");
    private static final Pattern ATOM = Pattern.compile("atom_(\\d{1,18})");
    /** FEFF prints four decimals of k. */
    private static final double SAME_K = 5e-5;

    private final List<Found> found;

    /** A file and whose sum it is; −1 where no folder of its path tells. */
    private record Found(Path file, long frame, long atom) {}

    private ChiFiles(List<Found> found) {
        this.found = found;
    }

    /** Looks for files below a folder. */
    public static ChiFiles find(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<Found> found = files.filter(
                            file -> String.valueOf(file.getFileName()).equals("chi.dat"))
                    .map(file -> new Found(file, number(FRAME, file), number(ATOM, file)))
                    .sorted(Comparator.comparingLong(Found::frame)
                            .thenComparingLong(Found::atom)
                            .thenComparing(Found::file))
                    .toList();
            return new ChiFiles(found);
        } catch (java.io.UncheckedIOException e) {
            throw new IOException("Cannot read below " + root + ": " + e.getMessage(), e);
        }
    }

    private static long number(Pattern pattern, Path file) {
        for (Path path = file.toAbsolutePath().normalize(); path != null; path = path.getParent()) {
            Matcher matcher = pattern.matcher(String.valueOf(path.getFileName()));
            if (matcher.matches()) {
                return Long.parseLong(matcher.group(1));
            }
        }
        return -1;
    }

    /** What is there, in few words. */
    public String extent() {
        return found.isEmpty()
                ? "no chi.dat"
                : found.size() + " chi.dat of frames " + found.get(0).frame() + " … "
                        + found.get(found.size() - 1).frame();
    }

    /**
     * Mean of the files that the criteria let through by frame and atom.
     *
     * @param grid where to; null for the k that all files have
     * @throws MalformedTableException if a file cannot be used
     * @throws IllegalArgumentException if the files have no k in common that would stand for them, or do not reach over the grid
     */
    public ChiAverage average(PathCriteria criteria, @Nullable KGrid grid) throws IOException {
        List<Found> taken = found.stream()
                .filter(file ->
                        criteria.anyOf().stream().anyMatch(criterion -> criterion.takesAbsorber(file.frame, file.atom)))
                .toList();
        if (taken.isEmpty()) {
            return result(grid == null ? KGrid.DEFAULT : grid, null, 0);
        }
        KGrid common = grid == null ? common(taken) : grid;
        RunningMean mean = new RunningMean(common.size());
        for (Found file : taken) {
            mean.add(onto(common, file.file, grid != null));
        }
        return result(common, mean, taken.size());
    }

    private static ChiAverage result(KGrid grid, @Nullable RunningMean mean, int count) {
        return new ChiAverage(
                grid,
                mean == null ? new double[0] : mean.mean(count),
                mean == null ? new double[0] : mean.standardError(count),
                ChiAverage.Aggregation.MEAN_OF_CHI_FILES,
                ChiAverage.Denominator.MATCHING,
                count,
                count,
                count);
    }

    /** The k that all files have. */
    private static KGrid common(List<Found> taken) throws IOException {
        double[] common = new double[0];
        double first = Double.NEGATIVE_INFINITY;
        double last = Double.POSITIVE_INFINITY;
        for (Found file : taken) {
            double[] k = ChiDat.read(file.file).k();
            double[] before = common;
            common = common.length == 0
                    ? k
                    : Arrays.stream(common).filter(each -> at(k, each) >= 0).toArray();
            first = Math.max(first, k[0]);
            last = Math.min(last, k[k.length - 1]);
            double from = first - SAME_K;
            double to = last + SAME_K;
            long shared = Arrays.stream(before)
                    .filter(each -> each >= from && each <= to)
                    .count();
            if (common.length == 0 || common.length < shared) {
                throw new IllegalArgumentException(
                        "Cannot average chi.dat: expected the same k as in the others, found " + "another grid in "
                                + file.file + ". Give a grid with --kmin, --kmax and --kstep.");
            }
        }
        return KGrid.of(common);
    }

    private static double[] onto(KGrid grid, Path file, boolean interpolates) throws IOException {
        ChiDat curve = ChiDat.read(file);
        if (interpolates) {
            try {
                return Regrid.onto(curve.k(), curve.chi(), grid);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(e.getMessage() + " (" + file + ")", e);
            }
        }
        double[] chi = new double[grid.size()];
        for (int i = 0; i < chi.length; i++) {
            chi[i] = curve.chi()[at(curve.k(), grid.get(i))];
        }
        return chi;
    }

    /** Where a k is among others; negative if it is not. */
    private static int at(double[] k, double wanted) {
        int place = Arrays.binarySearch(k, wanted - SAME_K);
        int next = place < 0 ? -place - 1 : place;
        return next < k.length && k[next] <= wanted + SAME_K ? next : -1;
    }
}
