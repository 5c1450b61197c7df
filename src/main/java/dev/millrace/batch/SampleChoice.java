package dev.millrace.batch;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.LongPredicate;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Which samples of a split a dataset has, and how often each is drawn: what a builder was told. One thread at a time. */
final class SampleChoice {
    private static final String FILTER = "filter";
    private static final String WEIGHTS = "weights";

    private @Nullable SampleQuery filterQuery;
    private @Nullable LongPredicate filter;
    private @Nullable SampleQuery weightsQuery;
    private @Nullable LongToDoubleFunction weights;
    private int epochSamples;

    void filter(String sql) {
        filterQuery = new SampleQuery(FILTER, sql);
    }

    void filter(LongPredicate keeps) {
        filter = keeps;
    }

    void weights(String sql) {
        weightsQuery = new SampleQuery(WEIGHTS, sql);
        weights = null;
    }

    void weights(LongToDoubleFunction ofId) {
        weights = ofId;
        weightsQuery = null;
    }

    void epochSamples(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("Expected samples of an epoch ≥ 1, found " + count + ".");
        }
        epochSamples = count;
    }

    /** The samples that the filter keeps, in their order; closes the given source with itself. */
    <R> RowSource<R> filtered(RowSource<R> source) {
        if (filterQuery == null && filter == null) {
            return source;
        }
        BitSet kept = new BitSet(source.size());
        kept.set(0, source.size());
        if (filterQuery != null) {
            kept.and(found(filterQuery, source));
        }
        LongPredicate keeps = filter;
        if (keeps != null) {
            for (int position = kept.nextSetBit(0); position >= 0; position = kept.nextSetBit(position + 1)) {
                kept.set(position, keeps.test(source.id(position)));
            }
        }
        return SubsetSource.filtered(source, kept.stream().toArray());
    }

    /** Positions of the samples that a query names. */
    private static BitSet found(SampleQuery query, RowSource<?> source) {
        KnownIds known = KnownIds.of(source);
        BitSet named = new BitSet(known.count());
        query.forEach(source, false, (id, none) -> {
            int number = known.find(id);
            if (number >= 0) {
                named.set(number);
            }
        });
        BitSet found = new BitSet(source.size());
        for (int position = 0; position < source.size(); position++) {
            found.set(position, named.get(known.find(source.id(position))));
        }
        return found;
    }

    /**
     * How samples are drawn; null unless by weight.
     *
     * @param size how many of the samples, the first ones
     */
    @Nullable
    WeightedDraw draw(RowSource<?> source, int size) {
        if (weightsQuery == null && weights == null) {
            if (epochSamples > 0) {
                throw new IllegalStateException("Expected optWeights with optEpochSamples, found no weights.");
            }
            return null;
        }
        if (size == 0) {
            throw fault("expected samples to draw from, found none.");
        }
        try {
            return WeightedDraw.of(weights(source, size), epochSamples > 0 ? epochSamples : size);
        } catch (IllegalArgumentException e) {
            throw fault(String.valueOf(e.getMessage()));
        }
    }

    private double[] weights(RowSource<?> source, int size) {
        double[] found = new double[size];
        LongToDoubleFunction ofId = weights;
        if (weightsQuery != null) {
            KnownIds known = KnownIds.of(source);
            double[] byNumber = queried(weightsQuery, known, source);
            for (int position = 0; position < size; position++) {
                found[position] = byNumber[known.find(source.id(position))];
                if (Double.isNaN(found[position])) {
                    throw fault("expected one for each sample, found none for id " + source.id(position)
                            + ". Give it one, or leave it out by a filter.");
                }
            }
        } else if (ofId != null) {
            for (int position = 0; position < size; position++) {
                found[position] = checked(ofId.applyAsDouble(source.id(position)), source.id(position));
            }
        }
        return found;
    }

    private static double[] queried(SampleQuery query, KnownIds known, RowSource<?> source) {
        double[] found = new double[known.count()];
        Arrays.fill(found, Double.NaN);
        query.forEach(source, true, (id, weight) -> {
            int number = known.find(id);
            if (number < 0) {
                return;
            }
            if (!Double.isNaN(found[number])) {
                throw fault("expected one for each sample, found two for id " + id + ".");
            }
            found[number] = checked(weight, id);
        });
        return found;
    }

    private static double checked(double weight, long id) {
        if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
            throw fault("expected finite numbers ≥ 0, found " + weight + " for id " + id + ".");
        }
        return weight;
    }

    private static SampleQueryException fault(String reason) {
        return new SampleQueryException(WEIGHTS, reason, null);
    }
}
