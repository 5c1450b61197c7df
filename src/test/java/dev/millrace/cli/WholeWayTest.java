package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.SeriesInfo;
import dev.millrace.metrics.SeriesKind;
import dev.millrace.metrics.StageSpan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as a person types them, from synthetic samples to a prediction, and what they answer to bad input. */
class WholeWayTest {
    private static final String CONFIG = "configs/smoke.yaml";

    @TempDir
    static Path folder;

    private static Path sample;
    private static Path database;

    @BeforeAll
    static void build() {
        sample = folder.resolve("sample");
        database = folder.resolve("spectra.db");
        assertDone(Shell.millrace("sample", "spectra", "--count", 96, "--seed", 3, "--out", sample, "-q"));
        assertDone(buildTo(database));
    }

    @Test
    void inspectAndVerify_builtDatabase_agreeOnRowsAndSplits() {
        JsonNode inspected = json(Shell.millrace("inspect", database, "--json"));
        assertThat(inspected.get("kind").asString()).isEqualTo("spectra");
        assertThat(inspected.get("tables").get("compounds").asInt()).isEqualTo(96);
        JsonNode splits = inspected.get("splits");
        assertThat(splits.get("train").asInt()
                        + splits.get("val").asInt()
                        + splits.get("test").asInt())
                .isEqualTo(96);
        assertThat(json(Shell.millrace("verify", database, "--json"))
                        .get("sound")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void spectraMemory_builtDatabase_countsIdsAndScalesWithTheBatch() {
        JsonNode small = json(Shell.millrace("spectra", "memory", database, "--batch-size", 8, "--json"));
        JsonNode large = json(Shell.millrace("spectra", "memory", database, "--batch-size", 16, "--json"));

        assertThat(small.get("ids").asLong()).isEqualTo(96 * 8);
        // A spectrum alone takes 1,000 float32 a sample.
        assertThat(small.get("one_batch").asLong()).isGreaterThan(8 * 4000).isLessThan(8 * 40_000);
        assertThat(large.get("one_batch").asLong())
                .isBetween(
                        2 * small.get("one_batch").asLong(),
                        2 * small.get("one_batch").asLong() + 2);
        assertThat(Shell.millrace("spectra", "memory", database, "--batch-size", 0)
                        .code())
                .isEqualTo(2);
    }

    @Test
    void build_again_isUpToDateAndOtherSettingsAreRefused() {
        Shell same = buildTo(database);
        Shell other = buildTo(database, "--seed", "43");

        assertThat(same.code()).isZero();
        assertThat(same.out()).contains("up to date");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.error()).contains("--rebuild");
    }

    @Test
    void build_inputThatIsNoMsp_isCodeThreeAndPublishesNothing() throws Exception {
        Path msp = Files.writeString(folder.resolve("bad.msp"), "Name: x\nNum Peaks: two\nabc\n\n".repeat(20));
        Path out = folder.resolve("bad.db");

        Shell shell = Shell.millrace(
                "spectra", "build", "--msp", msp, "--mol-dir", sample.resolve("mol"), "--out", out, "-q");

        assertThat(shell.code()).isEqualTo(3);
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(out).doesNotExist();
    }

    @Test
    void build_folderWithoutMolFiles_warnsThatNothingCanBeTrained() {
        Path out = folder.resolve("no-graphs.db");

        Shell shell = Shell.millrace(
                "spectra", "build", "--msp", sample.resolve("spectra.msp"), "--mol-dir", sample, "--out", out, "-q");

        assertThat(shell.code()).isZero();
        assertThat(shell.error()).contains("warning: ").contains("ID<number>.MOL");
    }

    @Test
    void verify_oneByteChanged_isCodeFour() throws Exception {
        Path damaged = folder.resolve("damaged.db");
        byte[] bytes = Files.readAllBytes(database);
        // The last page that is full of data: well behind the header and the schema.
        bytes[bytes.length / 2] ^= 0x10;
        Files.write(damaged, bytes);

        Shell shell = Shell.millrace("verify", damaged);

        assertThat(shell.code()).isEqualTo(4);
        assertThat(shell.errorLines()).hasSize(1);
    }

    @Test
    void train_withoutMetrics_leavesNoneAndWithoutMonitor_watchesNothing() {
        String data = "data.sqlite_db_path=" + database;
        Path without = folder.resolve("without-metrics");
        assertDone(Shell.millrace(
                "train",
                CONFIG,
                "--set",
                data,
                "--set",
                "metrics.enabled=false",
                "--max-steps",
                2,
                "--out",
                without,
                "-q"));
        assertThat(without.resolve("metrics.db")).doesNotExist();
        assertThat(without.resolve("last")).isDirectory();
        Path unwatched = folder.resolve("unwatched");
        assertDone(Shell.millrace(
                "train",
                CONFIG,
                "--set",
                data,
                "--set",
                "metrics.monitor=false",
                "--set",
                "metrics.tags=quiet",
                "--max-steps",
                2,
                "--out",
                unwatched,
                "-q"));
        try (MetricsReader metrics = MetricsReader.open(unwatched.resolve("metrics.db"))) {
            assertThat(metrics.seriesOf(1)).noneMatch(series -> series.kind() == SeriesKind.RESOURCE);
            assertThat(metrics.run(1).tags()).containsExactly("quiet");
        }
    }

    @Test
    void train_thenResumeAndPredict_fillsTheRunFolder() throws Exception {
        Path run = folder.resolve("run");
        String data = "data.sqlite_db_path=" + database;

        Shell first = Shell.millrace("train", CONFIG, "--set", data, "--max-steps", 3, "--out", run, "-q");
        assertDone(first);
        assertThat(first.out()).contains("after 0 epochs and 3 steps");
        Shell again = Shell.millrace("train", CONFIG, "--set", data, "--out", run, "-q");
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.error()).contains("--resume");

        Shell resumed = Shell.millrace("train", CONFIG, "--set", data, "--max-steps", 7, "--resume", run, "-q");
        assertDone(resumed);
        assertThat(resumed.out()).contains("7 steps").contains("baselines on").contains("epoch");
        assertThat(run.resolve("best")).isDirectory();
        assertThat(run.resolve("last")).isDirectory();
        assertThat(TrainConfig.load(run.resolve("config.yaml"), List.of()).warnings())
                .isEmpty();
        try (MetricsReader metrics = MetricsReader.open(run.resolve("metrics.db"))) {
            assertThat(metrics.runs()).hasSize(1);
            assertThat(metrics.seriesOf(1)).extracting(SeriesInfo::name).contains("heap_used", "system_total", "free");
            assertThat(metrics.stages(1)).extracting(StageSpan::name).contains("build", "train", "validate");
            assertThat(metrics.stages(1)).allMatch(stage -> stage.durationSeconds() != null);
            assertThat(metrics.series(metrics.runs().get(0).id(), "loss").steps())
                    .containsExactly(1, 2, 3, 4, 5, 6, 7);
        }

        Shell metricsVerified = Shell.millrace("verify", run.resolve("metrics.db"), "--json");
        assertDone(metricsVerified);
        assertThat(json(metricsVerified).get("sound").asBoolean()).isTrue();

        Path predicted = folder.resolve("predicted.msp");
        assertDone(Shell.millrace("predict", "--model", run, "--smiles", "CCO", "--out", predicted, "-q"));
        assertThat(Files.readString(predicted)).contains("NAME: CCO").contains("NUM PEAKS: ");
        Path batch = Files.writeString(folder.resolve("batch.smi"), "CCO ethanol\nnonsense(\nc1ccccc1 benzene\n");
        Shell many = Shell.millrace("predict", "--model", run, "--batch", batch, "--out", predicted, "-q");
        assertThat(many.code()).isZero();
        assertThat(many.errorLines())
                .singleElement()
                .asString()
                .startsWith("warning: ")
                .contains("line 2");
        assertThat(Files.readString(predicted)).contains("NAME: ethanol").contains("NAME: benzene");
        assertDone(Shell.millrace(
                "predict", "--model", run, "--mol", sample.resolve("mol/ID1.MOL"), "--out", predicted, "-q"));
        Shell broken = Shell.millrace("predict", "--model", run, "--smiles", "nonsense(", "--out", predicted, "-q");
        assertThat(broken.code()).isEqualTo(2);
    }

