package dev.millrace.training;

/**
 * The loss or the gradient stopped being a number, or left the allowed range. It is thrown before the parameters are
 * touched, so the last checkpoint is good. The command line exits with 5.
 */
public final class DivergedException extends RuntimeException {
    private final long step;
    private final double value;

    DivergedException(String what, long step, double value, String expected) {
        super("Training diverged at step " + step + ": expected " + what + " " + expected + ", found " + value
                + ". Lower the learning rate, clip the gradient norm, or look at the data of this step;"
                + " the last checkpoint is unharmed.");
        this.step = step;
        this.value = value;
    }

    /** The optimizer step that was not taken, counted from 1. */
    public long step() {
        return step;
    }

    /** The offending value. */
    public double value() {
        return value;
    }
}
