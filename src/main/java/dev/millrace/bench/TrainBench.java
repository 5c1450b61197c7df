package dev.millrace.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.model.EngineThreads;
import dev.millrace.model.GraphEncoder;
import dev.millrace.model.GraphEncoderConfig;
import dev.millrace.training.OptimizerSettings;
import dev.millrace.training.RunListener;
import dev.millrace.training.StepReport;
import dev.millrace.training.TrainingPlan;
import dev.millrace.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Measures training as {@link TrainingRun} does it, loading included: graph encoder, one linear output, absolute error, own
 * AdamW.
 *
 * <p>The steps after the warm-up are cut into windows. A window that others disturbed shows in {@code foreign_cpu_share};
 * the figures are those of the best window, with the median beside it.
 */
public final class TrainBench {
    private static final double LEARNING_RATE = 1e-3;

    private TrainBench() {}

    /**
     * What to measure.
     *
     * @param encoder the model under its linear output
     * @param warmUpSteps steps before the first window
     * @param steps measured steps
     * @param windows into how many parts they are cut
     * @param device as in {@link TrainingPlan}
     */
    public record Options(
            GraphEncoderConfig encoder,
            int batchSize,
            int warmUpSteps,
            int steps,
            int windows,
            int loaderThreads,
            boolean mapped,
            String device,
            long seed) {}

    /** Writes {@code count} synthetic graphs into a temporary folder, trains on them and removes them. */
    public static Map<String, Object> synthetic(int count, Options options) throws IOException {
        Path folder = Files.createTempDirectory("millrace-bench");
        Path file = folder.resolve("graphs.db");
        try {
            SyntheticGraphs.write(file, count, options.seed);
            return measure(
                    () -> SyntheticGraphDataset.builder()
                            .setDatabase(file)
                            .setSampling(options.batchSize, true)
                            .optSeed(options.seed)
                            .optLoaderThreads(options.loaderThreads)
                            .optMapped(options.mapped)
                            .build(),
                    options);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }

    /** Trains on a data set of graph batches with labels {@code [B, T]}; opens it with {@code open} and closes it. */
    public static Map<String, Object> measure(Supplier<? extends SqliteDataset<?>> open, Options options) {
        Windows windows = new Windows(options);
        TrainingPlan plan = TrainingPlan.builder()
                .setEpochs(Integer.MAX_VALUE)
                .optMaxSteps((long) options.warmUpSteps + options.steps)
                .optOptimizer(OptimizerSettings.adamW(LEARNING_RATE, 0))
                .optCheckpointSteps(0)
                .optSeed(options.seed)
                .optDevice(options.device)
                .build();
        try (SqliteDataset<?> data = open.get();
                Model model = Model.newInstance("bench", TrainingRun.device(options.device), "PyTorch")) {
            model.setBlock(new SequentialBlock()
                    .add(new GraphEncoder(options.encoder))
                    .add(Linear.builder().setUnits(1).build()));
            TrainingRun.builder()
                    .setModel(model)
                    .setPlan(plan)
                    .setLoss(new FirstColumn())
                    .setTraining(data)
                    .optListener(windows)
                    .build()
                    .run();
        }
        return windows.figures();
    }

    /** Mean absolute error of the first target, the gap; labels may have more. */
    private static final class FirstColumn extends Loss {
        FirstColumn() {
            super("l1");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            NDArray label = labels.head();
            NDArray first = label.getShape().get(1) == 1 ? label : label.get(":, 0:1");
            return first.sub(predictions.head()).abs().mean();
        }
    }

    /** Sums what the steps report, window by window. */
    private static final class Windows implements RunListener {
        private final Options options;
        private final List<Window> windows = new ArrayList<>();
        private Window current = new Window();

        Windows(Options options) {
            this.options = options;
        }

        @Override
        public void onStep(StepReport step) {
            long measured = step.step() - options.warmUpSteps;
            if (measured == 0) {
                current = new Window();
            } else if (measured > 0) {
                current.add(step);
                // Cut so that every step is in one window, also where the number of steps is no multiple.
                if (measured * options.windows / options.steps != (measured - 1) * options.windows / options.steps) {
                    current.end();
                    windows.add(current);
                    current = new Window();
                }
            }
        }

        Map<String, Object> figures() {
            Window best = windows.get(0);
            double[] rates = new double[windows.size()];
            double[] cpu = new double[windows.size()];
            double[] ownCpu = new double[windows.size()];
            for (int i = 0; i < rates.length; i++) {
                Window window = windows.get(i);
                rates[i] = window.rate();
                cpu[i] = 1e6 * window.cpuSeconds / window.graphs;
                ownCpu[i] = 1e6 * window.ownCpuSeconds / window.graphs;
                best = rates[i] > best.rate() ? window : best;
            }
            Arrays.sort(rates);
            Arrays.sort(cpu);
            Arrays.sort(ownCpu);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("graphs_per_second", Math.round(rates[rates.length - 1]));
            figures.put("median_graphs_per_second", Math.round(rates[rates.length / 2]));
            figures.put("step_ms", best.perStep(best.seconds));
            figures.put("wait_ms", best.perStep(best.wait));
            figures.put("forward_ms", best.perStep(best.forward));
            figures.put("backward_ms", best.perStep(best.backward));
            figures.put("optimizer_ms", best.perStep(best.optimizer));
            figures.put("wait_share", rounded(best.wait / best.seconds, 4));
            figures.put("cpu_us_per_graph", rounded(cpu[0], 2));
            figures.put("median_cpu_us_per_graph", rounded(cpu[cpu.length / 2], 2));
            figures.put("training_thread_cpu_us_per_graph", rounded(ownCpu[0], 2));
            figures.put("foreign_cpu_share", rounded(best.foreign, 3));
            figures.put("batch_size", options.batchSize);
            figures.put("steps", options.steps);
            figures.put("warm_up_steps", options.warmUpSteps);
            figures.put("windows", windows.size());
            figures.put("engine_threads", EngineThreads.count());
            figures.put("loader_threads", options.loaderThreads);
            figures.put("device", options.device);
            figures.put("encoder", options.encoder.toString());
            figures.put("peak_rss_mb", ProcessUse.peakResidentBytes() >> 20);
            return figures;
        }
    }

    /** Some consecutive steps. */
    private static final class Window {
        private final long start = System.nanoTime();
        private final long cpuStart = ProcessUse.cpuNanos();
        private final long ownCpuStart = ProcessUse.threadCpuNanos();
        private final MachineUse machine = MachineUse.now();
        private double seconds;
        private double cpuSeconds;
        private double ownCpuSeconds;
        private double foreign;
        private double wait;
        private double forward;
        private double backward;
        private double optimizer;
        private long graphs;
        private long steps;

        void add(StepReport step) {
            steps++;
            graphs += step.samples();
            wait += step.dataWaitSeconds();
            forward += step.forwardSeconds();
            backward += step.backwardSeconds();
            optimizer += step.optimizerSeconds();
        }

        void end() {
            seconds = (System.nanoTime() - start) / 1e9;
            cpuSeconds = (ProcessUse.cpuNanos() - cpuStart) / 1e9;
            ownCpuSeconds = (ProcessUse.threadCpuNanos() - ownCpuStart) / 1e9;
            foreign = MachineUse.now().foreignShare(machine, cpuSeconds);
        }

        double rate() {
            return graphs / seconds;
        }

        double perStep(double sum) {
            return rounded(1e3 * sum / steps, 3);
        }
    }

    private static double rounded(double value, int digits) {
        double scale = Math.pow(10, digits);
        return Math.round(value * scale) / scale;
    }
}
