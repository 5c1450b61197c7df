package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.MetricsVerification;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.RunStatus;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is done to a metrics file by hand: query, export, gc, verify. */
final class MetricsFileCommandsTest {
    private static final String HOSTILE = "\u001b[31m=1+1,\"x\"\nnext";

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void record() {
        file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            for (int number = 1; number <= 3; number++) {
                Run run = store.startRun("run " + number, Map.of("lr", 0.1));
                for (int step = 1; step <= 300; step++) {
                    run.log(step, "loss", 1.0 / step);
                }
                run.log(301, "loss", Double.NaN);
                run.log(302, "loss", Double.NEGATIVE_INFINITY);
                run.resource("cpu", "system_total", "percent", 12.5);
                run.epochMetric("loss", 0.1 + 0.2, 0, 1, "val");
                run.generationStart("build", 1, 2).complete(10, Double.NaN);
                run.supersedeAfter(290);
                run.log(291, HOSTILE, 0.1);
                run.tag("t");
                run.event("info", "text");
                run.finish(RunStatus.FINISHED);
            }
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(store.counts().anyLost()).isFalse();
        }
    }

    @Test
    void query_everyFormat_printsTheSame() {
        String sql = "SELECT run_id, metric_name, value FROM resource_metrics WHERE run_id <= 2;  -- end";
        assertThat(millrace("query", file, sql).out())
                .contains("run_id  metric_name")
                .contains("12.5");
        assertThat(millrace("query", folder, sql, "--format", "csv").out())
                .isEqualTo("run_id,metric_name,value\n1,system_total,12.5\n2,system_total,12.5\n");
        assertThat(millrace("query", file, sql, "--format", "jsonl").out().lines())
                .containsExactly(
                        "{\"run_id\":1,\"metric_name\":\"system_total\",\"value\":12.5}",
                        "{\"run_id\":2,\"metric_name\":\"system_total\",\"value\":12.5}");
        JsonNode json = JsonMapper.shared()
                .readTree(millrace("query", file, sql, "--json").out());
        assertThat(json.get("rows").get(1).get(0).asInt()).isEqualTo(2);
        assertThat(json.get("cut").asBoolean()).isFalse();
    }

    @Test
    void query_hostileText_reachesTheTerminalHarmless() {
        Shell shell = millrace("query", file, "SELECT DISTINCT metric_name FROM step_metrics ORDER BY 1");
        assertThat(shell.out()).doesNotContain("\u001b").contains("=1+1").hasLineCount(3);
        assertThat(millrace("query", file, "SELECT '=1+1', -5, '@x'", "--format", "csv", "--guard-formulas")
                        .out())
                .contains("'=1+1,-5,'@x");
    }

    @Test
    void query_moreRowsThanAllowed_saysThatItIsCut() {
        Shell shell = millrace("query", file, "SELECT step FROM step_metrics", "--limit", "5", "--format", "csv");
        assertThat(shell.code()).isZero();
        assertThat(shell.out().lines()).hasSize(6);
        assertThat(shell.errorLines()).containsExactly("warning: cut after 5 rows; --limit allows more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM point",
                "PRAGMA journal_mode=DELETE",
                "ATTACH 'other.db' AS other",
                "SELECT 1; DELETE FROM point",
                "SELECT ';' ; -- two\n VACUUM",
                "WITH d AS (SELECT 1) DELETE FROM point",
                "/* c */ EXPLAIN SELECT 1",
                "",
                "SELECT no_such_column FROM run",
                "SELECT ?",
                "SELECT load_extension('x')",
                "SELECT zeroblob(1000000000)",
                "SELECT 'unclosed"
            })
    void query_anythingButOneSelect_isRefusedInOneLineAndChangesNothing(String sql) {
        Shell shell = millrace("query", file, sql);
        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines()).singleElement().asString().startsWith("error: ");
        assertThat(MetricsVerification.verify(file).rows()).containsEntry("point", 3 * 304L);
        assertThat(folder.resolve("other.db")).doesNotExist();
    }

    @Test
    void query_endless_isStopped() {
        Shell shell = millrace(
                "query",
                file,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n",
                "--timeout",
                "0.3");
        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines()).singleElement().asString().contains("within 0.3 s");
    }

    @Test
    void query_viewReplacedByAHostileOne_isRefused() {
        change(
                "DROP VIEW step_metrics",
                "CREATE VIEW step_metrics AS WITH RECURSIVE n(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM n)"
                        + " SELECT step FROM n");
        Shell shell = millrace("query", file, "SELECT 1");
        assertThat(shell.code()).isEqualTo(4);
        assertThat(shell.errorLines()).singleElement().asString().contains("view 'step_metrics'");
    }

    @Test
    void export_csv_hasEveryValueAsItWas() throws Exception {
        Path out = folder.resolve("values.csv");
        Shell shell = millrace("export", file, "--format", "csv", "--out", out, "--run", "2");
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out()).contains("306 records");
        List<String> lines = Files.readString(out).lines().toList();
        assertThat(lines.get(0)).startsWith("run_id,run_uuid,run_name,kind,name");
        assertThat(lines).anyMatch(line -> line.contains("run 2,step,loss,,,301,301,,,,") && line.contains(",NaN,"));
        assertThat(lines).anyMatch(line -> line.contains(",-Infinity,"));
        assertThat(lines).anyMatch(line -> line.contains("epoch,loss,val") && line.contains("0.30000000000000004"));
        assertThat(lines).anyMatch(line -> line.contains("generation,build"));
        assertThat(lines).anyMatch(line -> line.matches(".*,step,loss,,,7,7,.*T.*\\.\\d{3}Z," + 1.0 / 7 + ",,,0"));
        assertThat(lines.stream().filter(line -> line.endsWith(",1")))
                .as("superseded")
                .hasSize(13);
    }

    @Test
    void export_jsonLines_areCompleteToStandardOutput() {
        Shell shell = millrace("export", file, "--format", "jsonl", "--out", "-");
        assertThat(shell.code()).as(shell.error()).isZero();
        List<JsonNode> lines =
                shell.out().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(lines).hasSize(3 * 308);
        assertThat(lines.get(0).get("type").asString()).isEqualTo("run");
        assertThat(lines.get(0).get("tags").get(0).asString()).isEqualTo("t");
        assertThat(lines.get(1).get("type").asString()).isEqualTo("event");
        assertThat(lines)
                .anyMatch(
                        line -> line.has("name") && line.get("name").asString().equals(HOSTILE));
        assertThat(lines.stream().filter(line -> line.has("superseded"))).hasSize(39);
        double third = lines.stream()
                .filter(line -> line.get("type").asString().equals("step")
                        && line.get("name").asString().equals("loss")
                        && line.get("step").asInt() == 3)
                .findFirst()
                .orElseThrow()
                .get("value")
                .asDouble();
        assertThat(third).isEqualTo(1.0 / 3);
    }

    @Test
    void export_ontoTheMetricsFile_isRefused() {
        Shell shell = millrace("export", file, "--format", "csv", "--out", file);
        assertThat(shell.code()).isEqualTo(2);
        assertThat(MetricsVerification.verify(file).isSound()).isTrue();
    }

    @Test
    void export_ontoWhatIsNoPlainFileOrSqlitesOwn_isRefused() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), file);
        Path pipe = folder.resolve("pipe");
        Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeThat(made.waitFor()).isZero();
        for (Path out : List.of(file.resolveSibling(file.getFileName() + "-wal"), pipe, link)) {
            Shell shell = millrace("export", link, "--format", "csv", "--out", out);
            assertThat(shell.code()).as(out.toString()).isEqualTo(2);
        }
        assertThat(Files.isRegularFile(pipe)).isFalse();
        assertThat(file.resolveSibling(file.getFileName() + "-wal")).doesNotExist();
    }

    @Test
    void gc_dryRun_changesNothing() {
        Shell shell = millrace("gc", file, "--keep", "1", "--drop-superseded", "--dry-run");
        assertThat(shell.out()).contains("would remove 2 runs with 612 values, 13 superseded values of others");
        assertThat(runs()).hasSize(3);
    }

    @Test
    void gc_keepAndDropSuperseded_leavesASoundSmallerFile() {
        Shell shell = millrace("gc", file, "--keep", "1", "--drop-superseded", "--vacuum", "--json");
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(runs()).extracting(RunInfo::name).containsExactly("run 3");
        MetricsVerification found = MetricsVerification.verify(file);
        assertThat(found.faults()).isEmpty();
        assertThat(found.rows()).containsEntry("point", 292L).containsEntry("epoch_point", 0L);
        try (MetricsReader reader = MetricsReader.open(file);
                Database database = Database.open(file, Access.READ)) {
            assertThat(reader.series(3, "loss").size()).isEqualTo(290);
            assertThat(database.queryLong("PRAGMA freelist_count")).isZero();
            assertThat(database.queryLong("SELECT count(*) FROM event")).isEqualTo(1);
        }
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.resumeRun("run 3", Map.of());
            run.log(291, "loss", 1);
        }
        assertThat(MetricsVerification.verify(file).faults()).isEmpty();
    }

    @Test
    void gc_olderThan_removesOnlyOldRuns() {
        change("UPDATE run SET ended_ms = ended_ms - 40 * 86400000 WHERE run_id = 2");
        assertThat(millrace("gc", file, "--older-than", "30d").out()).contains("removed 1 runs");
        assertThat(runs()).extracting(RunInfo::id).containsExactly(1L, 3L);
        assertThat(millrace("gc", file, "--older-than", "soon").code()).isEqualTo(2);
        assertThat(millrace("gc", file).errorLines()).singleElement().asString().contains("--keep");
    }

    @Test
    void gc_whileSomebodyRecords_isRefusedAndRunningRunsStay() {
        try (MetricsStore store = MetricsStore.open(file)) {
            store.startRun("live", Map.of());
            assertThat(store.flush(Duration.ofSeconds(30))).isTrue();
            Shell shell = millrace("gc", file, "--keep", "0");
            assertThat(shell.code()).isEqualTo(1);
            assertThat(shell.errorLines()).singleElement().asString().contains("One writer at a time");
            assertThat(millrace("gc", file, "--keep", "0", "--dry-run").out())
                    .contains("would remove 3 runs")
                    .doesNotContain("live");
            assertThat(millrace("verify", file).code()).as("on a live file").isZero();
        }
    }

    @Test
    void verify_soundAndDamaged_saysSo() {
        Shell sound = millrace("verify", file, "--json");
        assertThat(sound.code()).isZero();
        JsonNode json = JsonMapper.shared().readTree(sound.out());
        assertThat(json.get("sound").asBoolean()).isTrue();
        assertThat(json.get("rows").get("point").asLong()).isEqualTo(3 * 304L);
        change("UPDATE rollup SET max_value = 7 WHERE series_id = 1 AND bucket = 0");
        Shell damaged = millrace("verify", file);
        assertThat(damaged.code()).isEqualTo(4);
        assertThat(damaged.out()).contains("rollup of level 1, bucket 0");
        assertThat(damaged.errorLines()).singleElement().asString().contains("is damaged");
    }

    @ParameterizedTest
    @ValueSource(strings = {"query", "export", "gc", "verify"})
    void help_hasAnExample(String command) {
        assertThat(millrace(command, "--help").out()).contains("millrace metrics " + command, "Examples:");
    }

    private List<RunInfo> runs() {
        try (MetricsReader reader = MetricsReader.open(file)) {
            return reader.runs();
        }
    }

    private void change(String... statements) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(statements);
        }
    }

    private static Shell millrace(Object... arguments) {
        Object[] words = new Object[arguments.length + 1];
        words[0] = "metrics";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return Shell.millrace(words);
    }
}
