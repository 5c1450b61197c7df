package dev.millrace.training;

import dev.millrace.training.RunResult.StopReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The order of things in a run: epochs, validation, judgement, checkpoints, and when it is over. */
final class Course {
    private final TrainingPlan plan;
    private final RunState state;
    private final AdamW optimizer;
    private final EpochLoop epochs;
    private final @Nullable Evaluation evaluation;
    private final Checkpointer checkpointer;
    private final List<RunListener> listeners;
    private boolean interrupted;
    private double lastTrainingLoss = Double.NaN;

    Course(
            TrainingPlan plan,
            RunState state,
            AdamW optimizer,
            EpochLoop epochs,
            @Nullable Evaluation evaluation,
            Checkpointer checkpointer,
            List<RunListener> listeners) {
        this.plan = plan;
        this.state = state;
        this.optimizer = optimizer;
        this.epochs = epochs;
        this.evaluation = evaluation;
        this.checkpointer = checkpointer;
        this.listeners = listeners;
    }

    RunResult follow() {
        try {
            StopReason reason = null;
            while (reason == null) {
                reason = next();
            }
            return result(reason);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private @Nullable StopReason next() {
        if (state.stopsEarly()) {
            return StopReason.EARLY_STOPPED;
        }
        if (state.epoch >= plan.epochs()) {
            return StopReason.EPOCHS_DONE;
        }
        if (limitReached()) {
            return StopReason.MAX_STEPS;
        }
        long samplesBefore = epochs.samples();
        long weightBefore = epochs.weight();
        double secondsBefore = epochs.seconds();
        double waitBefore = epochs.waitSeconds();
        listeners.forEach(listener -> listener.onEpochStart(state.epoch));
        boolean ended = epochs.run(this::afterStep);
        lastTrainingLoss = state.trainingLoss();
        if (!ended) {
            return stopInside();
        }
        double seconds = epochs.seconds() - secondsBefore;
        endEpoch(
                epochs.samples() - samplesBefore,
                epochs.weight() - weightBefore,
                seconds,
                seconds > 0 ? Math.min(1, (epochs.waitSeconds() - waitBefore) / seconds) : 0);
        return interrupted ? StopReason.INTERRUPTED : null;
    }

    /** True when the run must stop here. */
    private boolean afterStep(boolean epochGoesOn) {
        // The flag is taken and given back at the end: writing files on an interrupted thread fails.
        interrupted |= Thread.interrupted();
        boolean stop = interrupted || limitReached();
        // The end of an epoch has its own checkpoint, after validation.
        if (!stop && epochGoesOn && plan.checkpointSteps() > 0 && state.step % plan.checkpointSteps() == 0) {
            checkpointer.save(Checkpoint.LAST, state);
        }
        return stop;
    }

    private boolean limitReached() {
        return plan.maxSteps() > 0 && state.step >= plan.maxSteps();
    }

    /**
     * A run cut inside an epoch saves where it stands first, so that the validation that follows, which an uncut run would
     * not have made, leaves no trace in what a resume sees.
     */
    private StopReason stopInside() {
        checkpointer.save(Checkpoint.LAST, state);
        if (interrupted) {
            return StopReason.INTERRUPTED;
        }
        if (evaluation != null) {
            state.validation = validate(evaluation);
        }
        double value = monitored();
        if (state.best == null || plan.monitor().improves(value, state.best, 0)) {
            state.best = value;
            state.bestStep = state.step;
            checkpointer.save(Checkpoint.BEST, state);
        }
        return StopReason.MAX_STEPS;
    }

    private void endEpoch(long samples, long weight, double seconds, double waitShare) {
        long start = System.nanoTime();
        if (evaluation != null) {
            state.validation = validate(evaluation);
        }
        double validationSeconds = DataClock.secondsSince(start);
        boolean improved = state.judge(monitored());
        EpochReport report = new EpochReport(
                state.epoch,
                state.step,
                state.trainingLoss(),
                new LinkedHashMap<>(state.validation),
                optimizer.learningRate(),
                samples,
                weight,
                seconds,
                validationSeconds,
                waitShare,
                improved);
        state.beginNextEpoch();
        listeners.forEach(listener -> listener.onEpoch(report));
        if (improved) {
            checkpointer.save(Checkpoint.BEST, state);
        }
        checkpointer.save(Checkpoint.LAST, state);
    }

    private Map<String, Double> validate(Evaluation measured) {
        listeners.forEach(listener -> listener.onValidationStart(state.epoch));
        Map<String, Double> values = measured.measure();
        double loss = values.getOrDefault(Monitor.LOSS, Double.NaN);
        if (!Double.isFinite(loss)) {
            throw new DivergedException("a validation loss that is", state.step, loss, "finite");
        }
        return values;
    }

    private double monitored() {
        return evaluation == null
                ? state.trainingLoss()
                : state.validation.getOrDefault(plan.monitor().metric(), Double.NaN);
    }

    private RunResult result(StopReason reason) {
        double seconds = epochs.seconds();
        return new RunResult(
                reason,
                state.epoch,
                state.step,
                lastTrainingLoss,
                new LinkedHashMap<>(state.validation),
                state.best,
                state.bestStep,
                epochs.samples(),
                seconds,
                seconds > 0 ? Math.min(1, epochs.waitSeconds() / seconds) : 0);
    }
}
