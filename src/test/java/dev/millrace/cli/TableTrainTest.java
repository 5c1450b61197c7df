package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Training on a user's own tables, as a person types it. */
class TableTrainTest {
    private static final String HOUSES = "configs/smoke-own.yaml";
    private static final String PICTURES = "configs/own-images.yaml";

    @TempDir
    static Path folder;

    private static Path sample;
    private static Path trained;
    private static Shell training;

    @BeforeAll
    static void train() {
        sample = folder.resolve("own.db");
        Shell written =
                Shell.millrace("sample", "table", "--houses", 600, "--digits", 320, "--seed", 1, "--out", sample);
        assertThat(written.code()).as(written.error()).isZero();
        assertThat(written.out() + written.error()).contains("synthetic", "less than 9.6 on average");
        trained = folder.resolve("trained");
        training = train(HOUSES, trained);
        assertThat(training.code()).as(training.error()).isZero();
    }

    private static Shell train(String config, Path out, String... settings) {
        return run(config, out, List.of(), settings);
    }

    private static Shell run(String config, Path out, List<String> options, String... settings) {
        List<Object> words = new ArrayList<>(List.of(
                "train", config, "--out", out, "--set", "device=cpu", "--set", "table.database='" + sample + "'"));
        words.addAll(options);
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        return Shell.millrace(words.toArray());
    }

    @Test
    void train_houses_beatsTheRidgeRegressionButNotTheNoise() throws Exception {
        double best = number(training.out(), "best MAE ([0-9.]+) at step");
        double ridge = number(training.out(), "validation MAE by a ridge regression: ([0-9.]+)");
        double mean = number(training.out(), "validation MAE by the mean of the training rows: ([0-9.]+)");
        assertThat(best).isLessThan(0.9 * ridge).isGreaterThan(0.8 * TableSample.LEAST_ERROR);
        assertThat(ridge).isLessThan(0.5 * mean);
        assertThat(training.out().indexOf("baselines on"))
                .isBetween(0, training.out().indexOf("train loss"));
        try (MetricsReader metrics = MetricsReader.open(trained.resolve("metrics.db"))) {
            long run = metrics.runs().get(0).id();
            assertThat(metrics.epochMetrics(run).stream()
                            .map(point -> point.metric().name()))
                    .contains("mae", "rmse", "r2", "loss");
        }
        assertThat(Files.readString(trained.resolve("report.html")))
                .contains("validation MAE by the trained model", "by a ridge regression");
    }

    @Test
    void train_pictures_beatsTheNearestClassMean() {
        Shell shell = train(PICTURES, folder.resolve("pictures"), "table.batch_size=16", "table.num_epochs=4");
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(number(shell.out(), "best accuracy ([0-9.]+) at step"))
                .isGreaterThan(0.15 + number(shell.out(), "accuracy by the nearest class mean: ([0-9.]+)"));
        assertThat(shell.error()).contains("10 classes: 0, 1, 2", "256 training and 64 validation samples");
    }

    @ParameterizedTest
    @CsvSource({HOUSES + ", 17", PICTURES + ", 5"})
    void train_cutAndResumed_equalsUncutBitByBit(String config, int steps) throws IOException {
        String name = String.valueOf(Path.of(config).getFileName());
        String[] settings = {"table.num_epochs=2", "table_model.dropout=0.2", "metrics.enabled=false"};
        Path whole = folder.resolve("whole-" + name);
        Path cut = folder.resolve("cut-" + name);
        List<String> bare = List.of("--no-baselines");
        List<String> some = List.of("--no-baselines", "--max-steps", Integer.toString(steps));
        assertThat(run(config, whole, bare, settings).code()).isZero();
        assertThat(run(config, cut, some, settings).code()).isZero();
        assertThat(Checkpoint.last(cut).step())
                .isLessThan(Checkpoint.last(whole).step());
        assertThat(run(config, cut, List.of("--no-baselines", "--resume", cut.toString()), settings)
                        .code())
                .isZero();
        assertThat(bits(cut)).hasSize(2).isEqualTo(bits(whole));
    }

