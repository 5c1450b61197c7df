package dev.millrace.model;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Kernels with exact gradients, which DJL lacks, gather and scatter first: the only class that reaches below DJL's interfaces.
 *
 * <p>They are TorchScript, kept as text in {@code scatter_kernels.torchscript} and compiled once per process on first use.
 * They have no parameters and no state, so that one module serves every device and thread.
 *
 * <p>Values are float32 or float64, indices int64, results new arrays attached to the manager of the <em>first</em>
 * argument. Like every other operation they are recorded for back-propagation when gradients are on for the calling
 * thread, whatever its {@code training} flag says. An index outside its range is an {@code EngineException} on a CPU and
 * an asynchronous device error on a GPU; it never reads or writes elsewhere. Empty indices are allowed.
 *
 * <p>Thread-safe.
 */
final class ScatterAdd {
    private static final String SOURCE = "scatter_kernels.torchscript";
    private static final String CLASS_NAME = "Kernels";

    private ScatterAdd() {}

    /** {@code [R, W]} and index {@code [K]} → {@code [K, W]}: {@code out[k] = values[index[k]]}. */
    static NDArray takeRows(NDArray values, NDArray index) {
        return run(Kernel.TAKE_ROWS, values, index);
    }

    /** {@code [K, W]}, index {@code [K]} → {@code [R, W]}: sum by index, with as many rows as {@code like} has. */
    static NDArray sumRows(NDArray values, NDArray index, NDArray like) {
        return run(Kernel.SUM_ROWS, values, index, like);
    }

    /** As {@link #sumRows} with the maximum; a row without values is 0, equal maxima share the gradient. */
    static NDArray maxRows(NDArray values, NDArray index, NDArray like) {
        return run(Kernel.MAX_ROWS, values, index, like);
    }

    /** {@code [R, W]}, {@code [K, W]}, index {@code [K]} → {@code [K, W]}: {@code relu(values[index[k]] + added[k])}. */
    static NDArray addRowsRelu(NDArray values, NDArray added, NDArray index) {
        return run(Kernel.ADD_ROWS_RELU, values, added, index);
    }

    /** Codes int64 {@code [K, C]} → rows int64 {@code [K, G]}; what the rest is says {@link CodeColumns}. */
    static NDArray groupCodes(
            NDArray codes, NDArray strides, NDArray sizes, NDArray groups, NDArray bases, NDArray like) {
        return run(Kernel.GROUP_CODES, codes, strides, sizes, groups, bases, like);
    }

    /** Rows {@code [K, G]} → {@code [K, W]}: sums of the table's rows; see {@link CodeColumns#embed}. */
    static NDArray embedRows(NDArray rows, NDArray table, NDArray members, NDArray starts) {
        return run(Kernel.EMBED_ROWS, rows, table, members, starts);
    }

    /** {@code [N, W]} → {@code [N, W]}: {@code (1 + root) node + Σ neighbour} over the edges. */
    static NDArray ginJoin(NDArray nodes, NDArray root, NDArray sources, NDArray targets) {
        return run(Kernel.GIN_JOIN, nodes, root, sources, targets);
    }

    /** As {@link #ginJoin} with {@code relu(neighbour + bond)}, bonds {@code [E, W]}. */
    static NDArray gineJoin(NDArray nodes, NDArray root, NDArray sources, NDArray targets, NDArray bonds) {
        return run(Kernel.GINE_JOIN, nodes, root, sources, targets, bonds);
    }

    /** As {@link #gineJoin} with the bonds that {@link #embedRows} makes of the last four. */
    static NDArray gineJoin(
            NDArray nodes,
            NDArray root,
            NDArray sources,
            NDArray targets,
            NDArray rows,
            NDArray table,
            NDArray members,
            NDArray starts) {
        return run(Kernel.GINE_JOIN_ROWS, nodes, root, sources, targets, rows, table, members, starts);
    }

    /** {@code [N, V]} → {@code [N, W]}: two linear maps, each a weight and a bias, with an activation between them. */
    static NDArray perceptron(GraphEncoderConfig.ActivationKind activation, NDArray rows, NDArray... maps) {
        Kernel kernel = switch (activation) {
            case RELU -> Kernel.PERCEPTRON_RELU;
            case GELU -> Kernel.PERCEPTRON_GELU;
            case SILU -> Kernel.PERCEPTRON_SILU;
            case TANH -> Kernel.PERCEPTRON_TANH;
        };
        return run(kernel, rows, maps[0], maps[1], maps[2], maps[3]);
    }

    /** {@code [R, 2 W]} → {@code [R, W]}: the first half of each row times the sigmoid of the second. */
    static NDArray gate(NDArray rows) {
        return run(Kernel.GATE, rows);
    }

    /** Queries, keys and values {@code [B, heads, W, D]} → {@code [B, heads, W, D]}; nothing is seen before it is there. */
    static NDArray causalAttention(NDArray queries, NDArray keys, NDArray values) {
        return run(Kernel.CAUSAL_ATTENTION, queries, keys, values);
    }

