package dev.millrace.training;

import java.util.List;

/**
 * Where a run begins. Immutable.
 *
 * @param plan the settings
 * @param trainingSamples samples of the training data
 * @param validationSamples samples of the validation data, 0 without
 * @param epoch first epoch, from 0; more than 0 after a resume
 * @param step steps already taken
 * @param resumed whether a checkpoint was restored
 * @param notices things worth telling the user, such as another number of threads than before
 */
public record RunStart(
        TrainingPlan plan,
        long trainingSamples,
        long validationSamples,
        long epoch,
        long step,
        boolean resumed,
        List<String> notices) {}
