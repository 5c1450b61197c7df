package dev.millrace.training;

import java.nio.file.Path;

/**
 * Hears what a {@link TrainingRun} does: progress bars, metrics. All calls come on the training thread, in order; what a
 * listener throws ends the run.
 */
public interface RunListener {
    /** Before the first batch. */
    default void onStart(RunStart start) {}

    /** Before the first batch of an epoch, or of the rest of one after a resume. */
    default void onEpochStart(long epoch) {}

    /** After each optimizer step. */
    default void onStep(StepReport step) {}

    /** Before the validation data are measured. */
    default void onValidationStart(long epoch) {}

    /** After each epoch, validation included. */
    default void onEpoch(EpochReport epoch) {}

    /** Before a checkpoint is written: what was reported up to its step must be safe now, as it will not be reported again. */
    default void onBeforeCheckpoint(long step) {}

    /** After a checkpoint is complete under its name. */
    default void onCheckpoint(Path folder, long step) {}

    /** After the last step of a run that ended as planned. */
    default void onFinish(RunResult result) {}

    /** When the run ends by an exception, which is thrown afterwards. */
    default void onFailure(Throwable failure) {}
}