    /** Logits {@code [R, V]}, ids {@code [R]}, mask {@code [R]} → {@code [R]}: −ln of the likelihood, 0 where the mask is 0. */
    static NDArray tokenLosses(NDArray logits, NDArray labels, NDArray mask) {
        return run(Kernel.TOKEN_LOSSES, logits, labels, mask);
    }

    /** Whether operations of the calling thread are recorded for back-propagation. PyTorch only. */
    static boolean gradientsOn() {
        return JniUtils.isGradMode();
    }

    /** Sets whether operations of the calling thread are recorded for back-propagation. PyTorch only. */
    static void setGradients(boolean on) {
        JniUtils.setGradMode(on);
    }

    /** Threads that one operation may use on a CPU. PyTorch only. */
    static int engineThreads() {
        return JniUtils.getNumThreads();
    }

    /** {@link OptimizerKernels#norm}. */
    static double gradientNorm(List<NDArray> gradients) {
        try (IValue norm = runOnLists("gradient_norm", list(gradients))) {
            return norm.toDouble();
        }
    }

    /** {@link OptimizerKernels#step}. */
    static void adamW(
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> means,
            List<NDArray> variances,
            double... settings) {
        IValue[] arguments = new IValue[4 + settings.length];
        arguments[0] = list(weights);
        arguments[1] = list(gradients);
        arguments[2] = list(means);
        arguments[3] = list(variances);
        for (int i = 0; i < settings.length; i++) {
            arguments[4 + i] = IValue.from(settings[i]);
        }
        runOnLists("adamw", arguments).close();
    }

    /** Sets what an array has collected as its gradient to zero. */
    static void clearGradient(NDArray weight) {
        JniUtils.zeroGrad((PtNDArray) weight);
    }

    private static IValue list(List<NDArray> arrays) {
        return IValue.listFrom(arrays.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    }

    /** Runs under the inference guard: nothing here is ever differentiated. */
    private static IValue runOnLists(String method, IValue... arguments) {
        try {
            return IValueUtils.runMethod(Module.INSTANCE.block, method, arguments);
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    private static NDArray run(Kernel kernel, NDArray... arguments) {
        NDManager manager = arguments[0].getManager();
        if (!(manager instanceof PtNDManager)) {
            throw new IllegalArgumentException(
                    "Cannot run a scatter kernel: expected arrays of the PyTorch engine, found "
                            + manager.getEngine().getEngineName() + ". Create the model with the engine PyTorch.");
        }
        NDList inputs = new NDList(arguments.length + 1);
        for (NDArray argument : arguments) {
            inputs.add(argument);
        }
        inputs.add(Module.INSTANCE.selector(kernel));
        // The graph optimizer would replace the derivatives of these few operations by slower ones that it composes
        // itself.
        // It is a setting of the thread; on is what libtorch starts with.
        JniUtils.setGraphExecutorOptimize(false);
        try {
            // "training" only means: not under PyTorch's inference guard, whose results could never meet a gradient
            // again.
            return IValueUtils.forward(Module.INSTANCE.block, inputs, true).get(0);
        } finally {
            JniUtils.setGraphExecutorOptimize(true);
        }
    }

    private enum Kernel {
        TAKE_ROWS,
        SUM_ROWS,
        MAX_ROWS,
        GROUP_CODES,
        EMBED_ROWS,
        ADD_ROWS_RELU,
        GIN_JOIN,
        GINE_JOIN,
        GINE_JOIN_ROWS,
        PERCEPTRON_RELU,
        PERCEPTRON_GELU,
        PERCEPTRON_SILU,
        PERCEPTRON_TANH,
        GATE,
        CAUSAL_ATTENTION,
        TOKEN_LOSSES
    }

    /** The compiled kernels; loaded once and kept for the life of the process. */
    private static final class Module {
        static final Module INSTANCE = new Module();

        final PtSymbolBlock block;
        /** DJL picks the method of a module by an input array of this name, which is not passed on. */
        private final Map<Kernel, NDArray> selectors = new EnumMap<>(Kernel.class);

        @SuppressWarnings("resource") // Lives as long as the engine.
        Module() {
            NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
            byte[] archive = TorchScriptArchive.of(CLASS_NAME, source());
            try {
                block = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
            } catch (IOException impossible) {
                throw new UncheckedIOException("Cannot read from memory.", impossible);
            }
            for (Kernel kernel : Kernel.values()) {
                NDArray selector = manager.create(new Shape(1));
                selector.setName("module_method:" + kernel.name().toLowerCase(Locale.ROOT));
                selectors.put(kernel, selector);
            }
        }

        NDArray selector(Kernel kernel) {
            return Objects.requireNonNull(selectors.get(kernel));
        }

        private static String source() {
            try (InputStream in = ScatterAdd.class.getResourceAsStream(SOURCE)) {
                if (in == null) {
                    throw new IllegalStateException("Cannot load the scatter kernels: expected the resource " + SOURCE
                            + " beside this class, found none. The jar is incomplete; build it again.");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the resource " + SOURCE + ".", e);
            }
        }
    }
}
