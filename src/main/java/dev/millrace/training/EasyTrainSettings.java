package dev.millrace.training;

import ai.djl.training.tracker.Tracker;
import org.jspecify.annotations.Nullable;

/**
 * What {@link MetricsListener} is told about training by {@code EasyTrain.fit}. Immutable.
 *
 * @param gradientNorm whether to record the norm of the gradient
 * @param optimizer an optimizer of ours to ask for rate and norm
 * @param tracker where else the learning rate comes from
 * @param stepsPerRead steps between two reads of the device; 0 to choose
 */
record EasyTrainSettings(
        boolean gradientNorm,
        @Nullable AdamW optimizer,
        @Nullable Tracker tracker,
        int stepsPerRead) {
    static final EasyTrainSettings PLAIN = new EasyTrainSettings(false, null, null, 0);

    /** The rate at a step counted from 1; NaN if nobody told where it comes from. */
    double learningRate(long step) {
        if (optimizer != null) {
            return optimizer.learningRate();
        }
        return tracker == null ? Double.NaN : tracker.getNewValue(Math.toIntExact(step - 1));
    }

    EasyTrainSettings withGradientNorm() {
        return new EasyTrainSettings(true, optimizer, tracker, stepsPerRead);
    }

    EasyTrainSettings readFrom(AdamW source) {
        return new EasyTrainSettings(gradientNorm, source, tracker, stepsPerRead);
    }

    EasyTrainSettings readFrom(Tracker source) {
        return new EasyTrainSettings(gradientNorm, optimizer, source, stepsPerRead);
    }

    EasyTrainSettings readEvery(int steps) {
        return new EasyTrainSettings(gradientNorm, optimizer, tracker, steps);
    }
}
