package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollups are what their points come to, whatever happened to the writer; {@link MetricsVerification} computes them anew. */
final class RollupTest {
    private static final long SEED = 20261122;

    @TempDir
    private Path folder;

    @Test
    void rollups_recordedInManySessions_areAsIfRecordedInOne() {
        Random random = new Random(SEED);
        int step = 0;
        for (int session = 0; session < 12; session++) {
            try (MetricsStore store = MetricsStore.open(file())) {
                Run run = session == 0 ? store.startRun("long", Map.of()) : store.resumeRun("long", Map.of());
                int end = step + random.nextInt(600);
                for (; step < end; step++) {
                    run.log(step, "loss", random.nextInt(50) == 0 ? Double.NaN : random.nextGaussian());
                    run.resource("cpu", "system_total", random.nextDouble());
                }
            }
        }
        assertThat(verify().faults()).as("seed %d", SEED).isEmpty();
        assertThat(verify().rows()).containsEntry("point", 2L * step).containsKey("rollup");
    }

    @Test
    void rollups_recordsRefusedInBetween_areOfTheRestOnly() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("poison", Map.of());
            for (int step = 0; step < 3_000; step++) {
                run.log(step, "loss", step);
                if (step % 97 == 0) {
                    run.log(step, "", step);
                    run.log(step, "x".repeat(501), step);
                    run.resource("cpu", "u", "y".repeat(51), step);
                    run.tag("");
                }
            }
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(store.counts().rejected()).isEqualTo(4 * 31);
        }
        assertThat(verify().faults()).isEmpty();
        assertThat(verify().rows()).containsEntry("point", 3_000L);
    }

    @Test
    void rollups_afterSuperseding_leaveOutWhatIsGoneOverAgain() {
        Random random = new Random(SEED);
        for (int attempt = 0; attempt < 6; attempt++) {
            try (MetricsStore store = MetricsStore.open(file())) {
                Run run = attempt == 0 ? store.startRun("resumed", Map.of()) : store.resumeRun("resumed", Map.of());
                int from = attempt == 0 ? 0 : random.nextInt(2_000);
                if (attempt > 0) {
                    run.supersedeAfter(from);
                }
                for (int step = from + 1; step <= 2_500; step++) {
                    run.log(step, "loss", attempt * 10_000 + step);
                }
                // While the store is open: the tree in memory must have been made anew too.
                run.supersedeAfter(2_490);
                run.log(2_491, "loss", -1);
            }
            assertThat(verify().faults())
                    .as("attempt %d, seed %d", attempt, SEED)
                    .isEmpty();
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            Series series = reader.series(1, "loss");
            assertThat(series.steps()).isSorted().hasSizeLessThanOrEqualTo(2_491);
            Envelope envelope = reader.envelope(reader.seriesOf(1).get(0), Axis.STEP, 0, 1e9, 40);
            assertThat(java.util.Arrays.stream(envelope.counts()).sum()).isEqualTo(series.size());
            assertThat(java.util.Arrays.stream(envelope.max()).max().orElseThrow())
                    .isEqualTo(java.util.Arrays.stream(series.values()).max().orElseThrow());
        }
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM supersession")).isEqualTo(11);
        }
    }

    @Test
    void verify_tamperedRows_areNamed() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("damaged", Map.of());
            for (int step = 0; step < 1_000; step++) {
                run.log(step, "loss", step);
                run.log(step, "gap", step);
                run.epochMetric("loss", step, 0, step, "val");
            }
        }
        try (Database database = Database.open(file(), Access.LIVE)) {
            database.execute(
                    "UPDATE point SET value = -5 WHERE series_id = 1 AND number = 300",
                    "DELETE FROM rollup WHERE series_id = 1 AND level = 1 AND bucket = 0",
                    "DELETE FROM point WHERE series_id = 2 AND number = 17",
                    "DELETE FROM epoch_point WHERE number = 3",
                    "INSERT INTO point (series_id, number, time_ms, flag) VALUES (99, 1, 0, 1)",
                    "INSERT INTO tag (run_id, tag) VALUES (7, 'nobody')");
        }
        assertThat(verify().faults())
                .anyMatch(fault -> fault.contains("'loss' of run 1: the rollup of level 1, bucket 18"))
                .anyMatch(fault -> fault.contains("the rollup of level 2, bucket 1"))
                .anyMatch(fault -> fault.contains("no rollup of level 1, bucket 0"))
                .anyMatch(fault -> fault.contains("'gap' of run 1: expected points numbered 1 to 1000, found 999"))
                .anyMatch(fault -> fault.contains("epoch series"))
                .anyMatch(fault -> fault.contains("found some of series 99"))
                .anyMatch(fault -> fault.contains("Table tag"));
    }

    private MetricsVerification verify() {
        return MetricsVerification.verify(file());
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
