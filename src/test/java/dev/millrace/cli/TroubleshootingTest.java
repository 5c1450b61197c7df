package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.DiskSpace;
import dev.millrace.docs.Page;
import dev.millrace.kv.Codecs;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.model.PropertyLoss;
import dev.millrace.model.PropertyModel;
import dev.millrace.model.PropertyModelConfig;
import dev.millrace.pcqm.PcqmBuilder;
import dev.millrace.pcqm.PcqmDataset;
import dev.millrace.pcqm.PcqmSample;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.tensor.DType;
import dev.millrace.training.DeviceChoice;
import dev.millrace.training.TrainingPlan;
import dev.millrace.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/troubleshooting.md quotes what Millrace says, … standing for what differs: the usual troubles are provoked here and looked
 * up there, and the fixed words of every other quotation are in the sources.
 */
class TroubleshootingTest {
    private static final Page PAGE = Page.of("docs/troubleshooting.md");
    private static final String FOREIGN = "From libraries and Java";

    @TempDir
    private static Path folder;

    private static Path spectra;
    private static Path molecules;
    private static Path csv;

    @BeforeAll
    static void build() throws Exception {
        SpectraSample.write(folder, 40, 5, BuildProgress.NONE);
        spectra = folder.resolve("spectra.db");
        new SpectraBuilder()
                .setMsp(folder.resolve("spectra.msp"))
                .setMolFolder(folder.resolve("mol"))
                .setDatabase(spectra)
                .build();
        csv = folder.resolve("data.csv");
        new PcqmSample(40, 0, 3, 0, false).write(csv, done -> {});
        molecules = folder.resolve("pcqm.db");
        new PcqmBuilder().setCsv(csv).setDatabase(molecules).build();
    }

    @Test
    void quotations_ofThePage_areInTheSources() throws IOException {
        List<String> sources = sources();
        List<String> missing = quotations(false).stream()
                .filter(quotation -> sources.stream().noneMatch(source -> holds(source, quotation)))
                .toList();

        assertThat(quotations(false)).hasSizeGreaterThan(30);
        assertThat(missing).isEmpty();
    }

    /** Whether a source has the fixed words of a quotation in its texts, in their order. */
    private static boolean holds(String source, String quotation) {
        int at = 0;
        for (String part : quotation.split("…", -1)) {
            String words = part.strip();
            at = source.indexOf(words, at);
            if (at < 0) {
                return false;
            }
            at += words.length();
        }
        return true;
    }

