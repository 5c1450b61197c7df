package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.chart.TextStyle;
import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code metrics ls | show | tail | compare | plot | report}. */
class MetricsViewCommandsTest {
    @TempDir
    Path folder;

    @Test
    void ls_folder_listsAllRunsBelowAndSkipsWhatIsNone() throws Exception {
        record(folder.resolve("a/metrics.db"), "first", 1e-3);
        record(folder.resolve("b/metrics.db"), "second", 1e-4);
        Files.createDirectories(folder.resolve("c"));
        Files.writeString(folder.resolve("c/metrics.db"), "no database".repeat(100));

        Shell text = Shell.millrace("metrics", "ls", folder);
        Shell json = Shell.millrace("metrics", "ls", folder, "--json");

        assertThat(text.code()).isZero();
        assertThat(text.out()).contains("first", "second", "finished", "baseline", "a/metrics.db");
        assertThat(text.error()).contains("warning:").contains("c/metrics.db");
        JsonNode runs = JsonMapper.shared().readTree(json.out());
        assertThat(runs.size()).isEqualTo(2);
        assertThat(runs.get(0).get("last_step").asInt()).isEqualTo(30);
        assertThat(runs.get(0).get("last_validation_loss").asDouble()).isEqualTo(1.1 / 30);
        assertThat(runs.get(0).get("status").asString()).isEqualTo("finished");
    }

    @Test
    void ls_emptyPlaces_saysNoRunYet() {
        MetricsStore.open(folder.resolve("metrics.db")).close();

        assertThat(Shell.millrace("metrics", "ls", folder).out()).isEqualTo("no run yet" + System.lineSeparator());
        assertThat(Shell.millrace("metrics", "ls", folder, "--json").out()).contains("[ ]");
    }

    @Test
    void show_finishedRun_hasTheDocumentsWordsValuesAndChart() {
        Path file = record(folder.resolve("metrics.db"), "first", 1e-3);

        Shell shell = Shell.millrace("metrics", "show", folder, "--ascii", "--columns", "80");

        assertThat(shell.error()).isEmpty();
        assertThat(shell.code()).isZero();
        assertThat(shell.out())
                .contains("first (run 1 of " + file + ")", "Total samples: 1\n", "Duration: 0.0", "DB size: ")
                .contains("Tags: baseline", "learning_rate = 0.001", "* each step   o training   + validation")
                .containsPattern("val/loss +0\\.03667 +epoch 3 +0\\.03667 +epoch 3")
                .contains("checkpoint written", "cpu/system_total");
        assertThat(shell.out()).matches("[\\p{ASCII}]*");
    }

    @Test
    void show_manyStages_sumsThemUpByName() {
        try (MetricsStore store = MetricsStore.open(folder.resolve("metrics.db"))) {
            Run run = store.startRun("long", Map.of());
            for (int epoch = 0; epoch < 50; epoch++) {
                run.stage("train").close();
                try (var stage = run.stage("validate")) {
                    if (epoch == 7) {
                        stage.fail();
                    }
                }
            }
            run.finish(RunStatus.FINISHED);
        }

        Shell text = Shell.millrace("metrics", "show", folder);
        Shell json = Shell.millrace("metrics", "show", folder, "--json");

        assertThat(text.out())
                .containsPattern("train +50 +0 +done")
                .containsPattern("validate +50 +1 +done")
                .hasLineCount(9);
        assertThat(JsonMapper.shared().readTree(json.out()).get("stages").size())
                .isEqualTo(100);
    }

