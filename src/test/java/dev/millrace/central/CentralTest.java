package dev.millrace.central;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.metrics.Generation;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.Stage;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copying to a real PostgreSQL server. */
class CentralTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private static boolean until(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }

    private Path file(String name, int steps) {
        Path file = folder.resolve(name);
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun(name, Map.of("batch_size", 32));
            run.tag("baseline");
            try (Stage build = run.stage("build")) {
                for (int step = 1; step <= steps; step++) {
                    run.log(step, "loss", 1.0 / step);
                }
                build.stage("features").fail();
            }
            run.epochMetric("loss", 0.5, 1, 0, "train");
            run.epochMetric("loss", 0.6, 1, 0, "val");
            run.resource("cpu", "system_total", "percent", 25);
            run.resource("cpu", "system_total", "percent", 75);
            run.generation(
                    new Generation("signal_injection", 1, 2, java.time.Instant.ofEpochMilli(1000), 2.5, 100, 12.5));
            run.event("info", "began");
            run.finish(RunStatus.FINISHED);
        }
        return file;
    }

    @Test
    void file_pushedTwice_isThereOnceWithAllItHas() throws Exception {
        CentralSettings settings = Postgres.freshSchema();
        Path file = file("a.db", 1000);

        CentralCounts first = CentralPush.once(file, settings.withBatch(300));
        CentralCounts second = CentralPush.once(file, settings);

        assertThat(first.points()).isEqualTo(1000 + 2 + 2 + 1);
        assertThat(second.points()).isZero();
        assertThat(second.others()).isZero();
        assertThat(Postgres.query(settings, "SELECT count(*) FROM step_metrics"))
                .isEqualTo("1000");
        assertThat(Postgres.query(settings, "SELECT metric_value FROM step_metrics WHERE step = 4"))
                .isEqualTo("0.25");
        assertThat(Postgres.query(settings, "SELECT name || ' ' || status FROM metric_run"))
                .isEqualTo("a.db finished");
        assertThat(Postgres.query(settings, "SELECT value FROM metric_param WHERE name = 'batch_size'"))
                .isEqualTo("32");
        assertThat(Postgres.query(settings, "SELECT tag FROM metric_tag")).isEqualTo("baseline");
        assertThat(Postgres.query(
                        settings,
                        "SELECT string_agg(stage || ' ' || status, ', ' ORDER BY stage) FROM pipeline_stages"))
                .isEqualTo("build done, build.features failed");
        assertThat(Postgres.query(settings, "SELECT text FROM metric_event WHERE level = 'info'"))
                .isEqualTo("began");
        assertThat(Postgres.query(settings, "SELECT unit FROM resource_metrics LIMIT 1"))
                .isEqualTo("percent");
    }

    @Test
    void documentsQueries_runAsTheyStand() throws Exception {
        CentralSettings settings = Postgres.freshSchema();
        CentralPush.once(file("a.db", 10), settings);

        assertThat(Postgres.query(settings, """
                SELECT
                    AVG(value) as avg_cpu,
                    MAX(value) as max_cpu,
                    MIN(value) as min_cpu
                FROM resource_metrics
                WHERE metric_type = 'cpu' AND metric_name = 'system_total';
                """)).isEqualTo("50.0");
        assertThat(Postgres.query(settings, """
                SELECT
                    round_number,
                    COUNT(*) as num_operations,
                    AVG(duration_seconds) as avg_duration,
                    SUM(samples_generated) as total_samples,
                    AVG(memory_used_mb) as avg_memory_mb
                FROM generation_metrics
                WHERE operation = 'signal_injection'
                GROUP BY round_number
                ORDER BY round_number;
                """)).isEqualTo("1");
        assertThat(Postgres.query(settings, """
                SELECT
                    round_number,
                    epoch_number,
                    phase,
                    metric_value as loss
                FROM training_metrics
                WHERE metric_name = 'loss'
                ORDER BY round_number, epoch_number, phase;
                """)).isEqualTo("1");
    }

    @Test
    void strangeValuesAndTexts_areKeptOrMadeStorable() throws Exception {
        CentralSettings settings = Postgres.freshSchema();
        Path file = folder.resolve("strange.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("strange", Map.of());
            run.log(1, "loss", Double.NaN);
            run.log(2, "loss", Double.POSITIVE_INFINITY);
            run.log(3, "loss", Double.NEGATIVE_INFINITY);
            run.log(4, "loss", -Double.MIN_VALUE);
            run.log(5, "'; DROP TABLE metric_run; -- \u001b[31m", Double.MAX_VALUE);
            run.event("info", "half a pair \uD800 and \u00e4\u6f22");
            run.finish(RunStatus.FINISHED);
        }
        CentralCounts counts = CentralPush.once(file, settings);

        assertThat(counts.points()).isEqualTo(5);
        assertThat(Postgres.query(settings, """
                SELECT string_agg(flag || ':' || coalesce(value::text, 'null'), ' ' ORDER BY seq)
                FROM metric_point JOIN metric_series USING (series_id) WHERE name = 'loss'""")).isEqualTo("1:null 2:null 3:null 0:-5e-324");
        assertThat(Postgres.query(settings, "SELECT count(*) FROM metric_run")).isEqualTo("1");
        assertThat(RunPush.text("a\0b\uD800c\uD83D\uDE00")).isEqualTo("a\uFFFDb\uFFFDc\uD83D\uDE00");
    }

    @Test
    void resumedRun_copiedBeforeAndAfter_showsEveryStepOnce() throws Exception {
        CentralSettings settings = Postgres.freshSchema();
        Path file = folder.resolve("resumed.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("r", Map.of());
            for (int step = 1; step <= 10; step++) {
                run.log(step, "loss", step);
            }
            run.epochMetric("loss", 1, 0, 0, "val");
        }
        CentralPush.once(file, settings);
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.resumeRun("r", Map.of());
            run.supersedeAfter(5);
            for (int step = 6; step <= 8; step++) {
                run.log(step, "loss", -step);
            }
            run.epochMetric("loss", 2, 0, 0, "val");
            run.finish(RunStatus.FINISHED);
        }
        CentralPush.once(file, settings.withBatch(2));
        CentralPush.once(file, settings);

        assertThat(Postgres.query(
                        settings, "SELECT string_agg(metric_value::text, ' ' ORDER BY step) FROM step_metrics"))
                .isEqualTo("1 2 3 4 5 -6 -7 -8");
        assertThat(Postgres.query(settings, "SELECT count(*) FROM metric_point"))
                .isEqualTo("13");
        assertThat(Postgres.query(settings, "SELECT string_agg(metric_value::text, ' ') FROM training_metrics"))
                .isEqualTo("2");
    }

    @Test
    void manyProducersAtOnce_onAnEmptyDatabase_makeTheTablesOnceAndLoseNothing() throws Exception {
        CentralSettings settings = Postgres.freshSchema().withBatch(50);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            files.add(file("producer" + i + ".db", 200));
        }
        // Each file by two at once.
        ExecutorService producers = Executors.newFixedThreadPool(8);
        try {
            List<Future<CentralCounts>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Path file = files.get(i % 4);
                results.add(producers.submit(() -> CentralPush.once(file, settings)));
            }
            long points = 0;
            for (Future<CentralCounts> result : results) {
                points += result.get().points();
            }
            assertThat(points).isEqualTo(4 * 205);
        } finally {
            producers.shutdownNow();
        }
        assertThat(Postgres.query(settings, "SELECT count(*) FROM step_metrics"))
                .isEqualTo("800");
        assertThat(Postgres.query(settings, "SELECT count(DISTINCT run_id) FROM step_metrics"))
                .isEqualTo("4");
        assertThat(Postgres.query(settings, "SELECT count(*) FROM metric_schema"))
                .isEqualTo("1");
    }

    @Test
    void sink_whileTraining_followsAndCopiesTheEnd() throws Exception {
        CentralSettings settings = Postgres.freshSchema().withPace(Duration.ofMillis(50), Duration.ofMillis(200));
        Path file = folder.resolve("live.db");
        CentralSink sink = CentralSink.start(file, settings);
        try (sink) {
            try (MetricsStore store = MetricsStore.open(file)) {
                Run run = store.startRun("live", Map.of());
                run.log(1, "loss", 1);
                assertThat(until(() -> sink.counts().points() == 1)).isTrue();
                assertThat(Postgres.query(settings, "SELECT status FROM metric_run"))
                        .isEqualTo("running");
                for (int step = 2; step <= 5000; step++) {
                    run.log(step, "loss", step);
                }
                run.finish(RunStatus.FINISHED);
            }
        }
        assertThat(sink.counts().points()).isEqualTo(5000);
        assertThat(sink.failure()).isNull();
        assertThat(Postgres.query(
                        settings, "SELECT status || ' ' || (SELECT count(*) FROM step_metrics) FROM metric_run"))
                .isEqualTo("finished 5000");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("millrace-central"));
    }

    @Test
    void server_thatGoesAwayAndComesBack_getsEverythingOnce() throws Exception {
        Postgres.server();
        int port = freePort();
        Path data = folder.resolve("pgdata");
        Path file = folder.resolve("outage.db");
        CentralSettings settings = Postgres.settings(port, "public")
                .withPace(Duration.ofMillis(20), Duration.ofMillis(200))
                .withBatch(500);
        CentralSink sink = CentralSink.start(file, settings);
        try (sink;
                MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("outage", Map.of());
            int step = 0;
            for (int round = 0; round < 2; round++) {
                // Away: it piles up in the file, and recording does not notice.
                for (int i = 0; i < 2000; i++) {
                    run.log(++step, "loss", step);
                }
                assertThat(until(() -> sink.failure() != null)).isTrue();
                long expected = step + 1000L;
                try (EmbeddedPostgres server = start(port, data)) {
                    assertThat(server.getPort()).isEqualTo(port);
                    for (int i = 0; i < 1000; i++) {
                        run.log(++step, "loss", step);
                    }
                    if (round == 1) {
                        assertThat(until(() -> sink.counts().points() >= expected))
                                .isTrue();
                        assertThat(Postgres.query(settings, "SELECT count(*) || ' ' || sum(step) FROM step_metrics"))
                                .isEqualTo("6000 " + 6000L * 6001 / 2);
                    } else {
                        // Stopped in the middle, whatever is on its way.
                        assertThat(until(() -> sink.counts().points() > 0)).isTrue();
                    }
                }
            }
            assertThat(sink.counts().points()).isEqualTo(6000);
            assertThat(sink.counts().outages()).isBetween(2L, 4L);
        }
    }

    private static EmbeddedPostgres start(int port, Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void database_ofALaterVersion_isRefused() throws SQLException {
        CentralSettings settings = Postgres.freshSchema();
        Path file = file("a.db", 1);
        CentralPush.once(file, settings);
        Postgres.query(settings, "UPDATE metric_schema SET version = 99 RETURNING version");
        assertThatThrownBy(() -> CentralPush.once(file, settings))
                .isInstanceOf(CentralException.class)
                .hasMessageContaining("expected tables of version 1, found version 99");
    }

    @Test
    void errors_ofTheServer_nameThePlaceAndNoPassword() {
        CentralSettings absent = CentralSettings.of("jdbc:postgresql://127.0.0.1:1/nowhere")
                .withUser("ada")
                .withPassword("topsecret");
        Path file = file("a.db", 1);
        assertThatThrownBy(() -> CentralPush.once(file, absent))
                .isInstanceOf(CentralException.class)
                .hasMessageContaining("127.0.0.1:1/nowhere")
                .hasMessageNotContaining("topsecret");
        assertThat(absent.toString()).doesNotContain("topsecret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:sqlite:a.db",
                "postgresql://host/db",
                "jdbc:postgresql://ada:topsecret@host/db",
                "jdbc:postgresql://host/db?user=ada&password=topsecret",
                "jdbc:postgresql://host/db?sslPassword=topsecret"
            })
    void url_thatIsNoneOrHasAPassword_isRefusedWithoutRepeatingIt(String url) {
        assertThatThrownBy(() -> CentralSettings.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("topsecret");
    }
}
