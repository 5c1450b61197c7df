package dev.millrace.exafs;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.RowSource;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What a model is scaled by, over the training split of a file: of more than {@value #MOST_SAMPLES} samples over that many, spread
 * evenly. Immutable.
 *
 * @param samples looked at
 * @param meanDistance of half lengths of paths, or of first shells of atoms, Å
 * @param distanceDeviation standard deviation of them, Å; 1 where all are the same
 * @param amplitude root mean square of {@code √(k² + 1) R² χ / N} over paths and k, Å²: of the order of |f|; of atoms, with what
 *     their neighbours' N/R² add up to in squares in place of N/R²
 * @param atomicNumbers Z of all atoms of those samples, ascending
 * @param meanSquares mean of (kⁿ χ)² over samples and k, Å⁻²ⁿ, for n = 0 … {@value #LARGEST_WEIGHT}
 */
public record ExafsStatistics(
        int samples,
        double meanDistance,
        double distanceDeviation,
        double amplitude,
        List<Integer> atomicNumbers,
        List<Double> meanSquares) {
    /** Largest n of kⁿ. */
    public static final int LARGEST_WEIGHT = 3;

    private static final int MOST_SAMPLES = 20_000;
    private static final int BATCH = 256;
    /** A scattering atom nearer than this, in Å, is none. */
    private static final double NEAREST = 0.05;

    /** Adds up samples. One thread. */
    private static final class Sums {
        private final double[] k;
        private final double[] squares = new double[LARGEST_WEIGHT + 1];
        private final SortedSet<Integer> atomicNumbers = new TreeSet<>();
        private int samples;
        private long distances;
        private double sum;
        private double squareSum;
        private double reduced;
        private long reducedValues;

        Sums(KGrid grid) {
            k = grid.toArray();
        }

        void addAtom(int atomicNumber) {
            atomicNumbers.add(atomicNumber);
        }

        /** @param strength N/R², Å⁻² */
        void add(double[] chi, double distance, double strength) {
            samples++;
            if (!Double.isNaN(distance)) {
                distances++;
                sum += distance;
                squareSum += distance * distance;
            }
            double scaled = 0;
            for (int i = 0; i < k.length; i++) {
                double square = chi[i] * chi[i];
                scaled += square * (k[i] * k[i] + 1);
                for (int weight = 0; weight <= LARGEST_WEIGHT; weight++) {
                    squares[weight] += square;
                    square *= k[i] * k[i];
                }
            }
            if (strength > 0) {
                reduced += scaled / (strength * strength);
                reducedValues += k.length;
            }
        }

        ExafsStatistics finish() {
            double mean = sum / Math.max(1, distances);
            double variance = Math.max(0, squareSum / Math.max(1, distances) - mean * mean);
            double deviation = Math.sqrt(variance);
            double amplitude = Math.sqrt(reduced / Math.max(1, reducedValues));
            long values = Math.max(1, (long) samples * k.length);
            return new ExafsStatistics(
                    samples,
                    mean,
                    deviation > 1e-6 ? deviation : 1,
                    amplitude > 0 ? amplitude : 1,
                    List.copyOf(atomicNumbers),
                    Arrays.stream(squares).map(total -> total / values).boxed().toList());
        }
    }

    static ExafsStatistics ofPaths(RowSource<ExafsRow> training, KGrid grid) {
        Sums sums = new Sums(grid);
        each(training, row -> {
            Arrays.stream(row.atomicNumbers()).forEach(sums::addAtom);
            double r = Math.max(row.halfLength(), NEAREST);
            sums.add(row.chi().toDoubles(), row.halfLength(), row.degeneracy() / (r * r));
        });
        return sums.finish();
    }

    static ExafsStatistics ofAtoms(RowSource<ExafsAtomRow> training, KGrid grid) {
        Sums sums = new Sums(grid);
        each(training, row -> {
            sums.addAtom(row.atomicNumber());
            double squares = 0;
            for (ExafsAtomRow.Neighbour neighbour : row.neighbours()) {
                sums.addAtom(neighbour.atomicNumber());
                double r = Math.max(neighbour.distance(), NEAREST);
                double strength = neighbour.degeneracy() / (r * r);
                squares += strength * strength;
            }
            sums.add(row.chi().toDoubles(), row.firstShellDistance(), Math.sqrt(squares));
        });
        return sums.finish();
    }

    private static <R> void each(RowSource<R> source, Consumer<R> action) {
        int count = Math.min(source.size(), MOST_SAMPLES);
        try (RowReader<R> reader = source.openReader()) {
            for (int from = 0; from < count; from += BATCH) {
                long[] ids = new long[Math.min(BATCH, count - from)];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = source.id((int) ((long) (from + i) * source.size() / count));
                }
                reader.read(ids).forEach(action);
            }
        }
    }

    /** Root mean square of kⁿ χ, Å⁻ⁿ: the error of predicting 0. */
    public double rootMeanSquare(int weight) {
        return Math.sqrt(meanSquares.get(weight));
    }
}
