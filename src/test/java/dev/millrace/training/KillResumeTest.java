package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.Series;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at a random moment, resume, and in the end the bits of a run that nobody touched. */
class KillResumeTest {
    @TempDir
    Path folder;

    @Test
    void resume_afterTwoKills_equalsUninterrupted() throws Exception {
        assertThat(killAndResume(1, 2)).isEqualTo(2);
    }

    @Tag("campaign")
    @Test
    void resume_afterManyKills_equalsUninterrupted() throws Exception {
        int kills = 0;
        for (int seed = 2; seed < 12; seed++) {
            kills += killAndResume(seed, 5);
        }
        assertThat(kills).isGreaterThan(40);
    }

    private int killAndResume(int seed, int wantedKills) throws Exception {
        Map<String, byte[]> expected;
        Map<String, String> expectedBatches = new HashMap<>();
        List<Double> expectedLosses = new ArrayList<>();
        try (Model model = TinyModel.create()) {
            KilledRun.run(model, KilledRun.data().logTo(line -> put(expectedBatches, line)))
                    .optListener(new RunListener() {
                        @Override
                        public void onStep(StepReport step) {
                            expectedLosses.add(step.loss());
                        }
                    })
                    .build()
                    .run();
            expected = TinyModel.bits(model);
        }
        Random random = new Random(seed);
        Path runFolder = folder.resolve("run" + seed);
        Path log = folder.resolve("batches" + seed);
        int kills = 0;
        int total = KilledRun.EPOCHS * KilledRun.BATCHES;
        for (int attempt = 0; attempt < wantedKills; attempt++) {
            long killAt = lines(log) + 1 + random.nextInt(total / (wantedKills + 1));
            Process child = start(runFolder, log);
            while (child.isAlive() && lines(log) < killAt) {
                Thread.sleep(1);
            }
            Thread.sleep(random.nextInt(25));
            kills += child.isAlive() ? 1 : 0;
            child.destroyForcibly();
            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
            if (Checkpoint.exists(runFolder)) {
                // At any moment one complete checkpoint can be read.
                assertThat(Checkpoint.last(runFolder).step()).isPositive();
            }
        }
        Process child = start(runFolder, log);
        assertThat(child.waitFor(120, TimeUnit.SECONDS)).as("seed %s", seed).isTrue();
        assertThat(child.exitValue()).as("seed %s, see %s", seed, log).isZero();

        // Were every attempt a new start, each would have taken the first batch.
        assertThat(Files.readAllLines(log).stream().filter(line -> line.startsWith("0:0:")))
                .as("seed %s", seed)
                .hasSizeLessThanOrEqualTo(wantedKills);
        Map<String, String> batches = new HashMap<>();
        for (String line : Files.readAllLines(log)) {
            put(batches, line);
        }
        assertThat(batches).as("seed %s", seed).isEqualTo(expectedBatches);
        try (Model model = Checkpoint.last(runFolder).loadModel(TinyModel.block(16), Device.cpu())) {
            TrainingRunTest.assertBitEqual(TinyModel.bits(model), expected, "seed " + seed);
        }
        // The recorded loss curve has every step once, whatever was recorded twice.
        try (MetricsReader metrics = MetricsReader.open(runFolder.resolve("metrics.db"))) {
            RunInfo last = metrics.runs().get(metrics.runs().size() - 1);
            assertThat(last.status()).isEqualTo(RunStatus.FINISHED);
            Series loss = metrics.series(last.id(), "loss");
            assertThat(loss.values()).as("seed %s", seed).isEqualTo(toArray(expectedLosses));
            assertThat(metrics.epochMetrics(last.id()).stream()
                            .filter(point -> point.metric().name().equals("epoch_seconds"))
                            .map(point -> point.metric().epoch()))
                    .as("seed %s", seed)
                    .containsExactly(0, 1, 2, 3, 4, 5);
        }
        return kills;
    }

    private static double[] toArray(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** A batch taken twice, before and after a kill, must be the same batch. */
    private static void put(Map<String, String> batches, String line) {
        String place = line.substring(0, line.lastIndexOf(':'));
        String before = batches.put(place, line);
        assertThat(before == null || before.equals(line)).as(line).isTrue();
    }

    private static long lines(Path log) throws IOException {
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    private Process start(Path runFolder, Path log) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                java,
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=" + System.getProperty("ai.djl.pytorch.num_threads", "1"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                KilledRun.class.getName(),
                runFolder.toString(),
                log.toString()));
        File output = folder.resolve("child.txt").toFile();
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output));
        return builder.start();
    }
}
