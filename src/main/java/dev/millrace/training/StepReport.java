package dev.millrace.training;

/**
 * One optimizer step. Immutable.
 *
 * @param epoch from 0
 * @param step counted from 1 over the whole run
 * @param batchInEpoch batches of this epoch done
 * @param batchesPerEpoch batches an epoch has, an estimate where the data set does not tell
 * @param loss mean over the samples of the step, or over what a {@link dev.millrace.model.WeightedLoss} counts
 * @param learningRate peak parameters' rate at this step
 * @param gradientNorm norm of the whole gradient before clipping
 * @param samples samples of the step
 * @param weight what {@code loss} is a mean over: as many as the samples unless the loss says otherwise
 * @param seconds duration, waiting for data included
 * @param dataWaitSeconds part of it that waited for data
 * @param forwardSeconds part of it for predictions and loss; on a GPU these are only launched
 * @param backwardSeconds part of it for gradients; on a GPU it waits for predictions and loss too
 * @param optimizerSeconds part of it for clipping and the update
 */
public record StepReport(
        long epoch,
        long step,
        long batchInEpoch,
        long batchesPerEpoch,
        double loss,
        double learningRate,
        double gradientNorm,
        long samples,
        long weight,
        double seconds,
        double dataWaitSeconds,
        double forwardSeconds,
        double backwardSeconds,
        double optimizerSeconds) {}
