package dev.millrace.training;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended. Immutable.
 *
 * @param reason why it stopped
 * @param epochs epochs completed, those before a resume included
 * @param steps steps taken, those before a resume included
 * @param trainingLoss mean training loss of the last epoch, so far as it went; NaN if there was no step
 * @param validation the last loss and evaluators on the validation data, by name
 * @param best best monitored value at an epoch's end, or null if no epoch was completed
 * @param bestStep steps taken when it was reached, -1 if never
 * @param samples samples trained on in this process
 * @param seconds duration of training in this process, without validation and checkpoints
 * @param dataWaitShare share of it that waited for data
 */
public record RunResult(
        StopReason reason,
        long epochs,
        long steps,
        double trainingLoss,
        Map<String, Double> validation,
        @Nullable Double best,
        long bestStep,
        long samples,
        double seconds,
        double dataWaitShare) {
    /** Why a run stopped. */
    public enum StopReason {
        /** All epochs are done. */
        EPOCHS_DONE,
        /** The step limit was reached. */
        MAX_STEPS,
        /** The monitored value stopped improving. */
        EARLY_STOPPED,
        /** The thread was interrupted; the last checkpoint holds the state. */
        INTERRUPTED
    }

    /** Samples trained on per second. */
    public double samplesPerSecond() {
        return seconds > 0 ? samples / seconds : 0;
    }
}
