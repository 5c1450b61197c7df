package dev.millrace.training;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.util.Pair;
import dev.millrace.model.OptimizerKernels;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), whose state can be saved and restored bit for bit.
 *
 * <p>Beyond DJL's own: clipping by the norm of the whole gradient, learning rates by parameter name, a {@link Schedule}
 * counted in steps, no decay of biases and norms unless asked. Works under {@link TrainingRun} and, unchanged, under
 * {@code EasyTrain.fit}:
 *
 * {@snippet :
 * AdamW optimizer = AdamW.of(model, OptimizerSettings.adamW(1e-3, 1e-2));
 * var config = new DefaultTrainingConfig(loss).optOptimizer(optimizer).addTrainingListeners(Defaults.basic());
 * }
 *
 * <p>The moments live under the model's manager until {@link #close()} or the model's own close. One device; one thread at
 * a time.
 */
public final class AdamW extends Optimizer implements AutoCloseable {
    /*
     * A parameter is updated once per step, in an order DJL does not fix. The norm needs all gradients before the first
     * update zeroes one, so a step is begun explicitly by TrainingRun, or by the first update of a parameter that already
     * had its turn in the step under way.
     */
    private static final int STATE_MAGIC = 0x4D52_4157;
    private static final int STATE_VERSION = 1;
    private static final int MAX_RANK = 16;

    private final Model model;
    private final OptimizerSettings settings;
    private final Schedule schedule;
    private final double clipNorm;
    private final NDManager manager;
    private final Map<String, Slot> slotsById = new HashMap<>();
    private final Map<String, Slot> slots = new TreeMap<>();
    private long totalSteps;
    private long step;
    private double rateScale = 1;
    private double gradientScale = 1;
    private double gradientNorm = Double.NaN;

    private AdamW(Model model, OptimizerSettings settings, Schedule schedule, double clipNorm, long totalSteps) {
        super(new Builder());
        this.model = model;
        this.settings = settings;
        this.schedule = schedule;
        this.clipNorm = clipNorm;
        this.totalSteps = totalSteps;
        this.manager = model.getNDManager().newSubManager();
        this.manager.setName("AdamW moments");
    }

    /** A constant learning rate and no clipping. */
    public static AdamW of(Model model, OptimizerSettings settings) {
        return of(model, settings, new Schedule.Constant(), 0, 0);
    }

    /**
     * An optimizer for the parameters of a model.
     *
     * @param clipNorm largest norm of the whole gradient, 0 for no clipping
     * @param totalSteps length of the run, for schedules that need it
     * @throws InvalidPlanException if a setting is out of range
     */
    public static AdamW of(
            Model model, OptimizerSettings settings, Schedule schedule, double clipNorm, long totalSteps) {
        List<String> faults = new ArrayList<>();
        settings.addFaults(faults);
        schedule.addFaults(faults);
        if (!(clipNorm >= 0)) {
            faults.add("gradient clip norm must be ≥ 0 (0 for none), found " + clipNorm);
        }
        if (!faults.isEmpty()) {
            throw new InvalidPlanException(faults);
        }
        return new AdamW(model, settings, schedule, clipNorm, totalSteps);
    }

    /** Steps begun so far. */
    public long step() {
        return step;
    }

    /** Learning rate of the step under way, or of the next one when none has begun; groups have their own. */
    public double learningRate() {
        return settings.learningRate() * rateFactor(Math.max(0, step - 1));
    }

    /** Norm of the whole gradient at the last step, before clipping; NaN before the first. */
    public double gradientNorm() {
        return gradientNorm;
    }

    void setTotalSteps(long steps) {
        totalSteps = steps;
    }

    void setRateScale(double scale) {
        rateScale = scale;
    }

    private double rateFactor(long atStep) {
        return schedule.factor(atStep, totalSteps) * rateScale;
    }

