package dev.millrace.model;

/**
 * Keeps the operations of the calling thread from being recorded for back-propagation, until closed.
 *
 * <p>DJL switches recording off only on the thread that loaded the engine; on every other thread a forward pass keeps all
 * intermediate arrays alive for a gradient that nobody asks for. Wrap validation and prediction in one of these:
 *
 * <pre>{@code
 * try (GradientPause pause = GradientPause.begin()) {
 *     NDList output = block.forward(parameterStore, input, false);
 * }
 * }</pre>
 *
 * <p>One thread at a time: close it on the thread that began it. Pauses nest.
 */
public final class GradientPause implements AutoCloseable {
    private final boolean before;

    private GradientPause(boolean before) {
        this.before = before;
    }

    /** Stops recording on the calling thread. */
    public static GradientPause begin() {
        GradientPause pause = new GradientPause(ScatterAdd.gradientsOn());
        ScatterAdd.setGradients(false);
        return pause;
    }

    /** Puts recording back to what it was. */
    @Override
    public void close() {
        ScatterAdd.setGradients(before);
    }
}
