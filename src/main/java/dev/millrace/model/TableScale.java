package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import dev.millrace.batch.SqliteDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Mean and standard deviation of each element of an array of a dataset. Immutable by agreement.
 *
 * @param means of each element
 * @param deviations of each element, 1 where all samples have the same value
 */
public record TableScale(double[] means, double[] deviations) {
    /** A deviation this small beside the mean is that of rounding. */
    private static final double ROUNDING = 1e-9;

    /** A number that is none, in a place of a dataset. */
    public static final class NotFiniteException extends RuntimeException {
        NotFiniteException(String message) {
            super(message);
        }
    }

    /** Adds up by Welford's method: no sum of squares of large numbers is taken. */
    private static final class Moments {
        private final String name;
        private final double[] means;
        private final double[] squares;
        private long count;

        Moments(String name, int size) {
            this.name = name;
            means = new double[size];
            squares = new double[size];
        }

        void add(double[] values, SqliteDataset<?> data) {
            for (int start = 0; start < values.length; start += means.length) {
                long position = count++;
                for (int element = 0; element < means.length; element++) {
                    double value = values[start + element];
                    if (!Double.isFinite(value)) {
                        throw new NotFiniteException("expected finite numbers, found " + value + " (slot '" + name
                                + "', element " + element + ", id " + data.id(position) + ")");
                    }
                    double before = value - means[element];
                    means[element] += before / count;
                    squares[element] += before * (value - means[element]);
                }
            }
        }

        TableScale scale() {
            double[] deviations = new double[means.length];
            for (int i = 0; i < means.length; i++) {
                double deviation = Math.sqrt(squares[i] / Math.max(1, count));
                deviations[i] = deviation > ROUNDING * Math.abs(means[i]) ? deviation : 1;
            }
            return new TableScale(means, deviations);
        }
    }

    /**
     * Reads all of a dataset, in its order, once.
     *
     * @param data not shuffled, as errors name the ids by position
     * @param measured whether to look at the array of this place; the scale of another is empty, its rows are read all the same
     * @return one for each array of the data, then of the labels
     * @throws NotFiniteException naming slot and id
     */
    public static List<TableScale> read(SqliteDataset<?> data, IntPredicate measured) {
        List<Moments> moments = new ArrayList<>();
        long ignored = DatasetPass.each(data, Long.MAX_VALUE, batch -> {
            NDList arrays = new NDList(batch.getData());
            arrays.addAll(batch.getLabels());
            for (int i = 0; i < arrays.size(); i++) {
                NDArray array = arrays.get(i);
                if (moments.size() == i) {
                    moments.add(new Moments(
                            String.valueOf(array.getName()),
                            measured.test(i)
                                    ? Math.toIntExact(array.getShape().slice(1).size())
                                    : 0));
                }
                if (!measured.test(i)) {
                    continue;
                }
                try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
                    moments.get(i).add(wide.toDoubleArray(), data);
                }
            }
            return batch.getSize();
        });
        return moments.stream().map(Moments::scale).toList();
    }

    /** One mean and deviation for each group of elements: {@code group(element)} numbers it from 0. */
    public TableScale grouped(int groups, IntUnaryOperator group) {
        double[] sums = new double[groups];
        double[] squares = new double[groups];
        int[] counts = new int[groups];
        for (int i = 0; i < means.length; i++) {
            int at = group.applyAsInt(i);
            counts[at]++;
            sums[at] += means[i];
        }
        for (int i = 0; i < groups; i++) {
            sums[i] /= Math.max(1, counts[i]);
        }
        for (int i = 0; i < means.length; i++) {
            int at = group.applyAsInt(i);
            double offset = means[i] - sums[at];
            squares[at] += (deviations[i] * deviations[i] + offset * offset) / counts[at];
        }
        double[] spread = new double[groups];
        for (int i = 0; i < groups; i++) {
            spread[i] = squares[i] > 0 ? Math.sqrt(squares[i]) : 1;
        }
        return new TableScale(sums, spread);
    }
}
