package dev.millrace.training;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model by a {@link TrainingPlan}: steps with accumulation and clipping, validation, checkpoints, resume.
 *
 * {@snippet :
 * TrainingRun run = TrainingRun.builder()
 *         .setModel(model).setPlan(plan).setLoss(Loss.l2Loss()).setTraining(train)
 *         .optValidation(validation).optEvaluators(List.of(new Accuracy()))
 *         .optFolder(Path.of("runs/first")).optListener(progress)
 *         .build();
 * RunResult result = run.run();
 * }
 *
 * <p>The loss must be a mean over its batch. Losses are weighted by the number of samples of each batch, or by what a
 * {@link dev.millrace.model.WeightedLoss} counts, and so are the gradients of an accumulated step, whose last batch may be short. An evaluator that is itself a {@link Loss} is averaged
 * the same way; any other keeps its own account.
 *
 * <p>Resume is bit-exact on a CPU at an equal number of engine threads, for data sets that implement
 * {@link dev.millrace.batch.EpochOrder}, and for DJL's own ones, whose first batches are then read and thrown away.
 *
 * <p>One run per JVM at a time, on the thread that loaded the engine; model and data sets stay the caller's to close.
 * Interrupting the thread ends the run at the next step with a checkpoint.
 */
public final class TrainingRun {
    private static final AtomicBoolean RUNNING = new AtomicBoolean();

    private final Model model;
    private final TrainingPlan plan;
    private final Loss loss;
    private final RandomAccessDataset training;
    private final @Nullable RandomAccessDataset validation;
    private final List<Evaluator> evaluators;
    private final @Nullable Path folder;
    private final @Nullable Path resumeFrom;
    private final List<RunListener> listeners;
    private final Map<String, byte[]> attachments;
    private final Map<String, String> identity;
    private final Shape @Nullable [] inputShapes;
    private final List<Initialisation.Pretrained> pretrained;
    private final List<Checkpointer.Part> parts;

    private TrainingRun(Builder builder) {
        this.model = required(builder.model, "model");
        this.plan = required(builder.plan, "plan");
        this.loss = required(builder.loss, "loss");
        this.training = required(builder.training, "training data");
        this.validation = builder.validation;
        this.evaluators = List.copyOf(builder.evaluators);
        this.folder = builder.folder;
        this.resumeFrom = builder.resumeFrom;
        this.listeners = List.copyOf(builder.listeners);
        this.attachments = Map.copyOf(builder.attachments);
        this.identity = Map.copyOf(builder.identity);
        this.inputShapes = builder.inputShapes;
        this.pretrained = List.copyOf(builder.pretrained);
        this.parts = List.copyOf(builder.parts);
        check();
    }

