package dev.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a token model has to beat, from training windows alone: how often each token occurs, and how often it follows the three
 * before it. Both count every token once more than it was seen (Laplace's rule), over the tokens that were seen in training and
 * one more that stands for all others. Predicted are the tokens that count in the loss, as {@link TokenLoss} does.
 * Immutable.
 *
 * @param windows training windows looked at
 * @param trained tokens counted in them
 * @param paddingShare which share of their tokens is padding
 * @param evaluated tokens predicted
 * @param orderZeroBits mean over them by frequency, in bits
 * @param orderThreeBits mean over them by the three tokens before, in bits
 */
public record MarkovBaselines(
        long windows, long trained, double paddingShare, long evaluated, double orderZeroBits, double orderThreeBits) {
    /** Three tokens of this many bits fill a number; no vocabulary is so large that its ids are all ones. */
    private static final int BITS = 21;

    private static final long NONE = Long.MAX_VALUE;

    /**
     * Counts and predicts; batches as those of a {@link TokenModel} with the labels of a {@link TokenLoss}. Windows stream
     * through; only counts are kept.
     *
     * @param most looks at about this many training windows, the first ones of the order of epoch 0: of shuffled data a
     *     sample that the seed decides
     * @param padding number of the token that fills windows up
     */
    public static MarkovBaselines of(
            RandomAccessDataset training, RandomAccessDataset evaluated, long most, int padding)
            throws IOException, TranslateException {
        Counts counts = new Counts();
        long[] tokens = new long[2];
        long windows = each(training, most, batch -> {
            batch.each(counts::add);
            tokens[0] += Arrays.stream(batch.tokens).filter(id -> id == padding).count();
            tokens[1] += batch.tokens.length;
        });
        Score score = new Score(counts);
        each(evaluated, Long.MAX_VALUE, batch -> batch.each(score::add));
        return new MarkovBaselines(
                windows,
                counts.total,
                tokens[1] == 0 ? 0 : (double) tokens[0] / tokens[1],
                score.tokens,
                score.tokens == 0 ? Double.NaN : score.zero / score.tokens,
                score.tokens == 0 ? Double.NaN : score.three / score.tokens);
    }

    /** Gives batch after batch; returns how many windows there were. */
    private static long each(RandomAccessDataset data, long most, Consumer<Windows> action)
            throws IOException, TranslateException {
        long count = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Iterator<Batch> batches = data.getData(manager).iterator();
            try {
                while (count < most && batches.hasNext()) {
                    try (Batch batch = batches.next()) {
                        action.accept(Windows.of(batch.getData(), batch.getLabels()));
                        count += batch.getSize();
                    }
                }
            } finally {
                if (batches instanceof AutoCloseable loading) {
                    PropertyBaselines.close(loading);
                }
            }
        }
        return count;
    }

    /** Takes a token to predict: the three before it as one number, and the token. */
    private interface Prediction {
        void of(long context, long label);
    }

    /** A batch on the heap. */
    private record Windows(int length, long[] tokens, long[] labels, float[] mask) {
        static Windows of(NDList data, NDList labels) {
            NDArray tokens = data.head();
            return new Windows(
                    Math.toIntExact(tokens.getShape().get(1)),
                    longs(tokens),
                    longs(labels.get(0)),
                    labels.get(1).toFloatArray());
        }

        private static long[] longs(NDArray array) {
            try (NDArray wide = array.toType(DataType.INT64, true)) {
                return wide.toLongArray();
            }
        }

        void each(Prediction action) {
            for (int start = 0; start < tokens.length; start += length) {
                // Tokens that are not there, before the first, are one more kind of token.
                long context = NONE;
                for (int at = start; at < start + length; at++) {
                    context = (context << BITS | (tokens[at] & ((1L << BITS) - 1))) & NONE;
                    if (mask[at] != 0) {
                        action.of(context, labels[at]);
                    }
                }
            }
        }
    }

    /** How often each token was seen, by context and without. */
    private static final class Counts {
        private static final long[] NEVER = new long[0];

        private final Map<Long, Integer> symbols = new HashMap<>();
        private final Map<Long, long[]> byContext = new HashMap<>();
        private long[] all = NEVER;
        private long total;

        void add(long context, long label) {
            int symbol = symbols.computeIfAbsent(label, unseen -> symbols.size());
            all = increased(all, symbol);
            long[] before = byContext.getOrDefault(context, NEVER);
            long[] after = increased(before, symbol);
            if (after != before) {
                byContext.put(context, after);
            }
            total++;
        }

        private static long[] increased(long[] counts, int symbol) {
            long[] room = symbol < counts.length ? counts : Arrays.copyOf(counts, symbol + 1);
            room[symbol]++;
            return room;
        }

        /** Bits of a token by these counts; what was never seen shares one count. */
        private double bits(long[] counts, long label) {
            Integer symbol = symbols.get(label);
            long seen = symbol != null && symbol < counts.length ? counts[symbol] : 0;
            long sum = 0;
            for (long count : counts) {
                sum += count;
            }
            return Math.log((sum + symbols.size() + 1.0) / (seen + 1.0)) / Math.log(2);
        }
    }

    /** Sums of bits. */
    private static final class Score {
        private final Counts counts;
        private double zero;
        private double three;
        private long tokens;

        Score(Counts counts) {
            this.counts = counts;
        }

        void add(long context, long label) {
            zero += counts.bits(counts.all, label);
            three += counts.bits(counts.byContext.getOrDefault(context, Counts.NEVER), label);
            tokens++;
        }
    }
}
