package dev.millrace.exafs;

import java.io.IOException;
import java.util.Arrays;

/**
 * χ of many paths brought together. Immutable by agreement: arrays are not copied.
 *
 * @param grid k of both curves
 * @param chi χ(k); empty where no path was taken
 * @param standardError of each value of χ; NaN where there is nothing to tell it from: a sum, or a mean over one
 * @param aggregation how they were brought together
 * @param denominator over which atoms the mean is, for {@link Aggregation#MEAN_OVER_ATOMS}
 * @param paths that were taken
 * @param atoms absorbers with at least one of them
 * @param allAtoms absorbers that the criteria do not rule out by frame, atom or element
 */
public record ChiAverage(
        KGrid grid,
        double[] chi,
        double[] standardError,
        Aggregation aggregation,
        Denominator denominator,
        long paths,
        long atoms,
        long allAtoms) {
    /** How χ of paths is brought together. */
    public enum Aggregation {
        /** Sum over an absorber's paths, then mean over absorbers: what is measured. */
        MEAN_OVER_ATOMS,
        /** Sum over all paths. */
        SUM_OF_PATHS,
        /** Mean over all paths. */
        MEAN_OF_PATHS,
        /** Mean of FEFF's own sums, see {@link ChiFiles}. */
        MEAN_OF_CHI_FILES
    }

    /** Which absorbers a mean over atoms is divided by. */
    public enum Denominator {
        /** Those with at least one matching path, as MD-EXAFS does. */
        MATCHING,
        /** All that are not ruled out by frame, atom or element: without a matching path χ is 0. */
        ALL
    }

    /** Takes the paths of a source that the criteria let through. Nothing matching is an empty result, never another one. */
    public static ChiAverage of(
            ChiSource source, PathCriteria criteria, Aggregation aggregation, Denominator denominator)
            throws IOException {
        RunningMean mean = new RunningMean(source.grid().size());
        long[] paths = new long[1];
        long[] atoms = new long[1];
        if (aggregation == Aggregation.MEAN_OVER_ATOMS) {
            source.sums(criteria, (frame, atomId, count, chi) -> {
                mean.add(chi);
                paths[0] += count;
                atoms[0]++;
            });
        } else {
            long[] last = {Long.MIN_VALUE, Long.MIN_VALUE};
            source.chi(criteria, (path, chi) -> {
                mean.add(chi);
                paths[0]++;
                atoms[0] += path.frame() == last[0] && path.atomId() == last[1] ? 0 : 1;
                last[0] = path.frame();
                last[1] = path.atomId();
            });
        }
        long allAtoms = source.absorberCount(criteria);
        if (paths[0] == 0) {
            return new ChiAverage(
                    source.grid(), new double[0], new double[0], aggregation, denominator, 0, 0, allAtoms);
        }
        long total = aggregation == Aggregation.MEAN_OVER_ATOMS && denominator == Denominator.ALL
                ? Math.max(allAtoms, atoms[0])
                : mean.count();
        boolean isSum = aggregation == Aggregation.SUM_OF_PATHS;
        double[] unknown = new double[source.grid().size()];
        Arrays.fill(unknown, Double.NaN);
        return new ChiAverage(
                source.grid(),
                isSum ? mean.sum() : mean.mean(total),
                isSum ? unknown : mean.standardError(total),
                aggregation,
                denominator,
                paths[0],
                atoms[0],
                allAtoms);
    }

    /** Whether no path was taken: there is no χ. */
    public boolean isEmpty() {
        return paths == 0;
    }
}
