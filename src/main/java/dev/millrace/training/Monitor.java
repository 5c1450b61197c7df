package dev.millrace.training;

/**
 * The value that decides which checkpoint is best, when to stop early and when the learning rate falls. Immutable.
 *
 * @param metric {@code loss} or the name of an evaluator, on the validation data (without those, the training loss)
 * @param higherIsBetter whether it should rise
 */
public record Monitor(String metric, boolean higherIsBetter) {
    /** Name under which the loss is reported and monitored. */
    public static final String LOSS = "loss";

    /** The loss, which should fall. */
    public static Monitor loss() {
        return new Monitor(LOSS, false);
    }

    /** Whether a value beats the best by more than a margin. NaN never does. */
    boolean improves(double value, double best, double margin) {
        return higherIsBetter ? value > best + margin : value < best - margin;
    }
}
