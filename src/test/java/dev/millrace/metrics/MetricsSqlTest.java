package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The statements that people type into {@code sqlite3 metrics.db}, as the document prints them, and the plans of ours. */
final class MetricsSqlTest {
    private static final String AVERAGE_CPU = """
            SELECT
                AVG(value) as avg_cpu,
                MAX(value) as max_cpu,
                MIN(value) as min_cpu
            FROM resource_metrics
            WHERE metric_type = 'cpu' AND metric_name = 'system_total';""";
    private static final String GENERATION_BY_ROUND = """
            SELECT
                round_number,
                COUNT(*) as num_operations,
                AVG(duration_seconds) as avg_duration,
                SUM(samples_generated) as total_samples,
                AVG(memory_used_mb) as avg_memory_mb
            FROM generation_metrics
            WHERE operation = 'signal_injection'
            GROUP BY round_number
            ORDER BY round_number;""";
    private static final String LOSS_OVER_TIME = """
            SELECT
                round_number,
                epoch_number,
                phase,
                metric_value as loss
            FROM training_metrics
            WHERE metric_name = 'loss'
            ORDER BY round_number, epoch_number, phase;""";

    @TempDir
    private Path folder;

    @BeforeEach
    void record() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("seeded", Map.of());
            run.resource("cpu", "system_total", 10);
            run.resource("cpu", "system_total", 30);
            run.resource("cpu", "system_total", Double.NaN);
            run.resource("cpu", "process_tree", 1_000);
            run.resource("ram", "system_total", 1_000);
            for (int chunk = 0; chunk < 3; chunk++) {
                run.generation(new Generation(
                        "signal_injection", chunk == 2 ? 2 : 1, chunk, Instant.EPOCH, 1.5 + chunk, 100, 10));
            }
            run.generation(new Generation("other", 1, 0, Instant.EPOCH, 9, 9, 9));
            for (int epoch = 0; epoch < 2; epoch++) {
                run.epochMetric("loss", 0.5 - epoch * 0.125, 0, epoch, "val");
                run.epochMetric("loss", 0.25 - epoch * 0.125, 0, epoch, "train");
                run.epochMetric("learning_rate", 1e-3, 0, epoch, "train");
            }
            run.log(1, "loss", 77);
        }
    }

    @Test
    void resourceStatement_asPrinted_runs() {
        assertThat(rows(AVERAGE_CPU)).containsExactly(List.of(20.0, 30.0, 10.0));
    }

    @Test
    void generationStatement_asPrinted_runs() {
        assertThat(rows(GENERATION_BY_ROUND))
                .containsExactly(List.of(1, 2, 2.0, 200, 10.0), List.of(2, 1, 3.5, 100, 10.0));
    }

    @Test
    void trainingStatement_asPrinted_runs() {
        assertThat(rows(LOSS_OVER_TIME))
                .containsExactly(
                        List.of(0, 0, "train", 0.25),
                        List.of(0, 0, "val", 0.5),
                        List.of(0, 1, "train", 0.125),
                        List.of(0, 1, "val", 0.375));
    }

    @Test
    void countStatement_asPrinted_runs() {
        assertThat(rows("SELECT COUNT(*) FROM resource_metrics;")).containsExactly(List.of(5));
        assertThat(rows("SELECT count(*) FROM resource_metrics WHERE datetime(timestamp, 'unixepoch') > '2020'"))
                .as("timestamp is in seconds")
                .containsExactly(List.of(5));
    }

    @Test
    void plans_ofTheStatements_searchThePointsByKey() {
        for (String sql : List.of(AVERAGE_CPU, GENERATION_BY_ROUND, LOSS_OVER_TIME)) {
            assertThat(plan(sql)).noneMatch(step -> step.matches("SCAN (p|g|point|epoch_point|generation)\\b.*"));
        }
        assertThat(plan(AVERAGE_CPU)).anyMatch(step -> step.contains("SEARCH p USING PRIMARY KEY"));
    }

    @Test
    void plans_ofTheReader_scanNeitherPointsNorSeries() {
        for (String sql : List.of(
                MetricsReader.SERIES,
                MetricsReader.EPOCHS,
                MetricsReader.STEP_NAMES,
                MetricsReader.EVENTS,
                MetricsReader.STAGES,
                MetricsReader.RUN,
                MetricsReader.PARAMS_OF_RUN,
                MetricsReader.TAGS_OF_RUN,
                RollupTree.POINTS_FROM,
                RollupTree.ROLLUPS_FROM,
                RollupRows.DELETE_FROM,
                RollupSearch.FIRST_ROLLUP.replace("AXIS", "step"),
                RollupSearch.LAST_ROLLUP.replace("AXIS", "time_ms"),
                RollupSearch.FIRST_POINT.replace("AXIS", "time_ms"),
                RollupSearch.LAST_POINT.replace("AXIS", "step"),
                RollupDescent.ROLLUPS.replace("AXIS", "step"),
                RollupDescent.POINTS.replace("AXIS", "time_ms"),
                Supersession.MARK_POINTS,
                Supersession.MARK_EPOCH_POINTS)) {
            assertThat(plan(sql)).as(sql).isNotEmpty().noneMatch(step -> step.startsWith("SCAN"));
        }
        for (String sql : List.of(MetricsReader.COUNTS, MetricsReader.LAST_TIME)) {
            assertThat(plan(sql)).as(sql).noneMatch(step -> step.matches("SCAN [peg]\\b.*"));
        }
    }

    private List<List<Object>> rows(String sql) {
        try (Database database = Database.open(file(), Access.READ)) {
            return database.read(sql, connection -> {
                List<List<Object>> rows = new ArrayList<>();
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(sql)) {
                    while (row.next()) {
                        List<Object> values = new ArrayList<>();
                        for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                            values.add(row.getObject(column));
                        }
                        rows.add(values);
                    }
                }
                return rows;
            });
        }
    }

    private List<String> plan(String sql) {
        try (Database database = Database.open(file(), Access.READ)) {
            return database.read(sql, connection -> {
                List<String> steps = new ArrayList<>();
                try (PreparedStatement statement = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql);
                        ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        steps.add(row.getString("detail"));
                    }
                }
                return steps;
            });
        }
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