    @Test
    void train_filesInsteadOfDatabase_givesTheSameLosses() {
        String files = "data.nist_msp_path=" + sample.resolve("spectra.msp");
        Shell fromFiles = Shell.millrace(
                "train",
                CONFIG,
                "-q",
                "--no-baselines",
                "--max-steps",
                6,
                "--out",
                folder.resolve("files"),
                "--set",
                "data.use_sqlite=false",
                "--set",
                files,
                "--set",
                "data.mol_files_dir=" + sample.resolve("mol"),
                "--set",
                "data.random_seed=42");
        Shell fromDatabase = Shell.millrace(
                "train",
                CONFIG,
                "-q",
                "--no-baselines",
                "--max-steps",
                6,
                "--out",
                folder.resolve("sqlite"),
                "--set",
                "data.sqlite_db_path=" + database,
                "--set",
                "data.random_seed=42");

        assertDone(fromFiles);
        assertDone(fromDatabase);
        assertThat(losses(fromFiles)).isNotEmpty().isEqualTo(losses(fromDatabase));
    }

    @Test
    void train_learningRateWithoutReason_isCodeFive() {
        Shell shell = Shell.millrace(
                "train",
                CONFIG,
                "-q",
                "--out",
                folder.resolve("diverged"),
                "--set",
                "data.sqlite_db_path=" + database,
                "--set",
                "finetuning.loss_type=mse",
                "--set",
                "finetuning.learning_rate=10",
                "--set",
                "finetuning.max_grad_norm=1000000",
                "--set",
                "finetuning.num_epochs=40",
                "--set",
                "model.gcn.batch_norm=false",
                "--set",
                "finetuning.scheduler=constant");

        assertThat(shell.code()).isEqualTo(5);
        assertThat(shell.errorLines()).singleElement().asString().contains("diverged");
    }

