package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.sqlite.StorageFullException;
import dev.millrace.sqlite.WriteQueue;
import dev.millrace.sqlite.WriteQueueCounts;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsStoreTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void log_everyKindOfValue_comesBackAsItWas() {
        double[] values = {0.0, 1.5e-300, -7, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("values", Map.of());
            for (int step = 0; step < values.length; step++) {
                run.log(step, "loss", values[step]);
                run.epochMetric("loss", values[step], 0, step, "val");
            }
            assertThat(store.flush(LONG)).isTrue();
            try (MetricsReader reader = MetricsReader.open(file())) {
                assertThat(Arrays.equals(reader.series(run.id(), "loss").values(), values))
                        .isTrue();
                assertThat(reader.series(run.id(), "loss").steps()).containsExactly(0, 1, 2, 3, 4, 5);
                assertThat(reader.epochMetrics(run.id()))
                        .extracting(point -> point.metric().value())
                        .containsExactly(0.0, 1.5e-300, -7.0, Double.NaN, values[4], values[5]);
            }
        }
    }

    @Test
    void log_nanEveryThousandthValue_losesNothing() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("poison", Map.of());
            for (int step = 0; step < 20_000; step++) {
                run.log(step, "loss", step % 1_000 == 0 ? Double.NaN : step);
            }
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts()).isEqualTo(new WriteQueueCounts(20_001, 20_001, 0, 0, 0));
            try (MetricsReader reader = MetricsReader.open(file())) {
                double[] stored = reader.series(run.id(), "loss").values();
                assertThat(stored).hasSize(20_000);
                for (int step = 0; step < stored.length; step++) {
                    assertThat(Double.valueOf(stored[step]))
                            .isEqualTo(Double.valueOf(step % 1_000 == 0 ? Double.NaN : step));
                }
            }
        }
    }

    @Test
    void log_namesTheDatabaseRefuses_losesOnlyThoseAndCountsThem() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("poison", Map.of());
            for (int step = 0; step < 100; step++) {
                run.log(step, "loss", step);
                if (step % 10 == 3) {
                    run.log(step, "x".repeat(1_000_000), step);
                    run.log(step, "", step);
                }
            }
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts()).isEqualTo(new WriteQueueCounts(121, 101, 20, 0, 0));
            try (MetricsReader reader = MetricsReader.open(file())) {
                assertThat(reader.stepNames(run.id())).containsExactly("loss");
                assertThat(reader.series(run.id(), "loss").size()).isEqualTo(100);
                assertThat(reader.summary().rejectedCount()).isEqualTo(20);
            }
        }
    }

    @Test
    void log_diskFull_keepsEverythingUntilThereIsRoom() {
        AtomicInteger maxPages = new AtomicInteger(40);
        WriteQueue<MetricRecord> queue = WriteQueue.open(
                file(),
                MetricsSchema.SCHEMA,
                connection -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("PRAGMA max_page_count=" + maxPages.get());
                    }
                    return new MetricsSink(connection, 1);
                },
                WriteQueueSettings.defaults());
        Run run = new Run(queue, Clock.systemUTC(), 1, new UUID(0, 1), "full", new AtomicLong());
        for (int step = 0; step < 20_000; step++) {
            run.log(step, "loss", step);
        }
        assertThat(queue.flush(Duration.ofMillis(500))).isFalse();
        assertThat(queue.failure()).isInstanceOf(StorageFullException.class).hasMessageContaining("metrics.db");
        assertThat(queue.counts().rejected()).isZero();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.series(1, "loss").steps()).as("whole batches").isSorted();
            assertThat((long) reader.series(1, "loss").size())
                    .isEqualTo(queue.counts().written());
        }
        maxPages.set(1_000_000);
        assertThat(queue.flush(LONG)).isTrue();
        queue.close();
        assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(20_000, 20_000, 0, 0, 0));
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.series(1, "loss").size()).isEqualTo(20_000);
        }
    }

    @Test
    void log_hostileNames_areOnlyText() {
        List<String> hostile = List.of(
                "'; DROP TABLE point; --",
                "\" OR 1=1",
                "<script>alert(1)</script>",
                "=cmd|' /C calc'!A0",
                "\u001b[31m",
                "日本語 ∞",
                "a\nb");
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("'; DELETE FROM run; --", Map.of("k'", "v'"));
            hostile.forEach(name -> run.log(1, name, 2));
            assertThat(store.flush(LONG)).isTrue();
            try (MetricsReader reader = MetricsReader.open(file())) {
                assertThat(reader.stepNames(run.id())).containsExactlyInAnyOrderElementsOf(hostile);
                assertThat(reader.run(run.id()).params()).containsEntry("k'", "v'");
                hostile.forEach(name ->
                        assertThat(reader.series(run.id(), name).values()).containsExactly(2));
            }
        }
    }

    @Test
    void logAll_fourThreads_everyValueIsThereInOrder() throws InterruptedException {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("threads", Map.of());
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String own = "metric" + i;
                Thread thread = new Thread(() -> {
                    for (int step = 0; step < 5_000; step++) {
                        run.logAll(step, Map.of(own, step, "shared", 1));
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts()).isEqualTo(new WriteQueueCounts(40_001, 40_001, 0, 0, 0));
            try (MetricsReader reader = MetricsReader.open(file())) {
                assertThat(reader.series(run.id(), "shared").size()).isEqualTo(20_000);
                assertThat(reader.series(run.id(), "metric2").steps())
                        .hasSize(5_000)
                        .isSorted();
                assertThat(reader.summary().stepMetricsCount()).isEqualTo(40_000);
            }
        }
    }

    @Test
    void open_twice_givesTheSameStore() {
        MetricsStore store = MetricsStore.open(file());
        assertThat(MetricsStore.open(folder.resolve("./metrics.db"))).isSameAs(store);
        assertThat(MetricsStore.get(file())).isSameAs(store);
        assertThatThrownBy(() ->
                        MetricsStore.open(file(), WriteQueueSettings.defaults().withFlush(100, Duration.ofSeconds(5))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("other settings");
        store.close();
        store.close();
        assertThatThrownBy(() -> MetricsStore.get(file()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not initialized");
        MetricsStore.open(file()).close();
    }

    @Test
    void log_afterClose_isRefusedClearly() {
        Run run;
        try (MetricsStore store = MetricsStore.open(file())) {
            run = store.startRun("late", Map.of());
        }
        assertThatThrownBy(() -> run.log(1, "loss", 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void finish_statuses_areShownByTheReader() {
        try (MetricsStore store = MetricsStore.open(file())) {
            store.startRun("good", Map.of("batch_size", 128, "shuffle", true)).finish(RunStatus.FINISHED);
            store.startRun("bad", Map.of()).finish(RunStatus.FAILED);
            Run going = store.startRun("going", Map.of());
            assertThat(store.flush(LONG)).isTrue();
            assertThat(statuses()).containsExactly(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.RUNNING);
            assertThatThrownBy(() -> going.finish(RunStatus.RUNNING)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(statuses()).containsExactly(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.INTERRUPTED);
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.run(1).params())
                    .containsExactly(Map.entry("batch_size", "128"), Map.entry("shuffle", "true"));
            assertThatThrownBy(() -> reader.run(9))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found [1, 2, 3]");
        }
    }

    @Test
    void supersedeAfter_resumedRun_hidesWhatIsGoneOverAgainAndDeletesNothing() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run other = store.startRun("other", Map.of());
            other.log(9, "loss", 9);
            Run run = store.startRun("tuned", Map.of("lr", 1));
            for (int step = 1; step <= 10; step++) {
                run.log(step, "loss", step);
                if (step % 5 == 0) {
                    run.epochMetric("loss", step, 0, step / 5, "val");
                }
            }
        }
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.resumeRun("tuned", Map.of("resumed", "yes"));
            assertThat(run.id()).isEqualTo(2);
            run.supersedeAfter(6);
            run.epochMetric("note", 0, 0, 1, "val");
            for (int step = 7; step <= 12; step++) {
                run.log(step, "loss", -step);
            }
            run.epochMetric("loss", -10, 0, 2, "val");
            assertThatThrownBy(() -> store.resumeRun("none", Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found no run of that name");
        }
        try (MetricsReader reader = MetricsReader.open(file());
                Database database = Database.open(file(), Access.READ)) {
            assertThat(reader.series(2, "loss").steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
            assertThat(reader.series(2, "loss").values()).containsExactly(1, 2, 3, 4, 5, 6, -7, -8, -9, -10, -11, -12);
            assertThat(reader.series(1, "loss").size()).as("the other run").isEqualTo(1);
            assertThat(reader.epochMetrics(2))
                    .extracting(point -> point.metric().value())
                    .containsExactly(5.0, -10.0, 0.0);
            assertThat(reader.run(2).params()).containsOnlyKeys("lr", "resumed");
            assertThat(database.queryLong("SELECT count(*) FROM point")).isEqualTo(17);
            assertThat(database.queryLong("SELECT count(*) FROM training_metrics WHERE metric_name = 'loss'"))
                    .isEqualTo(2);
            assertThat(database.queryLong("SELECT count(*) FROM step_metrics WHERE metric_name = 'loss'"))
                    .isEqualTo(13);
        }
    }

    @Test
    void summary_everyKind_countsWithoutScanning() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("all", Map.of());
            run.log(1, "loss", 1);
            run.log(2, "loss", 1);
            run.epochMetric("loss", 1, 0, 1, "train");
            run.resource("cpu", "system_total", 50);
            run.resource("ram", "system_total", 50);
            run.generation(new Generation("build", null, null, Instant.EPOCH, 1.5, 100, Double.NaN));
            run.event("warning", "something");
            assertThat(store.flush(LONG)).isTrue();
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            MetricsSummary summary = reader.summary();
            assertThat(summary)
                    .usingRecursiveComparison()
                    .ignoringFields("durationMinutes", "dbSizeMb")
                    .isEqualTo(new MetricsSummary(1, 2, 1, 2, 1, 1, 0, 0, 0, 0));
            assertThat(summary.dbSizeMb()).isBetween(0.01, 1.0);
            assertThat(summary.durationMinutes()).isBetween(0.0, 5.0);
            assertThat(reader.events(1))
                    .singleElement()
                    .satisfies(event -> assertThat(event.text()).isEqualTo("something"));
        }
    }

    @Test
    void summary_emptyFile_isAllZero() {
        MetricsStore.open(file()).close();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.summary().durationMinutes()).isZero();
            assertThat(reader.runs()).isEmpty();
        }
    }

    @Test
    void open_newerOrForeignFile_isRefused() {
        MetricsStore.open(file()).close();
        try (Database database = Database.open(file(), Access.LIVE)) {
            database.execute("PRAGMA user_version=99");
        }
        assertThatThrownBy(() -> MetricsStore.open(file()))
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("too new");
        assertThatThrownBy(() -> MetricsReader.open(file())).isInstanceOf(SchemaMismatchException.class);
        Path foreign = folder.resolve("foreign.db");
        try (Database database = Database.open(foreign, Access.LIVE)) {
            database.execute("CREATE TABLE mine (x)");
        }
        assertThatThrownBy(() -> MetricsStore.open(foreign))
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("Not a Millrace database");
    }

    @Test
    void file_afterClose_saysWhatItIs() {
        MetricsStore.open(file()).close();
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryLong("PRAGMA application_id")).isEqualTo(Schema.APPLICATION_ID);
            assertThat(database.queryLong("PRAGMA user_version")).isEqualTo(MetricsSchema.VERSION);
            assertThat(Schema.info(database)).containsEntry("kind", "metrics");
        }
    }

    @Test
    void point_aDayOfResources_takesLessThan20Megabytes() {
        try (MetricsStore store = MetricsStore.open(
                file(),
                WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.DROP, Duration.ofSeconds(10)))) {
            Run run = store.startRun("day", Map.of());
            for (int second = 0; second < 8_640; second++) {
                for (String name : List.of("a", "b", "c", "d", "e", "f")) {
                    run.resource("cpu", name, Math.sqrt(second));
                }
                if (second % 500 == 0) {
                    // Of measurements only the latest wait, and here a day passes in a moment.
                    assertThat(store.flush(LONG)).isTrue();
                }
            }
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts().anyLost()).isFalse();
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.summary().dbSizeMb()).as("a tenth of a day").isLessThan(2.0);
        }
    }

    private List<RunStatus> statuses() {
        try (MetricsReader reader = MetricsReader.open(file())) {
            return reader.runs().stream().map(RunInfo::status).toList();
        }
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
