package dev.millrace.dashboard;

import dev.millrace.metrics.ClockedStores;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.Stage;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Runs as a training team has them, made up but recorded through the store itself: noise and spikes, a schedule, epochs, what the
 * machine did, stages, a run that diverged, one that was killed. The same seed gives the same values.
 */
final class SampleRuns {
    private static final long MINUTE = 60_000;
    private static final int STEPS_PER_EPOCH = 100;

    /** How a made-up training goes. */
    record Plan(
            String name,
            String tag,
            double rate,
            int batch,
            double dropout,
            double floor,
            double overfit,
            int epochs,
            RunStatus end,
            long seed) {
        double speed() {
            return 300 + 60 * seed;
        }
    }

    private static final Plan[] PLANS = {
        new Plan("baseline", "baseline", 1e-3, 128, 0.1, 0.52, 0.0, 30, RunStatus.FINISHED, 1),
        new Plan("wide-512", "sweep", 1e-3, 128, 0.1, 0.27, 0.0, 30, RunStatus.FINISHED, 2),
        new Plan("no-dropout", "sweep", 1e-3, 128, 0.0, 0.38, 0.012, 30, RunStatus.FINISHED, 3),
        new Plan("lr-1e-2", "sweep", 1e-2, 128, 0.1, 0.55, 0.0, 11, RunStatus.FAILED, 4),
    };

    private SampleRuns() {}

    /** Writes the file anew; {@code epochScale} shortens all runs. Runs end {@code endMillis}, one after the other. */
    static void write(Path file, long endMillis, double epochScale) {
        long start = endMillis - PLANS.length * 48L * MINUTE;
        for (Plan plan : PLANS) {
            ClockedStores.Hand clock = new ClockedStores.Hand(start);
            try (MetricsStore store = ClockedStores.open(file, clock)) {
                record(store, clock, plan, start, Math.max(2, (int) (plan.epochs * epochScale)));
            }
            start += 48 * MINUTE;
        }
        lengthenStages(file);
    }