    @Test
    void train_databaseAbsentOrBinnedOtherwise_isCodeTwo() {
        Shell absent = Shell.millrace(
                "train", CONFIG, "-q", "--out", folder.resolve("x"), "--set", "data.sqlite_db_path=none.db");
        Shell otherBins = Shell.millrace(
                "train",
                CONFIG,
                "-q",
                "--out",
                folder.resolve("y"),
                "--set",
                "data.sqlite_db_path=" + database,
                "--set",
                "data.max_mz=500");

        assertThat(List.of(absent.code(), otherBins.code())).containsExactly(2, 2);
        assertThat(absent.error()).contains("none.db");
        assertThat(otherBins.error()).contains("data.max_mz 500");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void build_asJson_namesThePathAsItWasGiven() {
        Path out = folder.resolve("json.db");
        JsonNode json = json(buildTo(out, "--json"));
        assertThat(json.get("database").asString()).isEqualTo(out.toString());
        assertThat(json.get("spectra_present").asInt()).isEqualTo(96);
        assertThat(json.get("splits").get("train").asInt()).isPositive();
    }

    @Test
    void outputs_thatWouldOverwriteAnInput_areCodeTwoAndLeaveItAlone() throws Exception {
        Path msp = sample.resolve("spectra.msp");
        Path smiles = Files.writeString(folder.resolve("input.smi"), "CCO\n");
        byte[] before = Files.readAllBytes(msp);

        assertThat(buildTo(folder.resolve("over.db"), "--rejects", msp.toString())
                        .code())
                .isEqualTo(2);
        assertThat(buildTo(msp, "--rebuild").code()).isEqualTo(2);
        assertThat(buildTo(
                                folder.resolve("over.db"),
                                "--rejects",
                                folder.resolve("over.db").toString())
                        .code())
                .isEqualTo(2);
        assertThat(Shell.millrace("features", "--spec", "ogb-9-3", "--smiles", smiles, "--out", smiles)
                        .code())
                .isEqualTo(2);
        assertThat(msp).hasBinaryContent(before);
        assertThat(smiles).hasContent("CCO");
    }

    @Test
    void train_resumeThatIsRefused_leavesTheRunAlone() throws Exception {
        Path run = folder.resolve("refused");
        assertDone(train("--out", run.toString(), "--max-steps", "2"));
        String config = Files.readString(run.resolve("config.yaml"));

        Shell other = train("--resume", run.toString(), "--set", "finetuning.learning_rate=0.5");
        Shell none = train("--resume", sample.toString());

        assertThat(other.code()).isEqualTo(2);
        assertThat(run.resolve("config.yaml")).hasContent(config);
        assertThat(none.code()).isEqualTo(2);
        assertThat(sample.resolve("metrics.db")).doesNotExist();
    }

    @Test
    void demo_small_comparesWithBaselinesAndWritesAReport() throws Exception {
        Path out = folder.resolve("demo it's");

        Shell shell = Shell.millrace("demo", "--count", 60, "--epochs", 2, "--out", out, "-q");

        assertDone(shell);
        assertThat(shell.out())
                .containsPattern("the trained model +0\\.\\d{4}")
                .containsPattern("the nearest training molecule +0\\.\\d{4}")
                .contains("report: " + out.resolve("report.html"));
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("<svg")
                .contains("synthetic")
                .endsWith("</html>\n");
        assertThat(Shell.millrace("demo", "--count", 60, "--out", out).code()).isEqualTo(2);
    }

    @Test
    void optimize_builtDatabase_staysSound() {
        Path copy = folder.resolve("copy.db");
        assertDone(buildTo(copy));

        assertDone(Shell.millrace("optimize", copy));

        assertDone(Shell.millrace("verify", copy));
        assertThat(buildTo(copy).out()).contains("up to date");
    }

    @Test
    void features_smilesWithAnError_keepsOrder() throws Exception {
        Path smiles = Files.writeString(folder.resolve("in.smi"), "C methane\nnonsense(\nCC\n");
        Path out = folder.resolve("out.jsonl");

        assertDone(Shell.millrace("features", "--spec", "ogb-9-3", "--smiles", smiles, "--out", out, "-q"));

        List<String> lines = Files.readAllLines(out);
        assertThat(lines).hasSize(3);
        JsonNode methane = JsonMapper.shared().readTree(lines.get(0));
        assertThat(methane.get("id").asString()).isEqualTo("methane");
        assertThat(methane.get("edge_index").toString()).isEqualTo("[[],[]]");
        assertThat(JsonMapper.shared().readTree(lines.get(1)).has("error")).isTrue();
        assertThat(JsonMapper.shared().readTree(lines.get(2)).get("num_nodes").asInt())
                .isEqualTo(2);
    }

    private static Shell buildTo(Path out, String... more) {
        List<Object> words = new java.util.ArrayList<>(List.of(
                "spectra",
                "build",
                "--msp",
                sample.resolve("spectra.msp"),
                "--mol-dir",
                sample.resolve("mol"),
                "--out",
                out,
                "-q"));
        words.addAll(List.of(more));
        return Shell.millrace(words.toArray());
    }

    private static Shell train(String... more) {
        List<Object> words = new java.util.ArrayList<>(
                List.of("train", CONFIG, "-q", "--no-baselines", "--set", "data.sqlite_db_path=" + database));
        words.addAll(List.of(more));
        return Shell.millrace(words.toArray());
    }

    private static List<String> losses(Shell shell) {
        return shell.out()
                .lines()
                .filter(line -> line.matches(" +\\d+\\*? .*"))
                .map(line -> String.join(" ", List.of(line.strip().split(" +")).subList(0, 6)))
                .toList();
    }

    private static JsonNode json(Shell shell) {
        assertDone(shell);
        return JsonMapper.shared().readTree(shell.out());
    }

    private static void assertDone(Shell shell) {
        assertThat(shell.error()).isEmpty();
        assertThat(shell.code()).isZero();
    }
}