    @Test
    void show_crashedRun_tookUntilTheLastThingKnownOfIt() {
        Path file = record(folder.resolve("metrics.db"), "first", 1e-3);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE run SET status = 'running', ended_ms = NULL, process_started_ms = 12345,"
                    + " heartbeat_ms = started_ms");
            database.execute("UPDATE event SET time_ms = (SELECT started_ms FROM run) + 7000");
        }

        assertThat(Shell.millrace("metrics", "show", file).out()).contains("crashed · started", "took 7 s ·");
    }

    @Test
    void show_json_hasEverythingTheTextHas() {
        record(folder.resolve("metrics.db"), "first", 1e-3);

        JsonNode json = JsonMapper.shared()
                .readTree(Shell.millrace("metrics", "show", folder, "--json").out());

        assertThat(json.get("resource_metrics_count").asInt()).isEqualTo(1);
        assertThat(json.get("tags").get(0).asString()).isEqualTo("baseline");
        assertThat(json.get("events").get(0).get("text").asString()).isEqualTo("checkpoint written");
        assertThat(json.get("series").size()).isEqualTo(4);
    }

    @Test
    void show_runOfADeadProcess_isCrashed() {
        Path file = record(folder.resolve("metrics.db"), "first", 1e-3);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE run SET status = 'running', ended_ms = NULL, process_started_ms = 12345");
        }

        assertThat(Shell.millrace("metrics", "show", file).out()).contains("crashed · started");
        assertThat(Shell.millrace("metrics", "tail", "-f", file).code()).isEqualTo(1);
        assertThat(Shell.millrace("metrics", "ls", file).out()).contains("crashed");
        Path out = folder.resolve("r.html");
        assertThat(Shell.millrace("metrics", "report", file, "--out", out).code())
                .isZero();
        assertThat(out).content().contains("status crashed");
    }

    @Test
    void tail_followingALiveRun_endsWhenItEnds() throws Exception {
        Path file = folder.resolve("later/metrics.db");
        CompletableFuture<Shell> following = CompletableFuture.supplyAsync(
                () -> Shell.millrace("metrics", "tail", "-f", "--wait", "--json", "-n", "1000", file));
        Files.createDirectories(file.getParent());
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("live", Map.of());
            for (int step = 1; step <= 40; step++) {
                run.log(step, "loss", step == 7 ? Double.NaN : 1.0 / step);
                assertThat(store.flush(Duration.ofSeconds(20))).isTrue();
                Thread.sleep(10);
            }
            run.finish(RunStatus.FAILED);
        }

        Shell shell = following.get(30, TimeUnit.SECONDS);

        assertThat(shell.code()).isEqualTo(1);
        List<String> lines = shell.out().lines().toList();
        assertThat(lines).hasSize(41);
        for (int step = 1; step <= 40; step++) {
            assertThat(JsonMapper.shared()
                            .readTree(lines.get(step - 1))
                            .get("step")
                            .asInt())
                    .isEqualTo(step);
        }
        assertThat(lines.get(6)).contains("\"value\":\"NaN\"");
        assertThat(lines.get(40)).contains("\"kind\":\"end\"", "\"status\":\"failed\"");
    }

    @Test
    void tail_filters_leaveOutTheRest() {
        Path file = record(folder.resolve("metrics.db"), "first", 1e-3);

        assertThat(Shell.millrace("metrics", "tail", file, "--metric", "val/loss")
                        .out()
                        .lines())
                .hasSize(3)
                .allMatch(line -> line.contains("val/loss"));
        assertThat(Shell.millrace("metrics", "tail", file, "--kind", "event")
                        .out()
                        .lines())
                .singleElement()
                .asString()
                .endsWith("info            checkpoint written");
        assertThat(Shell.millrace("metrics", "tail", file, "-n", "0", "--kind", "step")
                        .out())
                .isEmpty();
    }

    @Test
    void compare_twoFiles_tellsDifferencesFromTheFirst() {
        Path a = record(folder.resolve("a.db"), "first", 1e-3);
        Path b = record(folder.resolve("b.db"), "second", 1e-4);

        Shell text = Shell.millrace("metrics", "compare", a + "#1", b, "--ascii", "--metric", "loss");
        JsonNode json = JsonMapper.shared()
                .readTree(Shell.millrace("metrics", "compare", a, b, "--json").out());

        assertThat(text.error()).isEmpty();
        assertThat(text.out())
                .contains("A  first  (finished, " + a + "#1)", "B  second")
                .containsPattern("learning_rate +0\\.001 +1\\.0E-4")
                .contains("first (A)", "second (B)")
                .doesNotContain("batch_size");
        assertThat(json.get("param_differences").get("learning_rate").size()).isEqualTo(2);
        assertThat(json.get("metrics").get(0).get("runs").get(1).has("last_delta"))
                .isTrue();
    }

    @Test
    void compare_unknownRunOrMetric_isRefusedByName() {
        Path a = record(folder.resolve("a.db"), "first", 1e-3);

        assertThat(Shell.millrace("metrics", "compare", a + "#9").error()).contains("found '9'", "1 (first)");
        Shell metric = Shell.millrace("metrics", "compare", a, "--metric", "lsos");
        assertThat(metric.code()).isEqualTo(2);
        assertThat(metric.error()).contains("found [lsos]", "val/loss");
    }

    @Test
    void plot_byEnding_writesThatPicture() throws Exception {
        Path file = record(folder.resolve("metrics.db"), "first", 1e-3);

        Shell png = Shell.millrace("metrics", "plot", file, "--out", folder.resolve("p.png"), "--width", "640");
        Shell svg = Shell.millrace(
                "metrics", "plot", file, "--out", folder.resolve("p.svg"), "--kind", "resources", "--json");
        Shell analyze = Shell.millrace("metrics", "show", file, "--plot", folder.resolve("q.png"));

        assertThat(png.code()).isZero();
        assertThat(Files.size(folder.resolve("p.png"))).isGreaterThan(5_000);
        assertThat(folder.resolve("p.svg")).content().contains("No GPUs detected", "Resources of first", "baseline");
        assertThat(JsonMapper.shared().readTree(svg.out()).get("kind").asString())
                .isEqualTo("resources");
        assertThat(analyze.code()).isZero();
        assertThat(folder.resolve("q.png")).exists();
    }

    @Test
    void plot_unusableRequest_isRefusedWithWhatIsExpected() {
        Path file = record(folder.resolve("metrics.db"), "first", 1e-3);

        Shell gif = Shell.millrace("metrics", "plot", file, "--out", folder.resolve("p.gif"));
        Shell metric = Shell.millrace("metrics", "plot", file, "--out", folder.resolve("p.png"), "--metric", "x");

        assertThat(gif.code()).isEqualTo(2);
        assertThat(gif.error()).contains(".png or .svg", "p.gif");
        assertThat(metric.code()).isEqualTo(2);
        assertThat(metric.error()).contains("[loss], found 'x'");
        assertThat(Shell.millrace("metrics", "plot", file, "--out", file).code())
                .isEqualTo(2);
        assertThat(Shell.millrace("metrics", "report", file, "--out", file).code())
                .isEqualTo(2);
    }

    @Test
    void anyCommand_hostileRecords_printsNothingThatATerminalObeys() {
        Path file = folder.resolve("metrics.db");
        String hostile = "\u001b]0;owned\u0007\u001b[2J<script>\u202e\u0000" + "n".repeat(400);
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun(hostile, Map.of(hostile, hostile));
            run.tag(hostile);
            run.log(1, hostile, 1e308);
            run.log(2, hostile, -1e308);
            run.log(1, "loss", Double.NaN);
            run.epochMetric(hostile, 7, 0, 1, hostile);
            run.resource("gpu", hostile, "percent", Double.POSITIVE_INFINITY);
            run.stage(hostile).close();
            run.event(hostile, hostile);
            run.finish(RunStatus.FINISHED);
        }
        for (Shell shell : List.of(
                Shell.millrace("metrics", "ls", file),
                Shell.millrace("metrics", "show", file, "--no-colour"),
                Shell.millrace("metrics", "show", file, "--metric", hostile),
                Shell.millrace("metrics", "tail", "-f", file),
                Shell.millrace("metrics", "compare", file, file),
                Shell.millrace("metrics", "plot", file, "--out", folder.resolve("p.png")),
                Shell.millrace("metrics", "plot", file, "--out", folder.resolve("p.svg")),
                Shell.millrace("metrics", "report", file, "--out", folder.resolve("r.html")))) {
            assertThat(shell.code()).as(shell.error()).isZero();
            assertThat(shell.out()).doesNotContain("\u001b", "\u0007", "\u202e", "\u0000");
        }
        assertThat(folder.resolve("r.html")).content().doesNotContain("<script", "\u001b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ls", "show", "tail", "compare", "plot", "report"})
    void help_asked_showsAnExample(String command) {
        Shell shell = Shell.millrace("metrics", command, "--help");

        assertThat(shell.code()).isZero();
        assertThat(shell.out()).contains("Example", "  millrace metrics " + command + " ", "--json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"show", "tail", "compare"})
    void file_withoutRun_saysSo(String command) {
        Path file = folder.resolve("metrics.db");
        MetricsStore.open(file).close();

        Shell shell = Shell.millrace("metrics", command, file);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("No run in this file yet.");
    }

    @Test
    void style_environment_decidesColourUnicodeAndWidth() {
        Terminal terminal = new Terminal();

        assertThat(terminal.style(Map.of(), 12)).isEqualTo(new TextStyle(80, 12, true, false));
        assertThat(terminal.style(Map.of("MILLRACE_COLUMNS", "120", "TERM", "xterm", "LANG", "de_DE.UTF-8"), 12))
                .isEqualTo(new TextStyle(120, 12, true, true));
        assertThat(terminal.style(Map.of("MILLRACE_COLUMNS", "", "TERM", "xterm", "NO_COLOR", "1"), 12))
                .isEqualTo(new TextStyle(80, 12, true, false));
        assertThat(terminal.style(Map.of("LC_ALL", "C", "LANG", "en_US.UTF-8"), 12)
                        .unicode())
                .isFalse();
    }

    private static Path record(Path file, String name, double rate) {
        try {
            Files.createDirectories(file.getParent());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun(name, Map.of("learning_rate", rate, "batch_size", 128));
            run.tag("baseline");
            run.resource("cpu", "system_total", "percent", 50);
            for (int step = 1; step <= 30; step++) {
                run.log(step, "loss", 1.0 / step);
                if (step % 10 == 0) {
                    run.epochMetric("loss", 1.0 / step, 0, step / 10, "train");
                    run.epochMetric("loss", 1.1 / step, 0, step / 10, "val");
                }
            }
            run.event("info", "checkpoint written");
            run.finish(RunStatus.FINISHED);
        }
        return file;
    }
}
