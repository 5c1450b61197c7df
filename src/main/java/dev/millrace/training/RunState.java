package dev.millrace.training;

import dev.millrace.training.CheckpointState.Progress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a run stands. Changed by the training thread only; a checkpoint holds all of it. */
final class RunState {
    private final TrainingPlan plan;
    long epoch;
    long batchInEpoch;
    long step;
    long batchesPerEpoch;
    double lossSum;
    long lossWeight;
    double rateScale = 1;
    private @Nullable Double plateauBest;
    private int plateauEpochs;

    @Nullable
    Double best;

    long bestStep = -1;
    private int epochsWithoutImprovement;
    private @Nullable Double stoppingBest;
    Map<String, Double> validation = Map.of();

    RunState(TrainingPlan plan) {
        this.plan = plan;
    }

    void restore(Progress saved) {
        epoch = saved.epoch();
        batchInEpoch = saved.batchInEpoch();
        step = saved.step();
        batchesPerEpoch = saved.batchesPerEpoch();
        lossSum = saved.lossSum();
        lossWeight = saved.sampleCount();
        rateScale = saved.rateScale();
        plateauBest = saved.plateauBest();
        plateauEpochs = saved.plateauEpochs();
        best = saved.best();
        bestStep = saved.bestStep();
        epochsWithoutImprovement = saved.epochsWithoutImprovement();
        stoppingBest = saved.stoppingBest();
        validation = saved.validation();
    }

    Progress snapshot() {
        return new Progress(
                epoch,
                batchInEpoch,
                step,
                batchesPerEpoch,
                lossSum,
                lossWeight,
                rateScale,
                plateauBest,
                plateauEpochs,
                best,
                bestStep,
                epochsWithoutImprovement,
                stoppingBest,
                validation);
    }

    double trainingLoss() {
        return lossWeight == 0 ? Double.NaN : lossSum / lossWeight;
    }

    /** Takes in the monitored value of an epoch; true if it is the best so far. */
    boolean judge(double value) {
        Monitor monitor = plan.monitor();
        if (plan.schedule() instanceof Schedule.Plateau plateau) {
            judgePlateau(plateau, value);
        }
        EarlyStopping stopping = plan.earlyStopping();
        double margin = stopping == null ? 0 : stopping.minimumImprovement();
        if (!Double.isNaN(value) && (stoppingBest == null || monitor.improves(value, stoppingBest, margin))) {
            stoppingBest = value;
            epochsWithoutImprovement = 0;
        } else {
            epochsWithoutImprovement++;
        }
        if (!Double.isNaN(value) && (best == null || monitor.improves(value, best, 0))) {
            best = value;
            bestStep = step;
            return true;
        }
        return false;
    }

    private void judgePlateau(Schedule.Plateau plateau, double value) {
        double margin = plateauBest == null ? 0 : Math.abs(plateauBest) * plateau.threshold();
        if (!Double.isNaN(value) && (plateauBest == null || plan.monitor().improves(value, plateauBest, margin))) {
            plateauBest = value;
            plateauEpochs = 0;
        } else if (++plateauEpochs > plateau.patienceEpochs()) {
            rateScale = Math.max(plateau.floor(), rateScale * plateau.reduction());
            plateauEpochs = 0;
        }
    }

    boolean stopsEarly() {
        EarlyStopping stopping = plan.earlyStopping();
        return stopping != null && epochsWithoutImprovement >= stopping.patienceEpochs();
    }

    void beginNextEpoch() {
        epoch++;
        batchInEpoch = 0;
        lossSum = 0;
        lossWeight = 0;
    }
}
