package dev.millrace.model;

import dev.millrace.Internal;
import java.util.function.Supplier;

/**
 * Keeps operations of the calling thread from being recorded for back-propagation.
 *
 * <p>DJL switches recording off only on the thread that loaded the engine; on every other thread a forward pass keeps all
 * intermediate arrays alive for a gradient that nobody asks for. Run validation and prediction in a pause:
 *
 * <pre>{@code
 * NDList output = GradientPause.during(() -> block.forward(parameterStore, input, false));
 * }</pre>
 *
 * <p>Thread-safe; pauses nest.
 */
@Internal
public final class GradientPause {
    private GradientPause() {}

    /** Does the work without recording on this thread, then puts recording back to what it was, and returns the result. */
    public static <T> T during(Supplier<T> work) {
        boolean before = ScatterAdd.gradientsOn();
        ScatterAdd.setGradients(false);
        try {
            return work.get();
        } finally {
            ScatterAdd.setGradients(before);
        }
    }
}
