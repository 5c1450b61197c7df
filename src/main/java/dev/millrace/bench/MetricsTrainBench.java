package dev.millrace.bench;

import ai.djl.Model;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.model.FeatureInput;
import dev.millrace.model.GraphEncoder;
import dev.millrace.model.GraphEncoderConfig;
import dev.millrace.monitor.MonitorSettings;
import dev.millrace.monitor.ResourceMonitor;
import dev.millrace.training.MetricsListener;
import dev.millrace.training.OptimizerSettings;
import dev.millrace.training.RunListener;
import dev.millrace.training.StepReport;
import dev.millrace.training.TrainingPlan;
import dev.millrace.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What recording and watching cost a training: one run whose windows of steps have them switched off and on in turn, so that
 * each window stands beside its neighbours, and slow drifts of the machine cancel out.
 */
final class MetricsTrainBench {
    private static final int GRAPHS = 20_000;
    private static final int BATCH_SIZE = 128;
    private static final int WARM_UP_STEPS = 100;
    private static final int WINDOW_STEPS = 60;
    private static final int PAIRS = 20;
    private static final long SEED = 42;

    private MetricsTrainBench() {}

    /** Time of a training step with metrics and monitor against without. */
    static List<Figure> overhead(Path folder) throws IOException {
        Path data = folder.resolve("graphs.db");
        SyntheticGraphs.write(data, GRAPHS, SEED);
        GraphEncoderConfig encoder = GraphEncoderConfig.of(
                        FeatureInput.nodesOf("ogb-9-3"), FeatureInput.bondsOf("ogb-9-3"))
                .withNumLayers(3)
                .withHiddenDim(64)
                .withNormalization(GraphEncoderConfig.Normalization.NONE);
        TrainingPlan plan = TrainingPlan.builder()
                .setEpochs(Integer.MAX_VALUE)
                .optMaxSteps(WARM_UP_STEPS + 2L * PAIRS * WINDOW_STEPS)
                .optOptimizer(OptimizerSettings.adamW(1e-3, 0))
                .optCheckpointSteps(0)
                .optSeed(SEED)
                .optDevice("cpu")
                .build();
        try (MetricsStore store = MetricsStore.open(folder.resolve("metrics.db"));
                SyntheticGraphDataset graphs = SyntheticGraphDataset.builder()
                        .setDatabase(data)
                        .setSampling(BATCH_SIZE, true)
                        .optSeed(SEED)
                        .optLoaderThreads(1)
                        .build();
                Model model = Model.newInstance("bench", TrainingRun.device("cpu"), "PyTorch")) {
            model.setBlock(new SequentialBlock()
                    .add(new GraphEncoder(encoder))
                    .add(Linear.builder().setUnits(1).build()));
            Switched windows = new Switched(store, store.startRun("bench", Map.of()));
            TrainingRun.builder()
                    .setModel(model)
                    .setPlan(plan)
                    .setLoss(Loss.l1Loss())
                    .setTraining(graphs)
                    .optListener(windows)
                    .build()
                    .run();
            return windows.figures();
        }
    }

    /** Records and watches during every second window. */
    private static final class Switched implements RunListener {
        private final MetricsListener metrics;
        private final ResourceMonitor monitor;
        private final double[] seconds = new double[2 * PAIRS];
        private final double[] cpuSeconds = new double[2 * PAIRS];
        private long started;
        private long cpuStarted;

        Switched(MetricsStore store, Run run) {
            metrics = MetricsListener.of(store, run);
            monitor = ResourceMonitor.of(run::resource, MonitorSettings.defaults());
        }

        @Override
        public void onStep(StepReport step) {
            long measured = step.step() - WARM_UP_STEPS;
            if (measured > 0 && isOn((int) ((measured - 1) / WINDOW_STEPS))) {
                metrics.onStep(step);
            }
            if (measured >= 0 && measured % WINDOW_STEPS == 0) {
                change((int) (measured / WINDOW_STEPS));
            }
        }

        private void change(int next) {
            if (next > 0) {
                seconds[next - 1] = MetricsWriteBench.seconds(started);
                cpuSeconds[next - 1] = (ProcessUse.cpuNanos() - cpuStarted) / 1e9;
            }
            if (next < seconds.length && isOn(next)) {
                monitor.start();
            } else {
                monitor.close();
            }
            started = System.nanoTime();
            cpuStarted = ProcessUse.cpuNanos();
        }

        /** Off, on, on, off: so that neither is always the later one. */
        private static boolean isOn(int window) {
            return window % 4 == 1 || window % 4 == 2;
        }

        List<Figure> figures() {
            return List.of(
                    Figure.atMost(
                            "training_overhead",
                            "training step with metrics and monitor against without, median of " + PAIRS + " pairs",
                            medianOverhead(seconds),
                            "%",
                            1),
                    Figure.plain("training_cpu_overhead", "the same, CPU time", medianOverhead(cpuSeconds), "%"));
        }

        private static double medianOverhead(double[] windows) {
            double[] percent = new double[PAIRS];
            for (int pair = 0; pair < PAIRS; pair++) {
                double first = windows[2 * pair];
                double second = windows[2 * pair + 1];
                percent[pair] = 100 * ((isOn(2 * pair) ? first / second : second / first) - 1);
            }
            Arrays.sort(percent);
            return (percent[PAIRS / 2] + percent[(PAIRS - 1) / 2]) / 2;
        }
    }
}