    /**
     * Begins a step and updates every parameter that has a gradient. What DJL's own step does beside that, looking for
     * gradients that are all zero, copying each and calling the engine for each parameter, is left out.
     *
     * @param scale what the gradients are multiplied by first: the share of one batch in an accumulated sum
     * @throws DivergedException if the gradient is not finite; nothing has changed then
     */
    void takeStep(double scale) {
        try (NDList gradients = new NDList()) {
            List<Slot> trained = collect(gradients);
            beginStep(gradients, scale);
            // A step of the engine has one rate, one decay and one count.
            Map<UpdateLists.Kind, UpdateLists> groups = new LinkedHashMap<>();
            for (int i = 0; i < trained.size(); i++) {
                Slot slot = trained.get(i);
                NDArray weight = slot.parameter.getArray();
                begin(slot, weight);
                groups.computeIfAbsent(kind(slot, weight), key -> new UpdateLists())
                        .add(weight, gradients.get(i), slot.mean(), slot.variance());
            }
            groups.forEach((key, lists) -> lists.step(key));
        }
    }

    @Override
    public void update(String parameterId, NDArray weight, NDArray grad) {
        Slot slot = slot(parameterId);
        if (slot.lastStep == step) {
            try (NDList gradients = new NDList()) {
                collect(gradients);
                beginStep(gradients, 1);
            }
        }
        begin(slot, weight);
        UpdateLists single = new UpdateLists();
        single.add(weight, grad, slot.mean(), slot.variance());
        single.step(kind(slot, weight));
        OptimizerKernels.clearGradient(weight);
    }

    /** Parameters that have a gradient, and their gradients. */
    private List<Slot> collect(NDList gradients) {
        List<Slot> trained = new ArrayList<>();
        for (Slot slot : slots().values()) {
            NDArray weight = slot.parameter.getArray();
            if (weight.hasGradient()) {
                trained.add(slot);
                gradients.add(weight.getGradient());
            }
        }
        return trained;
    }

    /** Measures the gradients and begins a step. */
    private void beginStep(NDList gradients, double scale) {
        double norm = OptimizerKernels.norm(gradients) * scale;
        if (!Double.isFinite(norm)) {
            throw new DivergedException("gradient norm", step + 1, norm, "finite");
        }
        gradientNorm = norm;
        gradientScale = clipNorm > 0 && norm > clipNorm ? scale * (clipNorm / norm) : scale;
        step++;
    }

    private void begin(Slot slot, NDArray weight) {
        slot.lastStep = step;
        slot.prepare(weight, manager);
        slot.updates++;
    }

    private UpdateLists.Kind kind(Slot slot, NDArray weight) {
        return new UpdateLists.Kind(
                weight.getDataType(),
                new OptimizerKernels.Step(
                        slot.updates,
                        gradientScale,
                        slot.learningRate * rateFactor(step - 1),
                        slot.weightDecay,
                        settings.beta1(),
                        settings.beta2(),
                        settings.epsilon()));
    }

    private Slot slot(String parameterId) {
        slots();
        Slot slot = slotsById.get(parameterId);
        if (slot == null) {
            throw new IllegalStateException("Cannot update parameter " + parameterId + ": expected one of the model '"
                    + model.getName() + "', found another. Make the optimizer with the model that is trained.");
        }
        return slot;
    }