    /** Stages last as long as the program that records them takes; here they shall last as long as the clock says. */
    static void lengthenStages(Path file) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("""
                    UPDATE stage SET duration_seconds = (coalesce(
                      (SELECT min(n.started_ms) FROM stage n
                       WHERE n.run_id = stage.run_id AND n.started_ms > stage.started_ms),
                      (SELECT r.ended_ms FROM run r WHERE r.run_id = stage.run_id)) - started_ms) / 1000.0
                    WHERE duration_seconds IS NOT NULL""");
        }
    }

    /** The same by a process that is killed in the middle. */
    static void writeCrashed(Path file) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SampleRuns.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!child.waitFor(60, TimeUnit.SECONDS)) {
            child.destroyForcibly();
            throw new IllegalStateException("The child that shall crash did not.");
        }
    }

    /** Records a part of a run and ends without another word. */
    public static void main(String[] arguments) {
        Plan plan = new Plan("seed-2", "baseline", 1e-3, 128, 0.1, 0.5, 0.0, 30, RunStatus.FINISHED, 5);
        long start = System.currentTimeMillis() - 20 * MINUTE;
        ClockedStores.Hand clock = new ClockedStores.Hand(start);
        MetricsStore store = ClockedStores.open(Path.of(arguments[0]), clock);
        Run run = begin(store, plan);
        run.stage("train");
        for (int epoch = 1; epoch <= 12; epoch++) {
            epoch(run, clock, plan, start, epoch, new Random(plan.seed * 31 + epoch));
            // A quarter of an hour in a second: without this, its samples would give way to each other.
            store.flush(Duration.ofSeconds(30));
        }
        Runtime.getRuntime().halt(137);
    }

    /** Starts a run and writes its settings. */
    static Run begin(MetricsStore store, Plan plan) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model.hidden", plan.name.contains("wide") ? 512 : 256);
        settings.put("model.layers", 5);
        settings.put("optimizer", "adamw");
        settings.put("learning_rate", plan.rate);
        settings.put("batch_size", plan.batch);
        settings.put("dropout", plan.dropout);
        settings.put("seed", plan.seed);
        settings.put("data", "spectra.db");
        Run run = store.startRun(plan.name, settings);
        run.tag(plan.tag);
        run.event("info", "training on 1 device, " + plan.epochs + " epochs of " + STEPS_PER_EPOCH + " steps");
        return run;
    }

    static Plan live() {
        return new Plan("warmup-cosine", "candidate", 2e-3, 128, 0.1, 0.16, 0.0, 30, RunStatus.RUNNING, 6);
    }

    private static void record(MetricsStore store, ClockedStores.Hand clock, Plan plan, long start, int epochs) {
        Run run = begin(store, plan);
        Stage build = run.stage("build.features");
        resources(run, clock, start, 0, 150, true, new Random(plan.seed));
        build.close();
        Stage train = run.stage("train");
        for (int epoch = 1; epoch <= epochs; epoch++) {
            epoch(run, clock, plan, start + 150_000, epoch, new Random(plan.seed * 31 + epoch));
            if (!store.flush(Duration.ofSeconds(30))) {
                throw new IllegalStateException("The sample cannot be written.", store.failure());
            }
        }
        if (plan.end == RunStatus.FAILED) {
            train.fail();
            run.event(
                    "error",
                    "training diverged at step " + epochs * STEPS_PER_EPOCH
                            + ": expected a finite loss, found NaN. Lower the learning rate.");
        } else {
            train.close();
            Stage evaluate = run.stage("evaluate");
            resources(run, clock, start + 150_000 + epochs * 75_000L, 0, 120, true, new Random(plan.seed + 7));
            evaluate.close();
            run.event("info", "best epoch saved to best/");
        }
        run.finish(plan.end);
    }

    /** One epoch of {@code STEPS_PER_EPOCH} steps in 75 s. */
    static void epoch(Run run, ClockedStores.Hand clock, Plan plan, long start, int epoch, Random random) {
        long begin = start + (epoch - 1) * 75_000L;
        int total = plan.epochs * STEPS_PER_EPOCH;
        double sum = 0;
        for (int i = 0; i < STEPS_PER_EPOCH; i++) {
            int step = (epoch - 1) * STEPS_PER_EPOCH + i + 1;
            clock.set(begin + i * 750L);
            double loss = loss(plan, step, random);
            sum += Double.isFinite(loss) ? loss : 0;
            double warm = Math.min(1, step / 200.0);
            run.log(step, "loss", loss);
            run.log(step, "learning_rate", plan.rate * warm * 0.5 * (1 + Math.cos(Math.PI * step / total)));
            run.log(step, "gradient_norm", Math.abs(loss) * (1.4 + Math.abs(0.5 * random.nextGaussian())) + 0.1);
            run.log(step, "samples_per_second", 1700 + 90 * random.nextGaussian() - (i < 6 ? 700 : 0));
            run.log(step, "data_wait_share", Math.max(0, 0.05 + 0.03 * random.nextGaussian() + (i < 6 ? 0.4 : 0)));
        }
        double train = sum / STEPS_PER_EPOCH;
        double gap = 0.03 + plan.overfit * Math.max(0, epoch - 8) + 0.008 * random.nextGaussian();
        boolean diverged = plan.end == RunStatus.FAILED && epoch > 10;
        run.epochMetric("loss", diverged ? Double.NaN : train, 0, epoch, "train");
        run.epochMetric("loss", diverged ? Double.NaN : train + gap, 0, epoch, "val");
        run.epochMetric("cosine_similarity", 1 - 0.55 * (train + gap) + 0.004 * random.nextGaussian(), 0, epoch, "val");
        run.epochMetric("epoch_seconds", 75 + random.nextGaussian(), 0, epoch, "train");
        if (epoch % 5 == 0) {
            run.event("info", "checkpoint last/ at step " + epoch * STEPS_PER_EPOCH);
        }
        if (plan.end == RunStatus.FAILED && epoch == 9) {
            run.event("warning", "gradient norm 41.7 is 30 times its mean");
        }
        resources(run, clock, begin, 0, 75, false, random);
    }

    private static double loss(Plan plan, int step, Random random) {
        double curve = plan.floor + 1.9 * Math.exp(-step / plan.speed()) + 0.35 * Math.exp(-step / 1500.0);
        double noise = (0.05 + 0.05 * Math.exp(-step / 900.0)) * random.nextGaussian();
        double spike = random.nextInt(260) == 0 ? 0.6 + random.nextDouble() : 0;
        boolean isBad = plan.end == RunStatus.FAILED && step > 950;
        if (isBad && (step > 1040 || random.nextInt(4) == 0)) {
            return step % 3 == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        return Math.max(0.02, curve + noise + spike + (isBad ? (step - 950) * 0.02 : 0));
    }

    /** What the machine does, once a second. */
    static void resources(
            Run run, ClockedStores.Hand clock, long start, int from, int seconds, boolean isProcessor, Random random) {
        for (int second = from; second < seconds; second++) {
            clock.set(start + second * 1000L);
            double wave = Math.sin(second / 9.0);
            double busy = isProcessor ? 82 : 34;
            double used = 9_000 + 40 * wave + second * 2;
            double gpu =
                    isProcessor ? 3 + random.nextDouble() : Math.min(99, 91 + 5 * wave + 3 * random.nextGaussian());
            run.resource("cpu", "system_total", "percent", clamp(busy + 8 * wave + 3 * random.nextGaussian()));
            run.resource("cpu", "process_tree", "percent", clamp(busy - 6 + 8 * wave + 2 * random.nextGaussian()));
            run.resource("ram", "system_total", "percent", clamp(used / 320));
            run.resource("ram", "process_tree", "percent", clamp((used - 3_000) / 320));
            run.resource("jvm", "heap_used", "MiB", 700 + (second * 37 % 900) + 20 * random.nextDouble());
            run.resource("jvm", "heap_committed", "MiB", 2_048);
            run.resource("jvm", "gc_time", "percent", Math.max(0, 0.6 + 0.4 * random.nextGaussian()));
            run.resource("disk", "used", "percent", 61 + second / 200.0);
            run.resource("gpu", "NVIDIA H200:0_utilization", "percent", clamp(gpu));
            run.resource("gpu", "NVIDIA H200:0_memory", "percent", isProcessor ? 4 : 63 + wave);
            run.resource("gpu", "NVIDIA H200:0_temperature", "°C", isProcessor ? 38 : 61 + 2 * wave);
            run.resource(
                    "gpu", "NVIDIA H200:0_power", "W", isProcessor ? 78 : 520 + 40 * wave + 10 * random.nextGaussian());
        }
    }

    private static double clamp(double percent) {
        return Math.min(100, Math.max(0, percent));
    }
}
