package dev.millrace.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records training in a {@link Run}: under {@link TrainingRun} as a {@link RunListener}, under {@code EasyTrain.fit} as one of
 * DJL's listeners.
 *
 * <pre>
 *   each step    loss, learning_rate, samples_per_second, data_wait_share, gradient_norm (on request)
 *   each epoch   train: loss, learning_rate, samples_per_second, data_wait_share, epoch_seconds
 *                val:   loss, every evaluator, validation_seconds
 * </pre>
 *
 * <p>Losses are weighted by the samples of each batch. Under {@code EasyTrain} a step is a batch, the share of waiting is not
 * known, the loss is computed once more, the learning rate needs {@link #readFrom}, evaluators are read from DJL's own
 * listeners, which must be added before this one, and who made the run finishes it.
 *
 * <p>Nothing that goes wrong here reaches the training: it is logged once and counted in {@link #failures}. One training
 * thread at a time.
 */
public final class MetricsListener implements RunListener, TrainingListener {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsListener.class);
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(5);
    private static final String LEARNING_RATE = "learning_rate";
    private static final String SAMPLES_PER_SECOND = "samples_per_second";
    private static final String DATA_WAIT_SHARE = "data_wait_share";
    private static final String TRAIN = "train";
    private static final String VALIDATION = "val";

    private final MetricsStore store;
    private final Run run;
    private boolean gradientNorm;
    private @Nullable AdamW optimizer;
    private long failures;

    private final Totals training = new Totals();
    private final Totals validation = new Totals();
    private long easyStep;
    private int easyEpoch;
    private long lastEvent;

    private MetricsListener(MetricsStore store, Run run) {
        this.store = store;
        this.run = run;
    }

    /** Records in a run of a store; both stay the caller's to finish and close. */
    public static MetricsListener of(MetricsStore store, Run run) {
        return new MetricsListener(store, run);
    }

    /** Records the norm of the gradient at each step too. */
    public MetricsListener withGradientNorm() {
        gradientNorm = true;
        return this;
    }

    /** Where learning rate and gradient norm come from under {@code EasyTrain.fit}. */
    public MetricsListener readFrom(AdamW source) {
        optimizer = source;
        return this;
    }

    /** How often something could not be recorded. */
    public long failures() {
        return failures;
    }

    @Override
    public void onStart(RunStart start) {
        guard(() -> {
            if (start.resumed()) {
                run.supersedeAfter(start.step());
            }
            for (String notice : start.notices()) {
                run.event("warning", notice);
            }
        });
    }

    @Override
    public void onStep(StepReport step) {
        guard(() -> {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(Monitor.LOSS, step.loss());
            values.put(LEARNING_RATE, step.learningRate());
            values.put(SAMPLES_PER_SECOND, rate(step.samples(), step.seconds()));
            values.put(DATA_WAIT_SHARE, step.seconds() > 0 ? step.dataWaitSeconds() / step.seconds() : 0);
            if (gradientNorm) {
                values.put("gradient_norm", step.gradientNorm());
            }
            run.logAll(step.step(), values);
        });
    }

    @Override
    public void onEpoch(EpochReport epoch) {
        guard(() -> {
            int number = Math.toIntExact(epoch.epoch());
            run.epochMetric(Monitor.LOSS, epoch.trainingLoss(), 0, number, TRAIN);
            run.epochMetric(LEARNING_RATE, epoch.learningRate(), 0, number, TRAIN);
            run.epochMetric(SAMPLES_PER_SECOND, epoch.samplesPerSecond(), 0, number, TRAIN);
            run.epochMetric(DATA_WAIT_SHARE, epoch.dataWaitShare(), 0, number, TRAIN);
            run.epochMetric("epoch_seconds", epoch.seconds(), 0, number, TRAIN);
            if (!epoch.validation().isEmpty()) {
                epoch.validation().forEach((name, value) -> run.epochMetric(name, value, 0, number, VALIDATION));
                run.epochMetric("validation_seconds", epoch.validationSeconds(), 0, number, VALIDATION);
            }
        });
    }

    @Override
    public void onBeforeCheckpoint(long step) {
        guard(() -> {
            if (!store.flush(FLUSH_TIMEOUT)) {
                throw new IllegalStateException("The metrics up to step " + step + " are not in the file after "
                        + FLUSH_TIMEOUT.toSeconds() + " s.");
            }
        });
    }

    @Override
    public void onCheckpoint(Path folder, long step) {
        guard(() -> run.event("info", "checkpoint " + folder.getFileName() + " at step " + step));
    }

    @Override
    public void onFinish(RunResult result) {
        guard(() -> {
            boolean interrupted = result.reason() == RunResult.StopReason.INTERRUPTED;
            run.event("info", "stopped at step " + result.steps() + ": " + result.reason());
            run.finish(interrupted ? RunStatus.INTERRUPTED : RunStatus.FINISHED);
        });
    }

    @Override
    public void onFailure(Throwable failure) {
        guard(() -> {
            run.event("error", String.valueOf(failure.getMessage()));
            run.finish(RunStatus.FAILED);
        });
    }

    @Override
    public void onTrainingBegin(Trainer trainer) {
        lastEvent = System.nanoTime();
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batch) {
        guard(() -> {
            easyStep++;
            int samples = batch.getBatch().getSize();
            double loss = loss(trainer, batch);
            double seconds = sinceLastEvent();
            training.add(loss, samples, seconds);
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(Monitor.LOSS, loss);
            values.put(SAMPLES_PER_SECOND, rate(samples, seconds));
            if (optimizer != null) {
                values.put(LEARNING_RATE, optimizer.learningRate());
                // DJL calls before the step is taken: the norm at hand is that of the step before.
                if (gradientNorm && easyStep > 1) {
                    run.log(easyStep - 1, "gradient_norm", optimizer.gradientNorm());
                }
            }
            run.logAll(easyStep, values);
        });
    }

    @Override
    public void onValidationBatch(Trainer trainer, BatchData batch) {
        guard(() -> validation.add(loss(trainer, batch), batch.getBatch().getSize(), sinceLastEvent()));
    }

    @Override
    public void onEpoch(Trainer trainer) {
        guard(() -> {
            if (training.samples > 0) {
                run.epochMetric(Monitor.LOSS, training.mean(), 0, easyEpoch, TRAIN);
                run.epochMetric(SAMPLES_PER_SECOND, rate(training.samples, training.seconds), 0, easyEpoch, TRAIN);
                run.epochMetric("epoch_seconds", training.seconds, 0, easyEpoch, TRAIN);
                if (optimizer != null) {
                    run.epochMetric(LEARNING_RATE, optimizer.learningRate(), 0, easyEpoch, TRAIN);
                }
            }
            if (validation.samples > 0) {
                run.epochMetric(Monitor.LOSS, validation.mean(), 0, easyEpoch, VALIDATION);
                run.epochMetric("validation_seconds", validation.seconds, 0, easyEpoch, VALIDATION);
                trainer.getEvaluators().stream()
                        .filter(evaluator -> evaluator != trainer.getLoss())
                        .forEach(evaluator -> recordEvaluator(trainer, evaluator.getName()));
            }
            training.reset();
            validation.reset();
            easyEpoch++;
        });
    }

    @Override
    public void onTrainingEnd(Trainer trainer) {
        guard(() -> run.event("info", "trainer closed after " + easyStep + " steps"));
    }

    private void recordEvaluator(Trainer trainer, String name) {
        Float value = trainer.getTrainingResult().getValidateEvaluation(name);
        if (value != null) {
            run.epochMetric(name, value, 0, easyEpoch, VALIDATION);
        }
    }

    private static double loss(Trainer trainer, BatchData batch) {
        double sum = 0;
        for (Map.Entry<Device, NDList> labels : batch.getLabels().entrySet()) {
            NDList predictions = batch.getPredictions().get(labels.getKey());
            if (predictions != null) {
                try (NDArray loss = trainer.getLoss().evaluate(labels.getValue(), predictions)) {
                    sum += LoadedBatch.value(LoadedBatch.scalar(loss));
                }
            }
        }
        return sum / Math.max(1, batch.getLabels().size());
    }

    private double sinceLastEvent() {
        double seconds = DataClock.secondsSince(lastEvent);
        lastEvent = System.nanoTime();
        return seconds;
    }

    private static double rate(long samples, double seconds) {
        return seconds > 0 ? samples / seconds : 0;
    }

    private void guard(Runnable recording) {
        try {
            recording.run();
        } catch (RuntimeException e) {
            if (failures++ == 0) {
                LOG.warn("Metrics are not recorded; training goes on. {}", e.toString());
            }
        }
    }

    /** Weighted mean of losses over an epoch. */
    private static final class Totals {
        private double lossSum;
        private long samples;
        private double seconds;

        void add(double loss, int count, double duration) {
            lossSum += loss * count;
            samples += count;
            seconds += duration;
        }

        double mean() {
            return samples == 0 ? Double.NaN : lossSum / samples;
        }

        void reset() {
            lossSum = 0;
            samples = 0;
            seconds = 0;
        }
    }
}
