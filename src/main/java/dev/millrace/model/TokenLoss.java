package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;

/**
 * How well a {@link TokenModel} predicts, as a mean over the tokens whose mask is 1.
 *
 * <pre>
 *   labels[0]       ids   int64 or int32 [B, W]   the token after each; any number where the mask is 0
 *   labels[1]       mask  float32 [B, W]          1 where a prediction counts, else 0
 *   predictions[0]  logits [B, W, vocabulary]
 * </pre>
 *
 * <p>The mean of a batch without any such token is 0, never NaN, and so are its gradients. Accumulated values count every
 * token once, however the batches are cut. A counted label outside the vocabulary is an {@code EngineException} on a CPU.
 * Thread-safe.
 */
public final class TokenLoss extends Loss implements WeightedLoss {
    /** Name of {@link #bitsPerBase}. */
    public static final String BITS_PER_BASE = "bits_per_base";

    /** Name of {@link #accuracy}. */
    public static final String ACCURACY = "accuracy";

    private enum Kind {
        NATS,
        BITS,
        HITS
    }

    private final Kind kind;
    private final SampleMean means = new SampleMean();

    private TokenLoss(String name, Kind kind) {
        super(name);
        this.kind = kind;
    }

    /** Cross-entropy in nats: what is trained. */
    public static TokenLoss crossEntropy() {
        return new TokenLoss("loss", Kind.NATS);
    }

    /** Cross-entropy in bits: 2 for a guess among four bases that are equally frequent. */
    public static TokenLoss bitsPerBase() {
        return new TokenLoss(BITS_PER_BASE, Kind.BITS);
    }

    /** The share of tokens that were thought the likeliest. */
    public static TokenLoss accuracy() {
        return new TokenLoss(ACCURACY, Kind.HITS);
    }

    /** The mean without dimensions, attached to the manager of the logits. */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        NDArray logits = predictions.head();
        check(labels, logits.getShape());
        NDArray rows = logits.reshape(-1, logits.getShape().get(2));
        NDArray ids = labels.get(0).toType(DataType.INT64, false).flatten();
        NDArray mask = labels.get(1).toType(logits.getDataType(), false).flatten();
        NDArray counted = mask.sum().maximum(1);
        NDArray sum = kind == Kind.HITS
                ? rows.argMax(1)
                        .eq(ids)
                        .toType(logits.getDataType(), false)
                        .mul(mask)
                        .sum()
                : ScatterAdd.tokenLosses(rows, ids, mask).mul(mask).sum();
        NDArray mean = sum.div(counted);
        return kind == Kind.BITS ? mean.div(Math.log(2)).toType(logits.getDataType(), false) : mean;
    }

    private static void check(NDList labels, Shape logits) {
        boolean fits = labels.size() >= 2
                && logits.dimension() == 3
                && labels.get(0).getShape().equals(logits.slice(0, 2))
                && labels.get(1).getShape().equals(logits.slice(0, 2));
        if (!fits) {
            throw new IllegalArgumentException("Labels do not fit the logits: expected ids and mask [B, W] for "
                    + "[B, W, vocabulary], found "
                    + labels.stream().map(NDArray::getShape).toList() + " for " + logits + ".");
        }
    }

    /** Tokens whose mask is not 0. */
    @Override
    public long weight(NDList labels) {
        try (NDArray count = labels.get(1).neq(0).toType(DataType.INT64, false).sum()) {
            return count.getLong();
        }
    }

    @Override
    public void addAccumulator(String key) {
        means.reset(key);
    }

    @Override
    public void updateAccumulator(String key, NDList labels, NDList predictions) {
        updateAccumulators(new String[] {key}, labels, predictions);
    }

    @Override
    public void updateAccumulators(String[] keys, NDList labels, NDList predictions) {
        long tokens = weight(labels);
        try (NDArray value = evaluate(labels, predictions)) {
            double mean = value.toType(DataType.FLOAT64, false).getDouble();
            for (String key : keys) {
                means.add(key, mean, tokens);
            }
        }
    }

    @Override
    public void resetAccumulator(String key) {
        means.reset(key);
    }

    @Override
    public float getAccumulator(String key) {
        return means.mean(key);
    }
}