    /** The sources, a text that goes over several lines put together, and without the names of values between texts. */
    private static List<String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<String> sources = new ArrayList<>();
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".java")).toList()) {
                sources.add(
                        Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "").replace("\\\"", "\""));
            }
            return sources;
        }
    }

    /** @param foreign whether to count what libraries say */
    private static List<String> quotations(boolean foreign) {
        List<String> quotations = new ArrayList<>();
        boolean counts = true;
        for (Page.Heading heading : PAGE.headings()) {
            if (heading.level() == 2) {
                counts = foreign || !heading.text().equals(FOREIGN);
            } else if (heading.level() == 3 && counts) {
                quotations.add(heading.text().replaceAll("^`|`$", ""));
            }
        }
        return quotations;
    }

    /** Fails unless the page has a heading for a message. */
    private static void assertTold(String message) {
        List<String> found = quotations(true).stream()
                // The heading over all faults of a configuration would be found in nearly every message.
                .filter(quotation -> !quotation.equals("… in …: …"))
                .filter(quotation -> Pattern.compile(Arrays.stream(quotation.split("…"))
                                .map(part -> Pattern.quote(part.strip()))
                                .collect(Collectors.joining(".*")))
                        .matcher(message)
                        .find())
                .toList();
        assertThat(found).as(message).isNotEmpty();
    }

    private static void assertTold(@Nullable Throwable failure) {
        assertThat(failure).isNotNull();
        assertTold(String.valueOf(failure.getMessage()));
    }

    private static void assertTold(int code, Object... command) {
        Shell shell = Shell.millrace(command);
        assertThat(shell.code()).as(shell.error()).isEqualTo(code);
        assertTold(shell.errorLines().get(shell.errorLines().size() - 1));
    }

    @Test
    void files_missingForeignOrOfAnotherKind_areTold() throws Exception {
        assertTold(2, "inspect", folder.resolve("none.db"));
        Path foreign = folder.resolve("foreign.db");
        execute(foreign, "CREATE TABLE t (x)");
        assertTold(4, "inspect", foreign);
        Path text = Files.writeString(
                folder.resolve("text.db"), "no database at all, but long enough to have a header ".repeat(30));
        assertTold(4, "verify", text);
        assertTold(catchThrowable(() -> SpectrumDataset.builder()
                .setDatabase(molecules)
                .setSampling(4, false)
                .build()));
        Path newer = Files.copy(spectra, folder.resolve("newer.db"));
        execute(newer, "PRAGMA user_version = 99");
        assertTold(4, "spectra", "memory", newer);
    }

    @Test
    void configuration_wrong_isTold() throws Exception {
        Path config = Files.writeString(
                folder.resolve("my.yaml"),
                Files.readString(Path.of("configs/smoke.yaml")).replace("hidden_dim: 32", "hiden_dim: 32"));
        assertTold(2, "train", config);
        assertTold(2, "train", "configs/smoke.yaml", "--set", "finetuning.batch_size=0");
        assertTold(2, "train", "configs/none.yaml");
        assertTold(2, "train", "configs/smoke.yaml", "--frobnicate");
        assertTold(2, "trian");
        assertTold(
                2,
                "train",
                "configs/smoke.yaml",
                "--set",
                "data.sqlite_db_path=" + spectra,
                "--set",
                "data.feature_spec=ogb-9-3");
        assertTold(2, "predict", "--model", "models/pcqm-gap", "--smiles", "C1CC", "--out", folder.resolve("p.csv"));
    }

    @Test
    void build_ofOtherOrBadInput_isTold() throws Exception {
        assertTold(2, "pcqm", "build", "--csv", csv, "--out", molecules, "--seed", "7");
        Path bad = Files.writeString(folder.resolve("bad.csv"), "idx,smiles,homolumogap\n0,CC,5\n1,C1C,5\n2,xx,5\n");
        assertTold(3, "pcqm", "build", "--csv", bad, "--out", folder.resolve("bad.db"));
    }

    @Test
    void row_damaged_isTold() throws Exception {
        Path damaged = Files.copy(molecules, folder.resolve("damaged.db"));
        execute(damaged, "UPDATE graph_structures SET target = x'a10800010100000041' WHERE idx = 3");
        try (PcqmDataset dataset = PcqmDataset.builder()
                        .setDatabase(damaged)
                        .optSplit(Split.ALL)
                        .setSampling(8, false)
                        .build();
                Model model = Model.newInstance("any")) {
            assertTold(
                    catchThrowable(() -> dataset.getData(model.getNDManager()).forEach(batch -> batch.close())));
        }
        Shell verify = Shell.millrace("verify", damaged);
        assertThat(verify.code()).isEqualTo(4);
    }

    @Test
    void training_thatCannotGoOn_isTold() throws Exception {
        List<PropertyModelConfig.Target> targets = List.of(PropertyModelConfig.Target.of("homo_lumo_gap", 5, 1));
        TrainingPlan plan = TrainingPlan.builder().setEpochs(1).optSeed(1).build();
        TrainingPlan strict = TrainingPlan.builder()
                .setEpochs(1)
                .optSeed(1)
                .optDivergenceLimit(1e-6)
                .build();
        TrainingPlan other = TrainingPlan.builder().setEpochs(1).optSeed(2).build();
        Path run = folder.resolve("run");
        try (PcqmDataset train = PcqmDataset.builder()
                .setDatabase(molecules)
                .optSplit(Split.TRAIN)
                .setSampling(16, true)
                .build()) {
            train(train, targets, plan, run, null);
            assertTold(catchThrowable(() -> train(train, targets, strict, null, null)));
            assertTold(catchThrowable(() -> train(train, targets, other, null, run)));
        }
        assertTold(2, "train", "configs/smoke.yaml", "--set", "data.sqlite_db_path=" + spectra, "--out", run);
        assertTold(2, "train", "configs/smoke.yaml", "--resume", folder.resolve("no-run"));
        assertTold(catchThrowable(() -> DeviceChoice.parse("gpu:63").resolve()));
        assertTold(catchThrowable(() -> PcqmDataset.builder()
                .setDatabase(molecules)
                .setSampling(16, true)
                .optCacheInMemory(true, 100)
                .build()));
    }

    private static void train(
            PcqmDataset data,
            List<PropertyModelConfig.Target> targets,
            TrainingPlan plan,
            @Nullable Path folder,
            @Nullable Path from) {
        try (Model model = Model.newInstance("gap")) {
            model.setBlock(new PropertyModel(PropertyModelConfig.of(data.featureSpec(), targets)));
            TrainingRun.builder()
                    .setModel(model)
                    .setPlan(plan)
                    .setLoss(PropertyLoss.of(PropertyLoss.Kind.L1, targets))
                    .setTraining(data)
                    .optFolder(folder)
                    .optResume(from)
                    .build()
                    .run();
        }
    }

    @Test
    void store_openedWrongly_isTold() throws Exception {
        Path file = folder.resolve("secrets.db");
        // Not passwords: each opening with one takes half a second by design.
        Path right = keyFile("right.key", (byte) 1);
        Path wrong = keyFile("wrong.key", (byte) 2);
        try (KvSecret secret = KvSecret.keyFile(right);
                KvStore store =
                        KvStore.builder().setFile(file).optSecret(secret).build()) {
            store.namespace("main", Codecs.TEXT).put("key", "value");
            assertTold(
                    catchThrowable(() -> store.namespace("main", Codecs.BYTES).get("key")));
        }
        assertTold(2, "kv", "get", file, "key");
        try (KvSecret secret = KvSecret.keyFile(wrong)) {
            assertTold(catchThrowable(
                    () -> KvStore.builder().setFile(file).optSecret(secret).build()));
        }
    }

    private static Path keyFile(String name, byte content) throws IOException {
        byte[] key = new byte[32];
        Arrays.fill(key, content);
        Path file = Files.write(folder.resolve(name), key);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    @Test
    void query_thatCannotBeRead_isTold() {
        assertTold(catchThrowable(() -> QueryDataset.builder()
                .setDatabase(molecules)
                .setIds("SELECT idx FROM molecules ORDER BY idx")
                .setRows("SELECT homo_lumo_gap FROM batch_ids JOIN molecules ON idx = id")
                .addData(QuerySlot.numbers("gap", DType.FLOAT32, "homo_lumo_gap"))
                .setSampling(4, false)
                .build()));
    }

    @Test
    void space_tooLittle_isTold() {
        assertTold(catchThrowable(() -> DiskSpace.require(folder.resolve("big.db"), Long.MAX_VALUE)));
    }

    @Test
    void addition_thatDoesNotFit_isTold() throws Exception {
        Path others = folder.resolve("others");
        SpectraSample.write(others, 5, 6, BuildProgress.NONE);
        Object[] add = {
            "spectra",
            "build",
            "--append",
            "--msp",
            others.resolve("spectra.msp"),
            "--mol-dir",
            others.resolve("mol"),
            "--out",
            spectra
        };
        assertTold(3, add);
        Object[] otherwise = Arrays.copyOf(add, add.length + 2);
        otherwise[add.length] = "--spec";
        otherwise[add.length + 1] = "ogb-9-3";
        assertTold(2, otherwise);
    }

    @Test
    void filterAndWeights_thatDoNotFit_areTold() {
        for (String setting : List.of(
                "data.filter=DELETE FROM compounds",
                "data.filter=SELECT id FROM compounds WHERE exact_mass < 0",
                "data.filter=SELECT id, name FROM compounds",
                "data.filter=SELECT id FROM compounds WHERE weight > 1",
                "data.weights=SELECT id, 1 FROM compounds WHERE id > 20",
                "data.weights=SELECT id, -1 FROM compounds")) {
            assertTold(
                    2,
                    "train",
                    "configs/smoke.yaml",
                    "--set",
                    "data.sqlite_db_path=" + spectra,
                    "--set",
                    setting,
                    "--out",
                    folder.resolve("unfit"));
        }
    }

    @Test
    void table_thatCannotBeTrainedOn_isTold() throws Exception {
        Path own = folder.resolve("own.db");
        execute(
                own,
                "CREATE TABLE t AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 40)"
                        + " SELECT id, id % 3 AS x, nullif(id, 7) AS y FROM n");
        for (String setting : List.of(
                "table.num_epochs=1",
                "table.ids=SELECT id FROM t WHERE id > 40",
                "table.ids=SELECT wrong FROM t",
                "table.rows=SELECT position, a.x, a.y FROM batch_ids JOIN t AS a USING (id), t AS b")) {
            assertTold(2, table(own, setting));
        }
    }

    private static Object[] table(Path database, String setting) {
        return new Object[] {
            "train",
            "configs/smoke-own.yaml",
            "--out",
            folder.resolve("unfit"),
            "--set",
            "table.database=" + database,
            "--set",
            "table.ids=SELECT id FROM t",
            "--set",
            "table.validation_ids=null",
            "--set",
            "table.rows=SELECT position, x, y FROM batch_ids JOIN t USING (id)",
            "--set",
            "table.data=[{name: x, columns: x}]",
            "--set",
            "table.labels=[{name: y, columns: y}]",
            "--set",
            setting
        };
    }

    @Test
    void smoke_belowItsFloors_isTold() throws Exception {
        Path config = Files.writeString(folder.resolve("my-smoke.yaml"), """
                max_steps: 2
                domains:
                  - name: strict
                    config: %s
                    set: ["data.sqlite_db_path=%s"]
                    max_loss: 0.000001
                """.formatted(
                        Path.of("configs/smoke.yaml").toAbsolutePath(), spectra));
        assertTold(5, "smoke", "--config", config, "--out", folder.resolve("strict"));
        Path store = Files.writeString(folder.resolve("kv-smoke.yaml"), """
                domains:
                  - name: kv
                    kv_entries: 200
                """);
        assertTold(1, "smoke", "--config", store, "--out", folder.resolve("slow"), "--min-loader-ratio", "100000");
    }

    private static void execute(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
