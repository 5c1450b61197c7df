package dev.millrace.training;

import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.tracker.Tracker;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.Stage;
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
 *   stages       train, validate
 * </pre>
 *
 * <p>Losses, also those among the evaluators, are weighted by the samples of each batch, under {@link TrainingRun} by what a
 * {@link dev.millrace.model.WeightedLoss} counts.
 *
 * <p>Under {@code EasyTrain} a step is a batch and the evaluators are recorded for training too. The loss is computed once more.
 * Evaluators that are no losses are read from DJL's {@code EvaluatorTrainingListener} where the trainer has one, which must be
 * added before this, and added up here otherwise. The learning rate needs {@link #readFrom}; the share of waiting,
 * which includes moving the data, needs {@code trainer.setMetrics}, best with {@link StoredMetrics}. On a GPU values are read
 * from the device every {@link #readEvery} steps, so that no step waits for it. Who made the run finishes it.
 *
 * <p>Nothing that goes wrong here reaches the training: it is logged once and counted in {@link #failures}. One training
 * thread at a time.
 */
public final class MetricsListener implements RunListener, TrainingListener {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsListener.class);
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(5);
    static final String LEARNING_RATE = "learning_rate";
    private static final String PER_SECOND = "_per_second";
    static final String SAMPLES_PER_SECOND = "samples" + PER_SECOND;
    private static final String MASKED_SHARE = "masked_share";
    static final String DATA_WAIT_SHARE = "data_wait_share";
    static final String GRADIENT_NORM = "gradient_norm";
    static final String EPOCH_SECONDS = "epoch_seconds";
    static final String VALIDATION_SECONDS = "validation_seconds";
    private static final String TRAIN_STAGE = "train";
    private static final String VALIDATE_STAGE = "validate";
    static final String TRAIN = "train";
    static final String VALIDATION = "val";

    private final MetricsStore store;
    private final Run run;
    private EasyTrainSettings settings = EasyTrainSettings.PLAIN;
    private @Nullable EasyTrainRecorder easyTrain;
    private @Nullable String unit;
    private int placesPerSample;
    private @Nullable Stage stage;
    private boolean trainerClosed;
    private long failures;

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
        settings = settings.withGradientNorm();
        return this;
    }

    /**
     * Records what the loss of a run is a mean over, where that is not samples: {@code UNIT_per_second}, and
     * {@code masked_share}, which of the places of the samples did not count.
     *
     * @param name such as {@code loss_tokens}
     * @param places how many a sample has at most
     */
    public MetricsListener withUnit(String name, int places) {
        unit = name;
        placesPerSample = places;
        return this;
    }

    /** Where learning rate and gradient norm come from under {@code EasyTrain.fit}. */
    public MetricsListener readFrom(AdamW source) {
        settings = settings.readFrom(source);
        return this;
    }

    /** Where the learning rate comes from under {@code EasyTrain.fit} with an optimizer of DJL's: what it was given. */
    public MetricsListener readFrom(Tracker source) {
        settings = settings.readFrom(source);
        return this;
    }

    /**
     * Steps under {@code EasyTrain.fit} after which values are read from the device; otherwise 50 on a GPU, each on a CPU.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public MetricsListener readEvery(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("Expected a read every 1 or more steps, found " + steps + ".");
        }
        settings = settings.readEvery(steps);
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
    public void onEpochStart(long epoch) {
        guard(() -> enter(TRAIN_STAGE));
    }

    @Override
    public void onValidationStart(long epoch) {
        guard(() -> enter(VALIDATE_STAGE));
    }

    @Override
    public void onStep(StepReport step) {
        guard(() -> {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(Monitor.LOSS, step.loss());
            values.put(LEARNING_RATE, step.learningRate());
            values.put(SAMPLES_PER_SECOND, rate(step.samples(), step.seconds()));
            values.put(DATA_WAIT_SHARE, step.seconds() > 0 ? step.dataWaitSeconds() / step.seconds() : 0);
            if (unit != null) {
                values.put(unit + PER_SECOND, rate(step.weight(), step.seconds()));
                values.put(MASKED_SHARE, masked(step.weight(), step.samples()));
            }
            if (settings.gradientNorm()) {
                values.put(GRADIENT_NORM, step.gradientNorm());
            }
            run.logAll(step.step(), values);
        });
    }

    @Override
    public void onEpoch(EpochReport epoch) {
        guard(() -> {
            leave();
            int number = Math.toIntExact(epoch.epoch());
            run.epochMetric(Monitor.LOSS, epoch.trainingLoss(), 0, number, TRAIN);
            run.epochMetric(LEARNING_RATE, epoch.learningRate(), 0, number, TRAIN);
            run.epochMetric(SAMPLES_PER_SECOND, epoch.samplesPerSecond(), 0, number, TRAIN);
            if (unit != null) {
                run.epochMetric(unit + PER_SECOND, rate(epoch.weight(), epoch.seconds()), 0, number, TRAIN);
                run.epochMetric(MASKED_SHARE, masked(epoch.weight(), epoch.samples()), 0, number, TRAIN);
            }
            run.epochMetric(DATA_WAIT_SHARE, epoch.dataWaitShare(), 0, number, TRAIN);
            run.epochMetric(EPOCH_SECONDS, epoch.seconds(), 0, number, TRAIN);
            if (!epoch.validation().isEmpty()) {
                epoch.validation().forEach((name, value) -> run.epochMetric(name, value, 0, number, VALIDATION));
                run.epochMetric(VALIDATION_SECONDS, epoch.validationSeconds(), 0, number, VALIDATION);
            }
        });
    }

    @Override
    public void onBeforeCheckpoint(long step) {
        guard(() -> {
            if (!flush()) {
                throw new IllegalStateException("The metrics up to step " + step + " are not in the file after "
                        + FLUSH_TIMEOUT.toSeconds() + " s.");
            }
        });
    }

    /** Also on a thread that is interrupted: the checkpoint that follows is written all the same. */
    private boolean flush() {
        boolean interrupted = Thread.interrupted();
        boolean flushed = store.flush(FLUSH_TIMEOUT);
        if (!flushed && Thread.interrupted()) {
            interrupted = true;
            flushed = store.flush(FLUSH_TIMEOUT);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return flushed;
    }

    @Override
    public void onCheckpoint(Path folder, long step) {
        guard(() -> run.event("info", "checkpoint " + folder.getFileName() + " at step " + step));
    }

    @Override
    public void onFinish(RunResult result) {
        guard(() -> {
            leave();
            boolean interrupted = result.reason() == RunResult.StopReason.INTERRUPTED;
            run.event("info", "stopped at step " + result.steps() + ": " + result.reason());
            run.finish(interrupted ? RunStatus.INTERRUPTED : RunStatus.FINISHED);
        });
    }

    @Override
    public void onFailure(Throwable failure) {
        guard(() -> {
            Stage current = stage;
            if (current != null) {
                current.fail();
            }
            run.event("error", String.valueOf(failure.getMessage()));
            run.finish(RunStatus.FAILED);
        });
    }

    @Override
    public void onTrainingBegin(Trainer trainer) {
        guard(() -> easyTrain().onTrainingBegin());
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batch) {
        guard(() -> {
            enter(TRAIN_STAGE);
            easyTrain().onTrainingBatch(trainer, batch);
        });
    }

    @Override
    public void onValidationBatch(Trainer trainer, BatchData batch) {
        guard(() -> {
            enter(VALIDATE_STAGE);
            easyTrain().onValidationBatch(trainer, batch);
        });
    }

    @Override
    public void onEpoch(Trainer trainer) {
        guard(() -> {
            leave();
            easyTrain().onEpoch(trainer);
        });
    }

    @Override
    public void onTrainingEnd(Trainer trainer) {
        guard(() -> {
            if (!trainerClosed) {
                trainerClosed = true;
                leave();
                EasyTrainRecorder recorder = easyTrain();
                run.event("info", "trainer closed after " + recorder.steps() + " steps");
                recorder.end();
            }
        });
    }

    /** Made late: the settings are complete only when training begins. */
    private EasyTrainRecorder easyTrain() {
        EasyTrainRecorder recorder = easyTrain;
        if (recorder == null) {
            recorder = new EasyTrainRecorder(run, settings);
            easyTrain = recorder;
        }
        return recorder;
    }

    /** Begins a stage unless it is the one that goes on. */
    private void enter(String name) {
        Stage current = stage;
        if (current == null || !current.name().equals(name)) {
            leave();
            stage = run.stage(name);
        }
    }

    private void leave() {
        Stage current = stage;
        if (current != null) {
            stage = null;
            current.close();
        }
    }

    private double masked(long weight, long samples) {
        return samples == 0 ? 0 : 1 - (double) weight / (samples * (double) placesPerSample);
    }

    static double rate(long samples, double seconds) {
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
}