    /** Parameters and state of the optimizer, as they are in the files. */
    private static Map<String, String> bits(Path run) throws IOException {
        Map<String, String> bits = new TreeMap<>();
        try (var files = Files.list(run.resolve("last"))) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".params") || name.equals("optimizer.state")) {
                    bits.put(name, java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
            }
        }
        return bits;
    }

    @Test
    void train_shippedExample_runsAsItIs() {
        Path out = folder.resolve("tabular");
        Shell shell = run("configs/own-tabular.yaml", out, List.of("--max-steps", "2"));
        assertThat(shell.code()).as(shell.error()).isZero();
        // What a run wrote is a configuration like any other.
        Shell again = run(out.resolve("config.yaml").toString(), folder.resolve("again"), List.of("--max-steps", "2"));
        assertThat(again.code()).as(again.error()).isZero();
    }

    @Test
    void predict_validationRows_errsAsTrainingSaid() throws IOException {
        Path out = folder.resolve("prices.csv");
        Shell shell = Shell.millrace("predict", "--model", trained, "--out", out);
        assertThat(shell.code()).as(shell.error()).isZero();
        List<String> lines = Files.readAllLines(out);
        assertThat(lines.get(0)).isEqualTo("id,price");
        double sum = 0;
        try (Database database = Database.open(sample, Access.READ)) {
            assertThat(lines).hasSize(1 + (int) database.queryLong("SELECT count(*) FROM house WHERE split = 'val'"));
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.split(",", -1);
                String price = database.queryText("SELECT price FROM house WHERE id = ?", Long.parseLong(cells[0]));
                sum += Math.abs(Double.parseDouble(String.valueOf(price)) - Double.parseDouble(cells[1]));
            }
        }
        assertThat(sum / (lines.size() - 1))
                .isCloseTo(number(training.out(), "best MAE ([0-9.]+) at step"), offset(0.01));
    }

    @Test
    void predict_rowsOfAQueryFile_areThoseOfTheModelWhateverTheirColumnsAreCalled() throws IOException {
        Path same = folder.resolve("same.csv");
        assertThat(Shell.millrace("predict", "--model", trained, "--ids", "SELECT 9 UNION ALL SELECT 4", "--out", same)
                        .code())
                .isZero();
        Path other = folder.resolve("other.csv");
        String text = """
                database: '%s'
                ids: SELECT 9 UNION ALL SELECT 4
                rows: |
                  SELECT position, area AS a, rooms AS r, built AS b, garden AS g, heating AS h, name AS d, centre_km AS c
                  FROM batch_ids JOIN house USING (id) JOIN district ON district.id = district_id
                data:
                  - {name: x, columns: [a, r, b, c]}
                  - {name: y, columns: g, fill: 0}
                  - {name: z, columns: [h, %s], encoding: category}
                """;
        Path file = Files.writeString(folder.resolve("rows.yaml"), text.formatted(sample, "d"));
        Shell shell = Shell.millrace("predict", "--model", trained, "--query", file, "--out", other);
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(Files.readAllLines(other)).hasSize(3).isEqualTo(Files.readAllLines(same));
        // A district that training has not seen is one more, not an error.
        Files.writeString(file, text.formatted(sample, "a"));
        assertThat(Shell.millrace("predict", "--model", trained, "--query", file, "--out", other)
                        .error())
                .contains("expected a category");
        Files.writeString(file, text.formatted(sample, "r"));
        assertThat(Shell.millrace("predict", "--model", trained, "--query", file, "--out", other)
                        .code())
                .isZero();
        assertThat(Files.readAllLines(other)).isNotEqualTo(Files.readAllLines(same));
    }

    @Test
    void predict_wrongUse_isNamedAndLeavesNothing() throws IOException {
        Path out = folder.resolve("none.csv");
        assertUsage(out, "--smiles: expected --ids, --query", "--model", trained, "--smiles", "CCO");
        assertUsage(out, "--path-id: expected --ids", "--model", trained, "--database", sample, "--path-id", 3);
        assertUsage(out, "no such table: none", "--model", trained, "--ids", "SELECT id FROM none");
        assertUsage(out, "found none in", "--model", trained, "--ids", "SELECT id FROM house WHERE 0");
        assertUsage(out, "--ids: expected a model of a table", "--model", "models/pcqm-gap", "--ids", "SELECT 1");
        assertUsage(out, "Expected what to predict for", "--model", "models/pcqm-gap");
        assertUsage(out, "Expected what to predict for", "--model", "models/pcqm-gap", "--database", sample);
        Path file = Files.writeString(folder.resolve("few.yaml"), """
                database: '%s'
                ids: SELECT 1
                rows: SELECT position, area FROM batch_ids JOIN house USING (id)
                data:
                  - {name: x, columns: [area]}
                """.formatted(sample));
        assertUsage(
                out, "FLOAT32 of shape [4], found FLOAT32 of shape []; data[1]", "--model", trained, "--query", file);
        Shell text = Shell.millrace("predict", "--model", trained, "--out", folder.resolve("none.txt"));
        assertThat(text.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(text.error()).contains("ends with .csv or .json");
    }

    private static void assertUsage(Path out, String expected, Object... words) {
        List<Object> command = new ArrayList<>(List.of("predict", "--out", out));
        command.addAll(List.of(words));
        Shell shell = Shell.millrace(command.toArray());
        assertThat(shell.code()).as(shell.error()).isEqualTo(ExitCode.USAGE.code());
        assertThat(shell.error()).contains(expected);
        assertThat(out).doesNotExist();
    }

    /** A file in WAL, keyed by text, with JSON, NULLs, classes in words, and a table to be grouped. */
    private static Path clinic(String name) {
        Path file = folder.resolve(name);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(
                    "CREATE TABLE \"Patient Record\" (code TEXT PRIMARY KEY, \"age (years)\" INTEGER, sex TEXT, curve TEXT,"
                            + " weight REAL, outcome TEXT, stay REAL, cost REAL)",
                    "CREATE TABLE lab (patient TEXT, value REAL)",
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150) INSERT INTO \"Patient Record\""
                            + " SELECT 'P' || i, 20 + i % 60, CASE i % 3 WHEN 0 THEN 'f' WHEN 1 THEN 'm' END,"
                            + " json_array(i % 60, 1, i % 7), CASE WHEN i % 5 THEN 60.0 + i % 9 END,"
                            + " CASE WHEN i % 60 > 30 THEN 'ward' ELSE 'home' END, i % 60 + 0.5, 100 * (i % 60) FROM n",
                    "INSERT INTO lab SELECT code, length(code) FROM \"Patient Record\"",
                    "INSERT INTO lab SELECT code, 5 FROM \"Patient Record\" WHERE sex = 'm'");
        }
        return file;
    }

    private static String clinicConfig(Path database, String task, String labels) {
        return """
                device: cpu
                table_model: {hidden_dims: [16], activation: gelu}
                table:
                  task: %s
                  database: '%s'
                  ids: SELECT rowid FROM "Patient Record"
                  rows: |
                    WITH labs AS (SELECT patient, max(value) AS top FROM lab GROUP BY patient)
                    SELECT position, "age (years)", sex, curve, weight, top, outcome, stay, cost, rowid * 0.0 AS nought
                    FROM batch_ids b JOIN "Patient Record" p ON p.rowid = b.id LEFT JOIN labs ON patient = code
                  data:
                    - {name: age, columns: age (years), type: int64}
                    - {name: sex, columns: sex, encoding: category}
                    - {name: curve, columns: curve, shape: [3], encoding: json}
                    - {name: numbers, columns: [weight, top, nought], type: float64, fill: -1}
                  labels:
                    - %s
                  batch_size: 10
                  num_epochs: 12
                  learning_rate: 0.02
                """.formatted(task, database, labels);
    }

    @Test
    void train_classesInWordsOverAFileInWal_areLearntAndPredictedByName() throws IOException {
        Path config = Files.writeString(
                folder.resolve("clinic.yaml"),
                clinicConfig(clinic("clinic.db"), "classification", "{name: outcome, columns: outcome}"));
        Path run = folder.resolve("clinic");
        Shell shell = Shell.millrace("train", config, "--out", run);
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(number(shell.out(), "best accuracy ([0-9.]+) at step")).isGreaterThan(0.9);
        assertThat(number(shell.out(), "accuracy by the most frequent class: ([0-9.]+)"))
                .isLessThan(0.7);
        Path out = folder.resolve("outcomes.json");
        Shell predicted = Shell.millrace(
                "predict",
                "--model",
                run,
                "--ids",
                "SELECT rowid FROM \"Patient Record\" WHERE code = 'P59'",
                "--out",
                out);
        assertThat(predicted.code()).as(predicted.error()).isZero();
        JsonNode row = JsonMapper.shared().readTree(Files.readString(out)).get(0);
        assertThat(row.get("id").asLong()).isEqualTo(59);
        assertThat(row.get("class").asString()).isEqualTo("ward");
        double ward = row.get("probabilities").get("ward").asDouble();
        assertThat(row.get("probability").asDouble()).isEqualTo(ward);
        assertThat(ward + row.get("probabilities").get("home").asDouble()).isCloseTo(1, offset(1e-6));
    }

    @Test
    void train_severalTargetsInAFileOfTheirOwn_areTheSameAsInline() throws IOException {
        Path database = clinic("several.db");
        String inline = clinicConfig(database, "regression", "{name: both, columns: [stay, cost]}")
                .replace("num_epochs: 12", "num_epochs: 2");
        int start = inline.indexOf("  database:");
        int end = inline.indexOf("  batch_size:");
        Path definition = Files.writeString(
                folder.resolve("definition.yaml"), inline.substring(start, end).indent(-2));
        String split = inline.substring(0, start) + "  definition: '" + definition + "'\n" + inline.substring(end);
        Path first = folder.resolve("inline");
        Path second = folder.resolve("definition");
        Shell shell = Shell.millrace("train", Files.writeString(folder.resolve("inline.yaml"), inline), "--out", first);
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out()).contains("R²_stay", "R²_cost", "MAE of stay");
        assertThat(Shell.millrace("train", Files.writeString(folder.resolve("split.yaml"), split), "--out", second)
                        .code())
                .isZero();
        assertThat(bits(second)).hasSize(2).isEqualTo(bits(first));
    }

    @Test
    void train_manyFaults_areNamedTogetherAndLeaveNothing() {
        Path out = folder.resolve("refused");
        Shell words = train(
                HOUSES,
                out,
                "table.task=guess",
                "table.val_split=2",
                "table.stride=3",
                "table_model.kind=rnn",
                "table.data=[{nme: a, columns: [x]}]");
        assertThat(words.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(words.error())
                .contains("6 problems", "table.task must be one of regression, classification", "table.val_split")
                .contains("table.stride is not known", "table_model.kind", "data[0].name is missing");
        Shell together = train(
                HOUSES,
                out,
                "table.val_split=0.1",
                "table.loss=cross_entropy",
                "table.num_classes=3",
                "table_model.channels=[4]",
                "table.labels=[]",
                "table.data=[{name: a, columns: b, encoding: category, fill: 0, type: float32}, {name: a, columns: c,"
                        + " encoding: raw-le}, {name: p, columns: c, encoding: picture, shape: [2, 2, 2]}]",
                "table.definition=other.yaml");
        assertThat(together.error())
                .contains("table.val_split and validation_ids", "table.loss must be one of mse, l1, smooth_l1")
                .contains("table.num_classes needs task: classification", "table_model.channels needs kind: cnn")
                .contains("table.labels must have at least one slot", "table.data must have slots of different names")
                .contains(
                        "data[0].fill",
                        "data[0].type must be int64",
                        "data[1].type is missing",
                        "data[2].shape must be")
                .contains("table.rows and definition cannot both be given");
        Shell sql = train(
                HOUSES,
                out,
                "table.ids=SELEC 1",
                "table.rows=SELECT position, nope FROM batch_ids",
                "table.data=[{name: a," + " columns: [b, c], shape: [3]}]");
        assertThat(sql.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(sql.error()).contains("3 problems", "near \"SELEC\"", "no such column: nope", "slot 'a'.columns");
        Shell columns = train(HOUSES, out, "table.rows=SELECT position, id AS area FROM batch_ids");
        assertThat(columns.error())
                .contains("slot 'numbers' needs column 'rooms'", "slot 'price' needs column 'price'");
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    table.database=none.db | table.database: expected an SQLite file, found none at none.db
                    table.ids=SELECT id FROM house WHERE 0 | table.ids: expected rows to train on, found none
                    data.filter=SELECT id FROM house WHERE 0 | data.filter: expected it to keep some of the
                    table.data=[{name: g, columns: [area, district, rooms]}] | CAST(column AS REAL) in rows makes a number of digits (slot 'g', column district, id
                    table.ids=DELETE FROM house | one SELECT. Cannot run the query: expected SELECT or WITH
                    table.validation_ids=SELECT id FROM house WHERE 0 | table.validation_ids: expected rows to measure on
                    table.ids=SELECT 'x' | the ids query must yield integers, found x
                    table.ids=SELECT 1 UNION SELECT 987654 | expected a row for id 987654, found none
                    table.data=[{name: g, columns: garden}] | found NULL; give the slot a 'fill'
                    table.data=[{name: g, columns: district}] | expected a number, found TEXT '
                    table.data=[{name: g, columns: area, type: int64}] | expected an integer for INT64
                    table.data=[{name: g, columns: area, shape: [2], encoding: json}] | expected JSON TEXT
                    table.rows=SELECT position, 1 AS area, 1 AS rooms, 1 AS built, 1 AS garden, 1 AS heating, 1 AS district, 1 AS\
                     centre_km, 9e999 AS price FROM batch_ids | expected finite numbers, found Infinity (slot 'price'
                    table.rows=SELECT position, area, rooms, built, garden, heating, 1 AS district, 1 AS centre_km, price FROM\
                     batch_ids JOIN house USING (id) JOIN district ON 1 | yields several rows for id
                    """)
    void train_rowsThatDoNotFit_areNamedBeforeTheFirstStep(String setting, String expected) {
        Path out = folder.resolve("hostile");
        Shell shell = train(HOUSES, out, setting);
        assertThat(shell.code()).as(shell.error()).isEqualTo(ExitCode.USAGE.code());
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(shell.error()).contains(expected);
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    table.num_classes=9 | expected one of the classes [0, 1, 2, 3, 4, 5, 6, 7, 8], found '9'
                    table.data=[{name: p, columns: pixels, type: uint8, shape: [16, 15], encoding: raw-le}] | expected a BLOB of 240 bytes, found a BLOB of 256
                    table.data=[{name: p, columns: pixels, encoding: picture, shape: [16, 16]}] | found a BLOB of 256 bytes of another kind
                    table.data=[{name: p, columns: label}] | table_model.image: expected one slot of shape
                    table_model.channels=[4, 4, 4, 4, 4] | found 16 × 16
                    table.labels=[{name: p, columns: pixels}] | expected a category, TEXT or INTEGER, found a BLOB
                    table.rows=SELECT position, pixels, 1 AS label FROM batch_ids JOIN digit USING (id) | two classes or more in column label
                    """)
    void train_picturesThatDoNotFit_areNamedBeforeTheFirstStep(String setting, String expected) {
        Path out = folder.resolve("hostile-pictures");
        Shell shell = train(PICTURES, out, setting);
        assertThat(shell.code()).as(shell.error()).isEqualTo(ExitCode.USAGE.code());
        assertThat(shell.error()).contains(expected);
        assertThat(out).doesNotExist();
    }

    @Test
    void train_idsThatAreSeldomMeant_warns() {
        Shell shell = run(
                HOUSES,
                folder.resolve("warned"),
                List.of("--max-steps", "1", "--no-baselines"),
                "table.ids=SELECT id FROM house WHERE id < 90 UNION ALL SELECT 5",
                "table.validation_ids=SELECT id FROM house WHERE id BETWEEN 80 AND 99");
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.error())
                .contains("warning: table.ids lists ids that it has listed before, 1 times")
                .contains("warning: table.validation_ids lists 10 of the ids of table.ids, of 20");
    }

    @Test
    void train_filterAndWeights_areFollowed() {
        Shell shell = run(
                HOUSES,
                folder.resolve("filtered"),
                List.of("--max-steps", "1", "--no-baselines"),
                "data.filter=SELECT id FROM house WHERE area > 80",
                "data.weights=SELECT id, area FROM house");
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.error()).containsPattern("The filter keeps [0-9]+ of [0-9]+ training samples and");

        Shell wrong =
                run(HOUSES, folder.resolve("wrong"), List.of(), "data.weights=SELECT id, area FROM house WHERE id > 9");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.errorLines()).last().asString().contains("data.weights: ");
    }

    @Test
    void share_ofTheRows_dependsOnSeedAndIdsAlone() {
        TableQuery query = query("SELECT id FROM house", 1);
        List<Long> measured = ids(query, TableRows.Part.VALIDATION);
        List<Long> learnt = ids(query, TableRows.Part.TRAINING);
        assertThat(measured).hasSize(150).doesNotContainAnyElementsOf(learnt);
        assertThat(learnt).hasSize(450);
        assertThat(ids(query("SELECT id FROM house ORDER BY area", 1), TableRows.Part.VALIDATION))
                .containsExactlyInAnyOrderElementsOf(measured);
        assertThat(ids(query("SELECT id FROM house", 2), TableRows.Part.VALIDATION))
                .isNotEqualTo(measured);
        TableQuery twice = query("SELECT id FROM house UNION ALL SELECT id FROM house", 1);
        assertThat(ids(twice, TableRows.Part.VALIDATION)).hasSize(300).hasSameElementsAs(measured);
    }

    private static TableQuery query(String ids, long seed) {
        return new TableQuery(
                sample,
                null,
                ids,
                null,
                0.25,
                seed,
                "SELECT position, area FROM batch_ids JOIN house USING (id)",
                List.of(),
                List.of());
    }

    private static List<Long> ids(TableQuery query, TableRows.Part part) {
        var area = dev.millrace.batch.QuerySlot.numbers("area", dev.millrace.tensor.DType.FLOAT32, "area");
        try (TableRows rows = TableRows.open(
                query, part, new TableRows.Reading(List.of(area), List.of(), 8, false, 0, SampleSection.all()))) {
            List<Long> ids = new ArrayList<>();
            for (long position = 0; position < rows.rows().size(); position++) {
                ids.add(rows.rows().id(position));
            }
            return ids;
        }
    }

    @Test
    void sample_sameSeed_isTheSameAndKeepsWhatIsThere() throws IOException {
        Path again = folder.resolve("again.db");
        assertThat(Shell.millrace("sample", "table", "--houses", 20, "--digits", 20, "--seed", 1, "--out", again)
                        .code())
                .isZero();
        String rows = "SELECT group_concat(price || ifnull(garden, '-') || ifnull(heating, '-'))"
                + " || (SELECT group_concat(hex(pixels) || label) FROM digit WHERE id <= 20) FROM house WHERE id <= 20";
        try (Database one = Database.open(sample, Access.READ);
                Database other = Database.open(again, Access.READ)) {
            assertThat(other.queryText(rows)).isEqualTo(one.queryText(rows)).isNotNull();
            assertThat(other.queryLong("PRAGMA application_id")).isZero();
        }
        Shell second = Shell.millrace("sample", "table", "--out", again);
        assertThat(second.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(second.error()).contains("expected a new name");
    }

    private static double number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
