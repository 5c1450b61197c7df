package dev.millrace.training;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link TrainingRun}. Immutable; a plan that exists is valid. Batch size and order belong to the data set.
 *
 * @param epochs passes over the training data
 * @param maxSteps optimizer steps after which the run stops, 0 for no limit. It cuts the run and does not shorten the
 *     schedule, so that a cut run resumed equals an uncut one
 * @param accumulation batches for each optimizer step; a shorter rest at the end of an epoch is a step too
 * @param optimizer settings of the optimizer
 * @param schedule how the learning rate moves
 * @param clipNorm largest norm of the gradient over all parameters, 0 for no clipping
 * @param divergenceLimit a batch loss above it stops the run, as NaN does
 * @param earlyStopping when to stop before the last epoch, or null
 * @param monitor the value that tells good from better
 * @param checkpointSteps steps between checkpoints inside an epoch, 0 for none; each epoch ends with one
 * @param seed of initial parameters, dropout and everything else random
 * @param device {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}, see {@link DeviceChoice}
 * @param frozen prefixes of parameters that stay as they are, matched as in {@link ParameterGroup}
 */
public record TrainingPlan(
        int epochs,
        long maxSteps,
        int accumulation,
        OptimizerSettings optimizer,
        Schedule schedule,
        double clipNorm,
        double divergenceLimit,
        @Nullable EarlyStopping earlyStopping,
        Monitor monitor,
        long checkpointSteps,
        long seed,
        String device,
        List<String> frozen) {

    /**
     * Checks everything.
     *
     * @throws InvalidPlanException naming every fault
     */
    public TrainingPlan {
        frozen = List.copyOf(frozen);
        List<String> faults = new ArrayList<>();
        if (epochs < 1) {
            faults.add("epochs must be ≥ 1, found " + epochs);
        }
        if (maxSteps < 0) {
            faults.add("max steps must be ≥ 0 (0 for no limit), found " + maxSteps);
        }
        if (accumulation < 1) {
            faults.add("gradient accumulation must be ≥ 1 batch, found " + accumulation);
        }
        optimizer.addFaults(faults);
        schedule.addFaults(faults);
        if (!(clipNorm >= 0)) {
            faults.add("gradient clip norm must be ≥ 0 (0 for none), found " + clipNorm);
        }
        if (!(divergenceLimit > 0)) {
            faults.add("divergence limit must be > 0, found " + divergenceLimit);
        }
        if (earlyStopping != null && earlyStopping.patienceEpochs() < 1) {
            faults.add("early stopping patience must be ≥ 1 epoch, found " + earlyStopping.patienceEpochs());
        }
        if (earlyStopping != null && !(earlyStopping.minimumImprovement() >= 0)) {
            faults.add("early stopping minimum improvement must be ≥ 0, found " + earlyStopping.minimumImprovement());
        }
        if (monitor.metric().isEmpty()) {
            faults.add("the monitored metric needs a name, found an empty one");
        }
        if (checkpointSteps < 0) {
            faults.add("checkpoint interval must be ≥ 0 steps (0 for epochs only), found " + checkpointSteps);
        }
        try {
            DeviceChoice.parse(device);
        } catch (IllegalArgumentException e) {
            faults.add("device must be " + DeviceChoice.EXPECTED + ", found '" + device + "'");
        }
        if (frozen.contains("")) {
            faults.add("a frozen prefix must not be empty");
        }
        if (!faults.isEmpty()) {
            throw new InvalidPlanException(faults);
        }
    }

    /** Starts from the defaults: one epoch, no accumulation, constant rate, a checkpoint each epoch and every 200 steps. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The settings that decide what is computed, by name. Two runs with the same map may resume each other; the number of
     * epochs and steps, early stopping, device and checkpoint interval are left out, unless the schedule depends on them.
     */
    SortedMap<String, String> fingerprint() {
        SortedMap<String, String> settings = new TreeMap<>();
        settings.put("accumulation", Integer.toString(accumulation));
        settings.put("optimizer.learning_rate", Double.toString(optimizer.learningRate()));
        settings.put("optimizer.beta1", Double.toString(optimizer.beta1()));
        settings.put("optimizer.beta2", Double.toString(optimizer.beta2()));
        settings.put("optimizer.epsilon", Double.toString(optimizer.epsilon()));
        settings.put("optimizer.weight_decay", Double.toString(optimizer.weightDecay()));
        settings.put("optimizer.decay_bias_and_norm", Boolean.toString(optimizer.decayBiasAndNorm()));
        settings.put("optimizer.groups", optimizer.groups().toString());
        settings.put("schedule", schedule.toString());
        if (schedule.needsTotalSteps()) {
            settings.put("epochs", Integer.toString(epochs));
        }
        settings.put("clip_norm", Double.toString(clipNorm));
        settings.put("monitor", monitor.toString());
        settings.put("seed", Long.toString(seed));
        settings.put("frozen", frozen.toString());
        return settings;
    }

    /** Collects the settings of a plan. One thread at a time. */
    public static final class Builder {
        private int epochs = 1;
        private long maxSteps;
        private int accumulation = 1;
        private OptimizerSettings optimizer = OptimizerSettings.adamW(1e-3, 1e-2);
        private Schedule schedule = new Schedule.Constant();
        private double clipNorm;
        private double divergenceLimit = Double.POSITIVE_INFINITY;
        private @Nullable EarlyStopping earlyStopping;
        private Monitor monitor = Monitor.loss();
        private long checkpointSteps = 200;
        private long seed = 42;
        private String device = "cpu";
        private List<String> frozen = List.of();

        private Builder() {}

        public Builder setEpochs(int value) {
            epochs = value;
            return this;
        }

        public Builder optMaxSteps(long value) {
            maxSteps = value;
            return this;
        }

        public Builder optAccumulation(int value) {
            accumulation = value;
            return this;
        }

        public Builder optOptimizer(OptimizerSettings value) {
            optimizer = value;
            return this;
        }

        public Builder optSchedule(Schedule value) {
            schedule = value;
            return this;
        }

        public Builder optClipNorm(double value) {
            clipNorm = value;
            return this;
        }

        public Builder optDivergenceLimit(double value) {
            divergenceLimit = value;
            return this;
        }

        public Builder optEarlyStopping(@Nullable EarlyStopping value) {
            earlyStopping = value;
            return this;
        }

        public Builder optMonitor(Monitor value) {
            monitor = value;
            return this;
        }

        public Builder optCheckpointSteps(long value) {
            checkpointSteps = value;
            return this;
        }

        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        public Builder optDevice(String value) {
            device = value;
            return this;
        }

        public Builder optFrozen(List<String> value) {
            frozen = List.copyOf(value);
            return this;
        }

        /**
         * The plan.
         *
         * @throws InvalidPlanException naming every fault
         */
        public TrainingPlan build() {
            return new TrainingPlan(
                    epochs,
                    maxSteps,
                    accumulation,
                    optimizer,
                    schedule,
                    clipNorm,
                    divergenceLimit,
                    earlyStopping,
                    monitor,
                    checkpointSteps,
                    seed,
                    device,
                    frozen);
        }
    }
}
