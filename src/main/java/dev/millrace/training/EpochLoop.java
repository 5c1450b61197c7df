package dev.millrace.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.EpochOrder;
import dev.millrace.batch.SqliteDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** Takes the optimizer steps of an epoch, from where the state says. One thread at a time. */
final class EpochLoop {
    private final Trainer trainer;
    private final AdamW optimizer;
    private final TrainingPlan plan;
    private final RandomAccessDataset data;
    private final EngineSeed seed;
    private final Initialisation initialisation;
    private final RunState state;
    private final List<RunListener> listeners;

    private final DataClock clock = new DataClock();
    private double seconds;
    private long samples;
    private long weight;
    private double forwardSeconds;
    private double backwardSeconds;

    EpochLoop(
            Trainer trainer,
            AdamW optimizer,
            TrainingPlan plan,
            RandomAccessDataset data,
            EngineSeed seed,
            Initialisation initialisation,
            RunState state,
            List<RunListener> listeners) {
        this.trainer = trainer;
        this.optimizer = optimizer;
        this.plan = plan;
        this.data = data;
        this.seed = seed;
        this.initialisation = initialisation;
        this.state = state;
        this.listeners = listeners;
    }

    /** Seconds of training in this process so far. */
    double seconds() {
        return seconds;
    }

    /** Part of them that waited for data. */
    double waitSeconds() {
        return clock.seconds();
    }

    /** Samples trained on in this process so far. */
    long samples() {
        return samples;
    }

    /** What the losses of those samples were means over, see {@link LoadedBatch#weight}. */
    long weight() {
        return weight;
    }

    /**
     * Trains to the end of the epoch.
     *
     * @param afterStep called after each step and told whether the epoch goes on; true stops there
     * @return whether the epoch ended
     */
    boolean run(Predicate<Boolean> afterStep) {
        seed.forOrder(state.epoch);
        long start = System.nanoTime();
        Iterator<Batch> batches = open();
        try {
            boolean more = clock.hasNext(batches);
            while (more) {
                takeStep(batches, start);
                more = clock.hasNext(batches);
                seconds += DataClock.secondsSince(start);
                if (afterStep.test(more)) {
                    return !more;
                }
                start = System.nanoTime();
            }
        } finally {
            close(batches);
        }
        if (state.batchInEpoch == 0) {
            throw new IllegalStateException("Cannot train: expected at least one batch, found none in " + data.size()
                    + " samples. Lower the batch size or keep the last, shorter batch.");
        }
        return true;
    }

    private Iterator<Batch> open() {
        boolean ordered = data instanceof EpochOrder;
        if (data instanceof EpochOrder order) {
            order.setNextEpoch(state.epoch, state.batchInEpoch);
        }
        Iterator<Batch> batches = iterate(trainer, data);
        if (!ordered) {
            for (long i = 0; i < state.batchInEpoch && batches.hasNext(); i++) {
                batches.next().close();
            }
        }
        return batches;
    }

    static Iterator<Batch> iterate(Trainer trainer, RandomAccessDataset data) {
        try {
            return data.getData(trainer.getManager()).iterator();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the data set", e);
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the data set", e);
        }
    }

    /** An iterator that loads ahead has threads to stop. */
    static void close(Iterator<Batch> batches) {
        if (batches instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("Cannot close the batches", e);
            }
        }
    }

    private void takeStep(Iterator<Batch> batches, long start) {
        double waitBefore = clock.seconds();
        forwardSeconds = 0;
        backwardSeconds = 0;
        double lossSum = 0;
        long unit = 0;
        long stepSamples = 0;
        long stepWeight = 0;
        int taken = 0;
        do {
            Batch raw = clock.next(batches);
            try (LoadedBatch batch =
                    LoadedBatch.of(raw, trainer.getModel().getNDManager().getDevice())) {
                long batchWeight = batch.weight(trainer.getLoss());
                unit = unit == 0 ? batchWeight : unit;
                lossSum += backward(batch, batchWeight == unit ? 1 : (double) batchWeight / unit) * batchWeight;
                stepSamples += batch.size();
                stepWeight += batchWeight;
            }
            state.batchInEpoch++;
            taken++;
        } while (taken < plan.accumulation() && clock.hasNext(batches));

        long update = System.nanoTime();
        optimizer.setRateScale(state.rateScale);
        optimizer.takeStep(stepWeight == 0 ? 1 : (double) unit / stepWeight);
        double optimizerSeconds = DataClock.secondsSince(update);
        state.step++;
        state.lossSum += lossSum;
        state.lossWeight += stepWeight;
        samples += stepSamples;
        weight += stepWeight;
        StepReport report = new StepReport(
                state.epoch,
                state.step,
                state.batchInEpoch,
                state.batchesPerEpoch,
                stepWeight == 0 ? 0 : lossSum / stepWeight,
                optimizer.learningRate(),
                optimizer.gradientNorm(),
                stepSamples,
                stepWeight,
                DataClock.secondsSince(start),
                clock.seconds() - waitBefore,
                forwardSeconds,
                backwardSeconds,
                optimizerSeconds);
        listeners.forEach(listener -> listener.onStep(report));
    }

    /**
     * Adds the gradient of a batch, weighted against the first batch of the step, and returns its loss. A loss that is no
     * number, or too large, stops the run before a parameter changes.
     */
    private double backward(LoadedBatch batch, double share) {
        prepare(batch);
        seed.forBatch(state.epoch, state.batchInEpoch);
        long start = System.nanoTime();
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList predictions = trainer.forward(batch.data(), batch.labels());
            NDArray loss = LoadedBatch.scalar(trainer.getLoss().evaluate(batch.labels(), predictions));
            forwardSeconds += DataClock.secondsSince(start);
            start = System.nanoTime();
            collector.backward(share == 1 ? loss : loss.mul(share));
            // Read only now: a device is waited for once, with all of its work before it.
            double value = LoadedBatch.value(loss);
            backwardSeconds += DataClock.secondsSince(start);
            if (!Double.isFinite(value)) {
                throw new DivergedException("a batch loss that is", state.step + 1, value, "finite");
            }
            if (value > plan.divergenceLimit()) {
                throw new DivergedException("a batch loss", state.step + 1, value, "≤ " + plan.divergenceLimit());
            }
            return value;
        }
    }

    /** What only the first batch can tell: shapes, and how many batches there will be. */
    private void prepare(LoadedBatch batch) {
        initialisation.ensure(trainer, batch.data());
        if (state.batchesPerEpoch == 0) {
            state.batchesPerEpoch = data instanceof SqliteDataset<?> exact
                    ? exact.batchesPerEpoch()
                    : (data.size() + batch.size() - 1) / batch.size();
        }
        long stepsPerEpoch = (state.batchesPerEpoch + plan.accumulation() - 1) / plan.accumulation();
        optimizer.setTotalSteps(stepsPerEpoch * plan.epochs());
    }
}
