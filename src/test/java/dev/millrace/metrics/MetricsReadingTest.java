package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding values again, and telling how a run stands. */
final class MetricsReadingTest {
    private static final long SEED = 20261124;
    /** Nothing may be dropped here, however busy the machine. */
    private static final WriteQueueSettings PATIENT =
            WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.DROP, Duration.ofSeconds(60));

    @TempDir
    private Path folder;

    @Test
    void run_oneOfSeveral_isTheSameAsInTheList() {
        try (MetricsStore store = MetricsStore.open(file())) {
            for (int number = 1; number <= 3; number++) {
                Run run = store.startRun("run " + number, Map.of("seed", number, "batch", 8));
                run.tag("sweep");
                run.tag("number " + number);
            }
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            for (RunInfo listed : reader.runs()) {
                assertThat(reader.run(listed.id())).isEqualTo(listed);
                assertThat(listed.params()).containsEntry("seed", String.valueOf(listed.id()));
                assertThat(listed.tags()).containsExactly("number " + listed.id(), "sweep");
            }
            assertThatThrownBy(() -> reader.run(9))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Expected a run with id 9, found [1, 2, 3]");
        }
    }

    @Test
    void points_everyFilter_findsWhatItSays() {
        try (MetricsStore store = MetricsStore.open(file())) {
            for (int number = 1; number <= 2; number++) {
                Run run = store.startRun("run", Map.of());
                for (int step = 0; step < 2_000; step++) {
                    run.log(step, "loss", step % 10 == 0 ? Double.NaN : step);
                    run.log(step, "rate", step);
                }
                run.resource("cpu", "system_total", 1);
                run.resource("ram", "system_total", 2);
                for (int epoch = 0; epoch < 5; epoch++) {
                    run.epochMetric("loss", epoch, epoch % 2, epoch, "train");
                    run.epochMetric("loss", epoch, epoch % 2, epoch, "val");
                }
                run.supersedeAfter(1_499);
            }
        }
        assertThat(count(SeriesKind.STEP, all -> all)).isEqualTo(2 * (1_350 + 1_500));
        assertThat(count(SeriesKind.STEP, all -> all.withNotFinite())).isEqualTo(2 * 3_000);
        assertThat(count(SeriesKind.STEP, all -> all.withNotFinite().withSuperseded()))
                .isEqualTo(2 * 4_000);
        assertThat(count(SeriesKind.STEP, all -> all.run(1).names("loss", "none")))
                .isEqualTo(1_350);
        assertThat(count(SeriesKind.STEP, all -> all.names("rate").steps(100, 199)))
                .isEqualTo(200);
        assertThat(count(SeriesKind.STEP, all -> all.names("rate").steps(1_490, 1_600)))
                .isEqualTo(20);
        assertThat(count(
                        SeriesKind.STEP,
                        all -> all.names("rate").withSuperseded().steps(1_490, 1_600)))
                .isEqualTo(222);
        assertThat(count(SeriesKind.STEP, all -> all.steps(5_000, 6_000))).isZero();
        assertThat(count(SeriesKind.STEP, all -> all.times(0, 1))).isZero();
        assertThat(count(SeriesKind.STEP, all -> all.times(1, Long.MAX_VALUE).names("rate")))
                .isEqualTo(3_000);
        assertThat(count(SeriesKind.STEP, all -> all.rounds(List.of(0)))).isZero();
        assertThat(count(SeriesKind.RESOURCE, all -> all.scopes("cpu"))).isEqualTo(2);
        assertThat(count(SeriesKind.RESOURCE, all -> all.steps(0, 9))).isZero();
        UnaryOperator<MetricsFilter> epochs = all -> all.withSuperseded().run(2);
        assertThat(count(SeriesKind.EPOCH, epochs)).isEqualTo(10);
        assertThat(count(
                        SeriesKind.EPOCH, all -> epochs.apply(all).scopes("val").rounds(List.of(1))))
                .isEqualTo(2);
        assertThat(count(SeriesKind.EPOCH, all -> epochs.apply(all).epochs(List.of(3, 4))))
                .isEqualTo(4);
        assertThat(count(SeriesKind.STEP, all -> all.names(List.of())))
                .as("an empty list")
                .isZero();
        assertThat(count(SeriesKind.STEP, all -> all.runs(List.of()))).isZero();
        assertThatThrownBy(() -> MetricsFilter.of(SeriesKind.GENERATION)).isInstanceOf(IllegalArgumentException.class);
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.points(MetricsFilter.of(SeriesKind.STEP), 7)).hasSize(7);
            assertThat(reader.summary().asMap())
                    .containsEntry("resource_metrics_count", 4L)
                    .containsKeys("duration_minutes", "db_size_mb", "dropped_count");
        }
    }

    @Test
    void points_sql_searchesByKey() {
        MetricsStore.open(file()).close();
        MetricsFilter narrow = MetricsFilter.of(SeriesKind.STEP)
                .run(1)
                .names("a", "b")
                .scopes("")
                .times(0, 1)
                .steps(0, 1);
        MetricsFilter epochs =
                MetricsFilter.of(SeriesKind.EPOCH).rounds(List.of(1)).epochs(List.of(2));
        try (Database database = Database.open(file(), Access.READ)) {
            for (MetricsFilter filter : List.of(narrow, epochs)) {
                for (String sql : List.of(PointQuery.seriesSql(filter), PointQuery.pointsSql(filter))) {
                    assertThat(plan(database, sql)).as(sql).contains("SEARCH").doesNotContain("SCAN");
                }
            }
        }
    }

    @Test
    void get_withoutAFile_isTheOneOpenStore() {
        assertThatThrownBy(MetricsStore::get)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not initialized");
        try (MetricsStore store = MetricsStore.open(file(), MetricsStore.customarySettings())) {
            assertThat(MetricsStore.get()).isSameAs(store);
            try (MetricsStore other = MetricsStore.open(folder.resolve("other.db"))) {
                assertThatThrownBy(MetricsStore::get)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Several")
                        .hasMessageContaining(other.file().toString());
            }
            assertThat(MetricsStore.get()).isSameAs(store);
        }
        assertThatThrownBy(MetricsStore::get).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void status_ofAnotherMachine_goesByItsSilence() {
        try (MetricsStore store = MetricsStore.open(file())) {
            store.startRun("away", Map.of());
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
        }
        try (Database database = Database.open(file(), Access.LIVE)) {
            database.execute(
                    "UPDATE run SET status = 'running', ended_ms = NULL, host = 'elsewhere', heartbeat_ms = 1000000");
        }
        assertThat(statusAt(1_030_000)).isEqualTo(RunStatus.RUNNING);
        assertThat(statusAt(1_030_001)).isEqualTo(RunStatus.CRASHED);
    }

    @Test
    void clock_setBack_changesNeitherOrderNorLiveness() {
        long[] now = {1_700_000_000_000L};
        Clock clock = new SteppedClock(now);
        try (MetricsStore store = MetricsStore.open(file(), WriteQueueSettings.defaults(), clock)) {
            Run run = store.startRun("clock", Map.of());
            for (int step = 0; step < 200; step++) {
                now[0] += step == 100 ? -3_600_000 : 1_000;
                run.log(step, "loss", step);
            }
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
        }
        assertThat(MetricsVerification.verify(file()).faults()).isEmpty();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.series(1, "loss").steps()).isSorted().hasSize(200);
            SeriesInfo loss = reader.seriesOf(1).get(0);
            Envelope envelope =
                    reader.envelope(loss, Axis.TIME, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 50);
            assertThat(envelope.from()).isSorted();
            assertThat(java.util.Arrays.stream(envelope.counts()).sum()).isEqualTo(200);
        }
    }

    @Test
    void read_besideAWriter_seesWholeBatchesOnly() throws InterruptedException {
        try (MetricsStore store = MetricsStore.open(file(), PATIENT.withFlush(200, Duration.ofMillis(20)))) {
            Run run = store.startRun("live", Map.of());
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
            Thread writer = new Thread(() -> {
                for (int step = 0; step < 60_000; step++) {
                    run.log(step, "loss", step);
                }
            });
            writer.start();
            long before = 0;
            while (writer.isAlive()) {
                try (MetricsReader reader = MetricsReader.open(file())) {
                    for (SeriesInfo series : reader.seriesOf(run.id())) {
                        Envelope envelope = reader.envelope(series, Axis.STEP, 0, 1e9, 100);
                        long seen = java.util.Arrays.stream(envelope.counts()).sum();
                        assertThat(seen).isGreaterThanOrEqualTo(before).isGreaterThanOrEqualTo(series.count());
                        assertThat(envelope.to()[envelope.size() - 1]).isEqualTo(seen - 1.0);
                        before = seen;
                    }
                }
            }
            writer.join();
        }
        assertThat(MetricsVerification.verify(file()).faults()).isEmpty();
    }

    @Test
    void gc_killedMeanwhile_leavesASoundFileAndGoesOn() throws Exception {
        Random random = new Random(SEED);
        for (int kill = 0; kill < 3; kill++) {
            Path file = folder.resolve("gc" + kill + ".db");
            try (MetricsStore store = MetricsStore.open(file, PATIENT)) {
                for (String name : List.of("old", "new")) {
                    Run run = store.startRun(name, Map.of());
                    for (int step = 0; step < 60_000; step++) {
                        run.log(step, "loss", step);
                    }
                    run.finish(RunStatus.FINISHED);
                }
                assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
            }
            try (ChildJvm child = ChildJvm.start(folder, GcChild.class, file.toString())) {
                assertThat(child.awaitLine("begin")).isTrue();
                Thread.sleep(random.nextInt(900));
                child.kill();
            }
            assertThat(MetricsVerification.verify(file).faults())
                    .as("kill %d, seed %d", kill, SEED)
                    .isEmpty();
            new MetricsRetention(1, null, true, true).apply(file);
            assertThat(MetricsVerification.verify(file).faults()).isEmpty();
            assertThat(MetricsVerification.verify(file).rows())
                    .containsEntry("run", 1L)
                    .containsEntry("point", 60_000L);
        }
    }

    private static final class SteppedClock extends Clock {
        private final long[] now;

        SteppedClock(long[] now) {
            this.now = now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now[0]);
        }
    }

    private RunStatus statusAt(long millis) {
        try (MetricsReader reader =
                MetricsReader.open(file(), Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC))) {
            return reader.run(1).status();
        }
    }

    private int count(SeriesKind kind, UnaryOperator<MetricsFilter> narrower) {
        int[] found = new int[1];
        try (MetricsReader reader = MetricsReader.open(file())) {
            reader.points(narrower.apply(MetricsFilter.of(kind)), point -> found[0]++);
        }
        return found[0];
    }

    private static String plan(Database database, String sql) {
        return database.read(sql, connection -> {
            StringBuilder steps = new StringBuilder();
            try (java.sql.PreparedStatement explain = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql);
                    java.sql.ResultSet row = explain.executeQuery()) {
                while (row.next()) {
                    steps.append(row.getString("detail")).append('\n');
                }
            }
            return steps.toString();
        });
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