    private static <T> T required(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalStateException("A training run needs a " + what + ".");
        }
        return value;
    }

    private void check() {
        List<String> faults = new ArrayList<>();
        String metric = plan.monitor().metric();
        boolean known = metric.equals(Monitor.LOSS)
                || (validation != null
                        && evaluators.stream()
                                .anyMatch(evaluator -> evaluator.getName().equals(metric)));
        if (!known) {
            faults.add("the monitored metric must be '" + Monitor.LOSS + "' or an evaluator on validation data, found '"
                    + metric + "' with evaluators "
                    + evaluators.stream().map(Evaluator::getName).toList());
        }
        if (training.size() == 0) {
            faults.add("training data must have samples, found none");
        }
        if (validation != null && validation.size() == 0) {
            faults.add("validation data must have samples, found none");
        }
        Device actual = model.getNDManager().getDevice();
        try {
            if (!actual.equals(device(plan.device()))) {
                faults.add("the model must be on device '" + plan.device() + "', found it on " + actual);
            }
        } catch (DeviceUnavailableException e) {
            faults.add("device '" + plan.device() + "' must be present. " + e.getMessage());
        }
        if (!faults.isEmpty()) {
            throw new InvalidPlanException(faults);
        }
    }

    /**
     * The device that a plan's {@code device} names, on this machine.
     *
     * @throws DeviceUnavailableException if it is not there
     */
    public static Device device(String name) {
        return DeviceChoice.parse(name).resolve();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Trains until the plan, the data or the thread's interruption ends it. Call once.
     *
     * @throws DivergedException if loss or gradient are no longer finite or within the limit
     * @throws CheckpointMismatchException if the checkpoint to resume from is of another run's kind
     * @throws CheckpointException if a checkpoint cannot be read or written
     */
    public RunResult run() {
        if (!RUNNING.compareAndSet(false, true)) {
            throw new IllegalStateException("Cannot train: expected no other run in this JVM, found one under way."
                    + " The engine collects gradients for one trainer at a time; wait for it or use another process.");
        }
        try {
            RunResult result = train();
            listeners.forEach(listener -> listener.onFinish(result));
            return result;
        } catch (RuntimeException | Error e) {
            for (RunListener listener : listeners) {
                try {
                    listener.onFailure(e);
                } catch (RuntimeException second) {
                    e.addSuppressed(second);
                }
            }
            throw e;
        } finally {
            RUNNING.set(false);
        }
    }

    private RunResult train() {
        freeze();
        EngineSeed seed = new EngineSeed(plan.seed());
        try (AdamW optimizer = AdamW.of(model, plan.optimizer(), plan.schedule(), plan.clipNorm(), 0)) {
            RunState state = new RunState(plan);
            List<String> notices = new ArrayList<>();
            Checkpointer checkpointer = new Checkpointer(
                    model,
                    optimizer,
                    plan,
                    loss,
                    training,
                    validation,
                    folder,
                    listeners,
                    attachments,
                    parts,
                    identity);
            if (resumeFrom != null) {
                checkpointer.resume(resumeFrom, state, notices);
            }
            var config = new DefaultTrainingConfig(loss)
                    .optOptimizer(optimizer)
                    .optDevices(new Device[] {model.getNDManager().getDevice()});
            try (Trainer trainer = trainer(config)) {
                announce(state, notices);
                Initialisation first = new Initialisation(seed, inputShapes, pretrained, resumeFrom != null);
                EpochLoop epochs = new EpochLoop(trainer, optimizer, plan, training, seed, first, state, listeners);
                Evaluation evaluation =
                        validation == null ? null : new Evaluation(trainer, loss, evaluators, validation);
                return new Course(plan, state, optimizer, epochs, evaluation, checkpointer, listeners).follow();
            }
        }
    }

    /** DJL lets every parameter of a model that was loaded be trained, frozen ones and running statistics too: as they were. */
    private Trainer trainer(DefaultTrainingConfig config) {
        List<Parameter> still = model.getBlock().getParameters().values().stream()
                .filter(parameter -> !parameter.requiresGradient())
                .toList();
        Trainer trainer = model.newTrainer(config);
        still.forEach(parameter -> parameter.freeze(true));
        return trainer;
    }

    private void announce(RunState state, List<String> notices) {
        RunStart start = new RunStart(
                plan,
                training.size(),
                validation == null ? 0 : validation.size(),
                state.epoch,
                state.step,
                resumeFrom != null,
                List.copyOf(notices));
        listeners.forEach(listener -> listener.onStart(start));
    }

    private void freeze() {
        for (String prefix : plan.frozen()) {
            boolean found = false;
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                if (ParameterGroup.matches(prefix, entry.getKey())) {
                    found = true;
                    entry.getValue().freeze(true);
                }
            }
            if (!found) {
                throw new InvalidPlanException(List.of("frozen prefix '" + prefix + "' matches no parameter; there are "
                        + model.getBlock().getParameters().keys()));
            }
        }
    }

    /** Collects what a run needs. One thread at a time. */
    public static final class Builder {
        private @Nullable Model model;
        private @Nullable TrainingPlan plan;
        private @Nullable Loss loss;
        private @Nullable RandomAccessDataset training;
        private @Nullable RandomAccessDataset validation;
        private List<? extends Evaluator> evaluators = List.of();
        private @Nullable Path folder;
        private @Nullable Path resumeFrom;
        private final List<RunListener> listeners = new ArrayList<>();
        private final Map<String, byte[]> attachments = new LinkedHashMap<>();
        private final Map<String, String> identity = new LinkedHashMap<>();
        private Shape @Nullable [] inputShapes;
        private final List<Initialisation.Pretrained> pretrained = new ArrayList<>();
        private final List<Checkpointer.Part> parts = new ArrayList<>();

        private Builder() {}

        /** The model with its block, on the plan's device; the block may be initialised or not. */
        public Builder setModel(Model value) {
            model = value;
            return this;
        }

        public Builder setPlan(TrainingPlan value) {
            plan = value;
            return this;
        }

        /** A loss that is the mean over its batch. */
        public Builder setLoss(Loss value) {
            loss = value;
            return this;
        }

        public Builder setTraining(RandomAccessDataset value) {
            training = value;
            return this;
        }

        public Builder optValidation(@Nullable RandomAccessDataset value) {
            validation = value;
            return this;
        }

        /** What to measure on the validation data beside the loss. */
        public Builder optEvaluators(List<? extends Evaluator> value) {
            evaluators = List.copyOf(value);
            return this;
        }

        /** The run's folder, where {@code last/} and {@code best/} go; none are written without it. */
        public Builder optFolder(@Nullable Path value) {
            folder = value;
            return this;
        }

        /** A run's folder or a checkpoint's to go on from. */
        public Builder optResume(@Nullable Path value) {
            resumeFrom = value;
            return this;
        }

        /** Adds a listener. */
        public Builder optListener(RunListener value) {
            listeners.add(value);
            return this;
        }

        /** Puts a small file into each checkpoint, such as the model's configuration for predicting. */
        public Builder optAttachment(String fileName, byte[] content) {
            Attachments.check(fileName);
            attachments.put(fileName, content.clone());
            return this;
        }

        /**
         * Names a setting beyond the plan that decides what is computed and leaves no trace in shapes, such as the model's
         * pooling. A resume with another value is refused.
         */
        public Builder optIdentity(String name, String value) {
            identity.put(name, value);
            return this;
        }

        /**
         * Copies all parameters of a block before the first step, unless the run resumes: a pre-trained backbone under a new
         * head. Names and shapes must agree.
         *
         * @param source such as the part of a model that {@link Checkpoint#loadModel} gives; open until the run has ended
         * @param target the part of this run's model that begins with these values
         */
        public Builder optPretrained(Block source, Block target) {
            pretrained.add(new Initialisation.Pretrained(source, target));
            return this;
        }

        /**
         * Saves a part of the model alone beside each best checkpoint, as a checkpoint to predict with or to begin another
         * run from, not to resume.
         *
         * @param folderName its folder in the run's folder
         * @param content small files for it, as {@link #optAttachment}
         */
        public Builder optPart(String folderName, Block part, Map<String, byte[]> content) {
            content.keySet().forEach(Attachments::check);
            parts.add(new Checkpointer.Part(folderName, part, Map.copyOf(content)));
            return this;
        }

        /** Shapes to initialise the block with; without them those of the first batch. */
        public Builder optInputShapes(Shape... value) {
            inputShapes = value.clone();
            return this;
        }

        /**
         * The run.
         *
         * @throws InvalidPlanException if plan, data, evaluators and device do not fit each other
         */
        public TrainingRun build() {
            return new TrainingRun(this);
        }
    }
}
