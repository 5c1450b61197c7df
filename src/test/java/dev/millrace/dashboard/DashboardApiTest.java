package dev.millrace.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the page is told, asked of a real server over real files. */
final class DashboardApiTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration FLUSH = Duration.ofSeconds(20);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    @Test
    void runs_ofAFile_tellHowTheyStand() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("baseline", Map.of("rate", 0.1));
            run.tag("sweep");
            for (int step = 1; step <= 20; step++) {
                run.log(step, "loss", 2.0 / step);
            }
            run.epochMetric("loss", 0.9, 0, 1, "train");
            run.epochMetric("loss", 0.5, 0, 1, "val");
            run.epochMetric("loss", 0.7, 0, 2, "val");
            run.finish(RunStatus.FINISHED);
        }
        try (DashboardServer server = serve(file)) {
            JsonNode run = get(server, "runs").path("runs").path(0);

            assertThat(run.path("key").asString()).isEqualTo("0.1");
            assertThat(run.path("name").asString()).isEqualTo("baseline");
            assertThat(run.path("status").asString()).isEqualTo("finished");
            assertThat(run.path("tags").toString()).isEqualTo("[\"sweep\"]");
            assertThat(run.path("step").asLong()).isEqualTo(20);
            assertThat(run.path("phase").asString()).isEqualTo("val");
            assertThat(run.path("last").asDouble()).isEqualTo(0.7);
            assertThat(run.path("best").asDouble()).isEqualTo(0.5);
        }
    }

    @Test
    void run_withHostileNames_comesAsTextAndIsAskedByNumber() throws Exception {
        String hostile = "<img src=x onerror=alert(1)>\u0007\"'&</script>\u202e\ud83d\ude00";
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun(hostile, Map.of(hostile, hostile));
            run.tag(hostile);
            run.log(1, hostile, 1);
            run.event(hostile, hostile);
            run.stage(hostile).close();
        }
        try (DashboardServer server = serve(file)) {
            JsonNode run = get(server, "run?run=0.1");

            assertThat(get(server, "runs").path("runs").path(0).path("name").asString())
                    .isEqualTo(hostile);
            assertThat(run.path("params").path(hostile).asString()).isEqualTo(hostile);
            assertThat(run.path("events").path(0).path("text").asString()).isEqualTo(hostile);
            assertThat(run.path("stages").path(0).path("name").asString()).isEqualTo(hostile);
            assertThat(run.path("series").path(0).path("name").asString()).isEqualTo(hostile);
        }
    }

    @Test
    void chart_ofValuesThatAreNoNumbers_hasNullsAndTheirCount() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("run", Map.of());
            double[] values = {1, Double.NaN, 3, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300, 4.9e-324};
            for (int i = 0; i < values.length; i++) {
                run.log(i, "loss", values[i]);
            }
        }
        try (DashboardServer server = serve(file)) {
            JsonNode curve = get(server, "chart?s=0.1.1").path("curves").path(0);

            assertThat(curve.path("y").toString()).isEqualTo("[1,null,3,null,null,1.0E300,4.9E-324]");
            assertThat(curve.path("bad").toString()).isEqualTo("[[1,1],[3,1],[4,1]]");
            assertThat(curve.path("x").toString()).isEqualTo("[0,1,2,3,4,5,6]");
            assertThat(curve.path("count").asLong()).isEqualTo(7);
        }
    }

    @Test
    void chart_ofManyPoints_isDrawnTogetherWithoutLosingTheSpike() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("run", Map.of());
            for (int step = 0; step < 20_000; step++) {
                run.log(step, "loss", step == 12_345 ? 99 : 1);
            }
            run.log(20_000, "other", 5);
        }
        try (DashboardServer server = serve(file)) {
            JsonNode curves = get(server, "chart?s=0.1.1&s=0.1.2&buckets=50").path("curves");
            double highest = 0;
            for (JsonNode value : curves.path(0).path("max")) {
                highest = Math.max(highest, value.asDouble());
            }

            assertThat(curves.path(0).path("x").size()).isBetween(20, 200);
            assertThat(highest).isEqualTo(99);
            assertThat(curves.path(1).path("y").toString()).isEqualTo("[5]");
            JsonNode part = get(server, "chart?s=0.1.1&from=12340&to=12350")
                    .path("curves")
                    .path(0);
            assertThat(part.path("x").path(0).asLong()).isEqualTo(12_340);
            assertThat(part.path("x").size()).isEqualTo(11);
        }
    }

    @Test
    void chart_onOtherAxes_countsTimeFromTheStartAndStepsInEpochs() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("run", Map.of());
            for (int step = 1; step <= 100; step++) {
                run.log(step, "loss", 1);
                if (step % 50 == 0) {
                    run.epochMetric("loss", 1, 0, step / 50, "val");
                }
            }
        }
        try (DashboardServer server = serve(file)) {
            String steps = series(server, "step");
            JsonNode epochs =
                    get(server, "chart?axis=epoch&s=" + steps).path("curves").path(0);
            assertThat(epochs.path("x").path(24).asDouble()).isEqualTo(0.5);
            assertThat(epochs.path("x").path(99).asDouble()).isEqualTo(2);
            JsonNode zoomed = get(server, "chart?axis=epoch&from=1&to=1.5&s=" + steps)
                    .path("curves")
                    .path(0);
            assertThat(zoomed.path("x").size()).isEqualTo(26);
            JsonNode relative =
                    get(server, "chart?axis=relative&s=" + steps).path("curves").path(0);
            assertThat(relative.path("x").path(0).asDouble()).isBetween(0.0, 60_000.0);
            JsonNode clock =
                    get(server, "chart?axis=time&s=" + steps).path("curves").path(0);
            assertThat(clock.path("x").path(0).asDouble()).isGreaterThan(1e12);
        }
    }

    @Test
    void changes_whileARunRecords_differAfterEachFlushOnly() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("run", Map.of());
            run.log(1, "loss", 1);
            store.flush(FLUSH);
            try (DashboardServer server = serve(file)) {
                String first = get(server, "changes?run=0.1").path("data").asString();
                assertThat(get(server, "changes?run=0.1").path("data").asString())
                        .isEqualTo(first);

                run.log(2, "loss", 0.5);
                store.flush(FLUSH);

                assertThat(get(server, "changes?run=0.1").path("data").asString())
                        .isNotEqualTo(first);
                assertThat(get(server, "chart?s=0.1.1")
                                .path("curves")
                                .path(0)
                                .path("y")
                                .toString())
                        .isEqualTo("[1,0.5]");
            }
        }
    }

    @Test
    void fileReplacedByAnother_isOpenedAgain() throws Exception {
        Path file = folder.resolve("metrics.db");
        Path other = folder.resolve("other.db");
        record("old", file);
        record("new", other);
        try (DashboardServer server = serve(file)) {
            assertThat(firstName(server)).isEqualTo("old");

            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

            await(() -> firstName(server).equals("new"));
            assertThat(get(server, "run?run=0.1").path("series").size()).isEqualTo(1);
            Files.delete(file);
            await(() -> get(server, "runs")
                    .path("files")
                    .path(0)
                    .path("problem")
                    .asString("")
                    .contains("gone"));
        }
    }

    @Test
    void folder_isLookedThroughAgain_andOtherDatabasesAreLeftOut() throws Exception {
        record("first", Files.createDirectories(folder.resolve("a")).resolve("metrics.db"));
        try (Database other = Database.open(folder.resolve("data.db"), Access.LIVE)) {
            other.execute("CREATE TABLE molecule (id INTEGER PRIMARY KEY)");
        }
        Files.writeString(
                folder.resolve("notes.db"), "no database at all, but long enough to look like one".repeat(20));
        try (DashboardServer server = serve(folder)) {
            assertThat(names(server)).containsExactly("first");

            record("second", Files.createDirectories(folder.resolve("b/c")).resolve("metrics.db"));

            await(() -> names(server).contains("second"));
            assertThat(get(server, "run?run=0.1").path("series").size()).isEqualTo(1);
        }
    }

    @Test
    void fileThatIsNoMetricsFile_isShownWithItsReason_andOthersWork() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.db"));
        Path good = folder.resolve("good.db");
        record("good", good);
        try (DashboardServer server = DashboardServer.start(DashboardSettings.of(List.of(empty, good)))) {
            JsonNode list = get(server, "runs");

            assertThat(list.path("files").path(0).path("problem").asString("")).contains("empty.db");
            assertThat(list.path("runs").size()).isEqualTo(1);
            assertThat(status(server, "run?run=0.1")).isIn(503, 500, 404);
            assertThat(status(server, "run?run=1.1")).isEqualTo(200);
        }
    }

    @Test
    void crashedRun_isShownAsCrashedWithItsValues() throws Exception {
        Path file = folder.resolve("metrics.db");
        SampleRuns.writeCrashed(file);
        try (DashboardServer server = serve(file)) {
            JsonNode run = get(server, "runs").path("runs").path(0);

            assertThat(run.path("status").asString()).isEqualTo("crashed");
            assertThat(run.path("step").asLong()).isEqualTo(1_200);
            assertThat(get(server, "run?run=0.1").path("series").size()).isGreaterThan(10);
        }
    }

    @Test
    void thousandRuns_areListed() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            for (int i = 0; i < 1_000; i++) {
                Run run = store.startRun("run " + i, Map.of("seed", i, "rate", 0.1));
                for (String metric : List.of("loss", "rate", "norm")) {
                    run.log(1, metric, i);
                }
                run.epochMetric("loss", i, 0, 1, "val");
                run.finish(RunStatus.FINISHED);
            }
        }
        try (DashboardServer server = serve(file)) {
            JsonNode list = get(server, "runs");

            assertThat(list.path("runs").size()).isEqualTo(1_000);
            assertThat(list.path("runs").path(999).path("last").asDouble()).isEqualTo(999);
        }
    }

    @Test
    void queryWithoutEnd_isStoppedByTheLimit() {
        Path file = folder.resolve("metrics.db");
        record("run", file);
        try (Database database = Database.open(file, Access.READ)) {
            database.limitTime(Duration.ofMillis(200));

            org.assertj.core.api.Assertions.assertThatThrownBy(() -> database.queryLong("""
                            WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless)
                            SELECT sum(n) FROM endless"""))
                    .isInstanceOf(dev.millrace.sqlite.DatabaseException.class)
                    .hasMessageContaining("interrupt");

            database.limitTime(Duration.ofSeconds(20));
            assertThat(database.queryLong("SELECT count(*) FROM run")).isEqualTo(1);
        }
    }

    private static DashboardServer serve(Path source) throws IOException {
        return DashboardServer.start(DashboardSettings.of(List.of(source)));
    }

    private static void record(String name, Path file) {
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun(name, Map.of());
            run.log(1, "loss", 1);
            run.finish(RunStatus.FINISHED);
        }
    }

    private static String series(DashboardServer server, String kind) {
        for (JsonNode series : get(server, "run?run=0.1").path("series")) {
            if (series.path("kind").asString().equals(kind)) {
                return series.path("id").asString();
            }
        }
        throw new AssertionError("no series of kind " + kind);
    }

    private static String firstName(DashboardServer server) {
        return get(server, "runs").path("runs").path(0).path("name").asString("");
    }

    private static List<String> names(DashboardServer server) {
        List<String> names = new ArrayList<>();
        get(server, "runs")
                .path("runs")
                .forEach(run -> names.add(run.path("name").asString()));
        return names;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + FLUSH.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time").isLessThan(end);
            Thread.sleep(50);
        }
    }

    private static int status(DashboardServer server, String request) {
        return ask(server, request).statusCode();
    }

    private static JsonNode get(DashboardServer server, String request) {
        HttpResponse<String> reply = ask(server, request);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return JSON.readTree(reply.body());
    }

    private static HttpResponse<String> ask(DashboardServer server, String request) {
        String token = server.address().getQuery().replace("token=", "");
        try {
            return CLIENT.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/api/v1/" + request))
                            .header("Authorization", "Bearer " + token)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(request, e);
        }
    }
}
