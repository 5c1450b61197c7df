package dev.millrace.training;

/**
 * When to stop before the last epoch. Immutable.
 *
 * @param patienceEpochs epochs in a row without improvement after which the run stops
 * @param minimumImprovement how much better the monitored value must be to count
 */
public record EarlyStopping(int patienceEpochs, double minimumImprovement) {}
