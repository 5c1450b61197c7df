package dev.millrace.exafs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Curves of χ(k) to look at: a mean, the atoms it is of, or what makes it up. Immutable.
 *
 * @param curves in drawing order; empty where no path matches
 * @param paths that were taken
 * @param atoms absorbers with at least one of them
 */
public record ChiCurves(List<Curve> curves, long paths, long atoms) {
    /** More absorbers are not drawn one by one. */
    private static final int MOST_ATOMS = 200;

    /** What a curve is in its picture. */
    public enum Role {
        /** What matters. */
        MAIN,
        /** What it is held against, from elsewhere. */
        REFERENCE,
        /** One of the parts that are told apart. */
        PART,
        /** One of many that are not told apart. */
        BEHIND
    }

    /**
     * A curve.
     *
     * @param label empty for none
     * @param k Å⁻¹
     * @param chi one value for each
     * @param error its standard error; null where it has none
     */
    public record Curve(String label, double[] k, double[] chi, double @Nullable [] error, Role role) {}

    public ChiCurves {
        curves = List.copyOf(curves);
    }

    /** The sum within each absorber, averaged over the absorbers, with its standard error. */
    public static ChiCurves average(ChiSource source, PathCriteria criteria, String label) throws IOException {
        ChiAverage average = ChiAverage.of(
                source, criteria, ChiAverage.Aggregation.MEAN_OVER_ATOMS, ChiAverage.Denominator.MATCHING);
        return new ChiCurves(
                average.isEmpty()
                        ? List.of()
                        : List.of(new Curve(
                                label,
                                average.grid().toArray(),
                                average.chi(),
                                average.atoms() > 1 ? average.standardError() : null,
                                Role.MAIN)),
                average.paths(),
                average.atoms());
    }

    /** The sum within each absorber, the first 200 of them, behind their mean over all. */
    public static ChiCurves atoms(ChiSource source, PathCriteria criteria) throws IOException {
        double[] k = source.grid().toArray();
        List<Curve> curves = new ArrayList<>();
        RunningMean mean = new RunningMean(k.length);
        long[] paths = new long[1];
        source.sums(criteria, (frame, atomId, count, chi) -> {
            if (curves.size() < MOST_ATOMS) {
                curves.add(new Curve(curves.isEmpty() ? "atoms" : "", k, chi.clone(), null, Role.BEHIND));
            }
            mean.add(chi);
            paths[0] += count;
        });
        if (mean.count() > 0) {
            curves.add(new Curve("mean", k, mean.mean(mean.count()), null, Role.MAIN));
        }
        return new ChiCurves(curves, paths[0], mean.count());
    }

    /**
     * What makes up the mean: of one absorber its paths, of several each type of path, summed within absorbers and averaged over
     * them. The mean comes first, then its parts from the strongest on; they add up to it.
     *
     * @param told how many parts are told apart; the weaker ones are one curve together
     * @param kWeight of k in what counts as strong
     */
    public static ChiCurves parts(ChiSource source, PathCriteria criteria, int told, int kWeight) throws IOException {
        double[] k = source.grid().toArray();
        Map<String, double[]> types = new LinkedHashMap<>();
        Map<String, double[]> single = new LinkedHashMap<>();
        double[] sum = new double[k.length];
        long[] last = {Long.MIN_VALUE, Long.MIN_VALUE, 0, 0};
        source.chi(criteria, (path, chi) -> {
            if (path.frame() != last[0] || path.atomId() != last[1]) {
                last[0] = path.frame();
                last[1] = path.atomId();
                last[2]++;
            }
            last[3]++;
            add(types.computeIfAbsent(path.type().name(), type -> new double[k.length]), chi);
            if (last[2] == 1) {
                add(single.computeIfAbsent(label(path), name -> new double[k.length]), chi);
            }
            add(sum, chi);
        });
        long atoms = last[2];
        if (atoms == 0) {
            return new ChiCurves(List.of(), 0, 0);
        }
        Map<String, double[]> parts = atoms == 1 ? single : types;
        List<Curve> curves = new ArrayList<>();
        List<Map.Entry<String, double[]>> ranked = parts.entrySet().stream()
                .sorted(Comparator.comparingDouble(
                                (Map.Entry<String, double[]> part) -> strength(k, part.getValue(), kWeight))
                        .reversed())
                .toList();
        if (ranked.size() > 1) {
            curves.add(new Curve(atoms == 1 ? "sum" : "mean of sums", k, divided(sum, atoms), null, Role.MAIN));
        }
        int apart = ranked.size() <= told + 1 ? ranked.size() : told;
        for (Map.Entry<String, double[]> part : ranked.subList(0, apart)) {
            curves.add(new Curve(part.getKey(), k, divided(part.getValue(), atoms), null, Role.PART));
        }
        if (apart < ranked.size()) {
            double[] rest = new double[k.length];
            ranked.subList(apart, ranked.size()).forEach(part -> add(rest, part.getValue()));
            String label = (ranked.size() - apart) + " weaker together";
            curves.add(new Curve(label, k, divided(rest, atoms), null, Role.BEHIND));
        }
        return new ChiCurves(curves, last[3], atoms);
    }

    private static String label(PathEntry path) {
        return String.format(
                Locale.ROOT, "%d: %s %.3f Å", path.number(), path.type().name(), path.reff());
    }

    private static void add(double[] sum, double[] chi) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += chi[i];
        }
    }

    private static double[] divided(double[] sum, long count) {
        double[] mean = new double[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = sum[i] / count;
        }
        return mean;
    }

    /** Below 2 Å⁻¹ χ is not what is looked at. */
    private static double strength(double[] k, double[] chi, int kWeight) {
        double sum = 0;
        for (int i = 0; i < k.length; i++) {
            sum += k[i] < 2 ? 0 : Math.abs(chi[i]) * Math.pow(k[i], kWeight);
        }
        return sum;
    }
}