    /** Trainable parameters by name, found when first needed: a block may get its children late. */
    private Map<String, Slot> slots() {
        if (slots.isEmpty()) {
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                if (entry.getValue().requiresGradient()) {
                    Slot slot = new Slot(entry.getKey(), entry.getValue(), settings);
                    slots.put(slot.name, slot);
                    slotsById.put(entry.getValue().getId(), slot);
                }
            }
            for (ParameterGroup group : settings.groups()) {
                if (slots.keySet().stream().noneMatch(group::matches)) {
                    throw new InvalidPlanException(List.of("parameter group '" + group.prefix()
                            + "' matches no trainable parameter; there are " + slots.keySet()));
                }
            }
        }
        return slots;
    }

    /** Writes step count and moments by parameter name, bit for bit. */
    void save(DataOutputStream out) throws IOException {
        out.writeInt(STATE_MAGIC);
        out.writeInt(STATE_VERSION);
        out.writeLong(step);
        List<Slot> used =
                slots().values().stream().filter(slot -> slot.mean != null).toList();
        out.writeInt(used.size());
        for (Slot slot : used) {
            out.writeUTF(slot.name);
            out.writeLong(slot.updates);
            out.writeUTF(slot.mean().getDataType().name());
            long[] shape = slot.mean().getShape().getShape();
            out.writeInt(shape.length);
            for (long dimension : shape) {
                out.writeLong(dimension);
            }
            out.write(slot.mean().toByteArray());
            out.write(slot.variance().toByteArray());
        }
    }

    /**
     * Restores what {@link #save} wrote. Names, types and shapes must be those of the model.
     *
     * @throws IOException if the state does not fit or ends early
     */
    void load(DataInputStream in) throws IOException {
        if (in.readInt() != STATE_MAGIC) {
            throw new IOException("expected an optimizer state, found another kind of file");
        }
        int version = in.readInt();
        if (version != STATE_VERSION) {
            throw new IOException("expected optimizer state version " + STATE_VERSION + ", found " + version);
        }
        step = in.readLong();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String name = in.readUTF();
            Slot slot = slots().get(name);
            if (slot == null) {
                throw new IOException("expected the moments of a trainable parameter, found those of '" + name + "'");
            }
            slot.updates = in.readLong();
            slot.read(in, manager);
        }
        slots().values().forEach(slot -> slot.lastStep = step);
    }

    /** Releases the moments. */
    @Override
    public void close() {
        manager.close();
        slots.clear();
        slotsById.clear();
    }

    /** What the optimizer keeps for one parameter. */
    private static final class Slot {
        private final String name;
        private final Parameter parameter;
        private final double learningRate;
        private final double weightDecay;
        private @Nullable NDArray mean;
        private @Nullable NDArray variance;
        private long updates;
        private long lastStep;

        Slot(String name, Parameter parameter, OptimizerSettings settings) {
            this.name = name;
            this.parameter = parameter;
            this.learningRate = settings.groups().stream()
                    .filter(group -> group.matches(name))
                    .mapToDouble(ParameterGroup::learningRate)
                    .findFirst()
                    .orElse(settings.learningRate());
            boolean decays = settings.decayBiasAndNorm()
                    || switch (parameter.getType()) {
                        case BIAS, GAMMA, BETA -> false;
                        default -> true;
                    };
            this.weightDecay = decays ? settings.weightDecay() : 0;
        }

        NDArray mean() {
            return present(mean);
        }

        NDArray variance() {
            return present(variance);
        }

        private NDArray present(@Nullable NDArray moment) {
            if (moment == null) {
                throw new IllegalStateException("No moments yet for " + name);
            }
            return moment;
        }

        void prepare(NDArray weight, NDManager manager) {
            Device device = weight.getDevice();
            if (mean == null) {
                mean = manager.zeros(weight.getShape(), weight.getDataType(), device);
                variance = manager.zeros(weight.getShape(), weight.getDataType(), device);
            } else if (!mean.getDevice().equals(device)) {
                throw new IllegalStateException("Cannot update " + name + ": expected it on " + mean.getDevice()
                        + ", found it on " + device + " too. This optimizer trains on one device.");
            }
        }

        void read(DataInputStream in, NDManager manager) throws IOException {
            NDArray weight = parameter.getArray();
            String type = in.readUTF();
            int rank = in.readInt();
            if (rank < 0 || rank > MAX_RANK) {
                throw new IOException("expected a rank ≤ " + MAX_RANK + " for '" + name + "', found " + rank);
            }
            long[] shape = new long[rank];
            for (int i = 0; i < rank; i++) {
                shape[i] = in.readLong();
            }
            DataType expected = weight.getDataType();
            if (!type.equals(expected.name())
                    || !Arrays.equals(shape, weight.getShape().getShape())) {
                throw new IOException("expected moments of '" + name + "' as " + expected + " " + weight.getShape()
                        + ", found " + type + " " + Arrays.toString(shape));
            }
            prepare(weight, manager);
            fill(mean(), in);
            fill(variance(), in);
        }

        private static void fill(NDArray target, DataInputStream in) throws IOException {
            byte[] bytes = in.readNBytes(
                    Math.toIntExact(target.size() * target.getDataType().getNumOfBytes()));
            if (bytes.length != target.size() * target.getDataType().getNumOfBytes()) {
                throw new IOException("the optimizer state ends early");
            }
            target.set(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
        }
    }

    /** DJL wants one to construct an optimizer; ours is configured by {@link OptimizerSettings}. */
    private static final class Builder extends OptimizerBuilder<Builder> {
        @Override
        protected Builder self() {
            return this;
        }
    }
}
