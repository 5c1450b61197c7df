package dev.millrace.training;

import java.util.Map;

/**
 * One pass over the training data, or the rest of one after a resume. Immutable.
 *
 * @param epoch from 0
 * @param step steps taken by its end
 * @param trainingLoss mean over the samples of the epoch, or over what a {@link dev.millrace.model.WeightedLoss} counts
 * @param validation loss and evaluators on the validation data, by name; empty without any
 * @param learningRate rate at the last step
 * @param samples samples trained on since the epoch began in this process
 * @param weight what their losses are means over: as many unless the loss says otherwise
 * @param seconds duration of the training part in this process
 * @param validationSeconds duration of the validation
 * @param dataWaitShare share of {@code seconds} that waited for data
 * @param improved whether this is the best epoch so far
 */
public record EpochReport(
        long epoch,
        long step,
        double trainingLoss,
        Map<String, Double> validation,
        double learningRate,
        long samples,
        long weight,
        double seconds,
        double validationSeconds,
        double dataWaitShare,
        boolean improved) {
    /** Samples trained on per second. */
    public double samplesPerSecond() {
        return seconds > 0 ? samples / seconds : 0;
    }
}
