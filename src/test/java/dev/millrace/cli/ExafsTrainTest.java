package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.millrace.exafs.ExafsFile;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.model.ChiModel;
import dev.millrace.model.ModelFolder;
import dev.millrace.model.PathChiModel;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
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

/** Training on EXAFS, as a person types it. */
class ExafsTrainTest {
    private static final String CONFIG = "configs/smoke-exafs.yaml";

    @TempDir
    static Path folder;

    private static Path database;
    private static Path trained;
    private static Shell training;

    @BeforeAll
    static void train() {
        database = ExafsFile.of(20, 3).write(folder.resolve("exafs.db"));
        trained = folder.resolve("trained");
        training = millrace(trained, "exafs.num_epochs=6");
        assertThat(training.code()).as(training.error()).isZero();
    }

    @Test
    void train_madePaths_beatsTheMeansInPhysicalUnits() {
        double best = number(training, "best RMSE of k²χ in Å⁻² ([0-9.e-]+) at step");
        double mean = number(training, "RMSE of k²χ in Å⁻² ([0-9.e-]+) by the mean χ of the training split");
        double ofKind =
                number(training, "RMSE of k²χ in Å⁻² [0-9.e-]+ by the mean χ of the training split, ([0-9.e-]+) by");
        assertThat(best).isLessThan(0.3 * Math.min(mean, ofKind));
        assertThat(training.out().indexOf("baselines on"))
                .isBetween(0, training.out().indexOf("train loss"));
    }

    @Test
    void train_recordsErrorsAndWhereTheDataCameFrom() throws Exception {
        try (MetricsReader metrics = MetricsReader.open(trained.resolve("metrics.db"))) {
            long run = metrics.runs().get(0).id();
            assertThat(metrics.epochMetrics(run).stream()
                            .map(point -> point.metric().name()))
                    .contains("rmse_chi", "rmse_k2_chi", "loss", "data_wait_share");
        }
        assertThat(Files.readString(trained.resolve("report.html")))
                .contains("validation RMSE of k²χ in Å⁻² by the trained model")
                .contains("by the mean χ of the same elements");
        assertThat(Files.readString(trained.resolve("best").resolve("model.yaml")))
                .contains("exafs_model", "target: \"path_chi\"", "database: \"exafs.db\"", "max_legs: 4");
    }

    @ParameterizedTest
    @CsvSource({"path_chi, 2", "distance, 2", "atom_chi, 0"})
    void train_cutAndResumed_equalsUncutBitByBit(String target, int weight) {
        String[] settings = {"exafs.target=" + target, "exafs.k_weight=" + weight, "exafs.num_epochs=3"};
        Path whole = folder.resolve("whole-" + target);
        Path cut = folder.resolve("cut-" + target);
        assertThat(millrace(whole, settings).code()).isZero();
        int steps = Math.toIntExact(Checkpoint.last(whole).step());
        assertThat(millrace(cut, List.of("--max-steps", Integer.toString(steps - 2)), settings)
                        .code())
                .isZero();
        assertThat(millrace(cut, List.of("--resume", cut.toString()), settings).code())
                .isZero();

        assertThat(bits(cut)).isNotEmpty().isEqualTo(bits(whole));
    }

    @Test
    void train_otherTargets_tellErrorsInTheirUnits() {
        Shell distance = millrace(folder.resolve("distance"), "exafs.target=distance", "exafs.num_epochs=20");
        assertThat(number(distance, "best MAE in Å ([0-9.e-]+)"))
                .isLessThan(0.5 * number(distance, "MAE ([0-9.e-]+) Å by the mean of the training split"));
        assertThat(distance.out()).contains("MAE / Å");
        assertThat(distance.error()).contains("First shells of the training split");
        Shell atoms = millrace(folder.resolve("atoms"), "exafs.target=atom_chi", "exafs.k_weight=3");
        assertThat(number(atoms, "best RMSE of k³χ in Å⁻³ ([0-9.e-]+)"))
                .isLessThan(number(atoms, "RMSE of k³χ in Å⁻³ ([0-9.e-]+) by the mean"));
    }

    @Test
    void train_subset_isThatMany() {
        Shell shell = millrace(
                folder.resolve("subset"), "exafs.use_subset=true", "exafs.max_samples=40", "exafs.num_epochs=1");
        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.error()).contains("40 training and 36 validation samples");
    }

    @Test
    void train_wrongSettings_areNamedTogetherAndLeaveNothing() {
        Path out = folder.resolve("refused");
        Shell wrong = millrace(
                out,
                "exafs.database=",
                "exafs.target=energies",
                "exafs.k_weight=4",
                "exafs.stride=3",
                "exafs_model.basis=1");
        assertThat(wrong.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(wrong.error())
                .contains("exafs.target must be one of path_chi, distance, atom_chi")
                .contains("exafs.k_weight must be a whole number 0..3")
                .contains("exafs.stride")
                .contains("exafs_model.basis");
        Shell split = millrace(out, "exafs.split=atom");
        assertThat(split.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(split.error()).contains("expected a database divided by atom, found one by frame");
        Shell subset = millrace(out, "exafs.max_samples=3");
        assertThat(subset.error()).contains("exafs.max_samples needs use_subset: true");
        Shell missing = millrace(out, "exafs.database=" + folder.resolve("none.db"));
        assertThat(missing.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(out).doesNotExist();
    }

    @Test
    void predict_pathOfTheDatabaseAndItsFile_isNearWhatIsStored() throws IOException {
        Path row = folder.resolve("row.csv");
        Shell ofRow =
                Shell.millrace("predict", "--model", trained, "--database", database, "--path-id", 7, "--out", row);
        assertThat(ofRow.code()).as(ofRow.error()).isZero();
        List<String> lines = Files.readAllLines(row);
        assertThat(lines).hasSize(42).startsWith("k,chi,chi_stored");
        double error = 0;
        double size = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            double k = Double.parseDouble(cells[0]);
            double stored = Double.parseDouble(cells[2]);
            error += Math.pow(k * k * (Double.parseDouble(cells[1]) - stored), 2);
            size += Math.pow(k * k * stored, 2);
        }
        assertThat(error).isLessThan(0.05 * size);
    }

    @Test
    void predict_atomsThatTheModelHasNotSeen_warns() throws IOException {
        Path tree = folder.resolve("tree");
        assertThat(Shell.millrace("sample", "exafs", "--frames", 1, "--atoms", 1, "--paths", 2, "--out", tree)
                        .code())
                .isZero();
        Path known = tree.resolve("working_0/frame_0/atom_0/feff0001.dat");
        Path unknown = folder.resolve("feff0002.dat");
        Files.writeString(unknown, Files.readString(known).replace("   8 O", "  14 Si"));
        Path out = folder.resolve("unknown.csv");

        Shell seen = Shell.millrace("predict", "--model", trained, "--feff", known, "--out", out);
        Shell unseen = Shell.millrace("predict", "--model", trained, "--feff", unknown, "--out", out);

        assertThat(seen.code()).as(seen.error()).isZero();
        assertThat(seen.error()).doesNotContain("means nothing");
        assertThat(unseen.code()).as(unseen.error()).isZero();
        assertThat(unseen.error()).contains("means nothing", "[8, 92]", "[14]");
    }

    @Test
    void predict_wrongUse_isNamed() throws IOException {
        Path out = folder.resolve("none.csv");
        Path broken = folder.resolve("feff0001.dat");
        Files.writeString(broken, "no path\n");
        Shell smiles = Shell.millrace("predict", "--model", trained, "--smiles", "CCO", "--out", out);
        assertThat(smiles.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(smiles.error()).contains("found a model of χ(k)").contains("--feff");
        Shell id = Shell.millrace("predict", "--model", trained, "--database", database, "--path-id", 8, "--out", out);
        assertThat(id.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(id.error()).contains("none with id 8");
        Shell file = Shell.millrace("predict", "--model", trained, "--feff", broken, "--out", out);
        assertThat(file.code()).isNotZero();
        assertThat(file.error()).contains("feff0001.dat");
        Shell molecules = Shell.millrace("predict", "--model", "models/pcqm-gap", "--feff", broken, "--out", out);
        assertThat(molecules.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(molecules.error()).contains("expected a model of χ(k)");
        assertThat(out).doesNotExist();
    }

    /** The real paths beside the checkout: a few materials, which is too few to know others by, but their loss must fall. */
    @Test
    void train_realPaths_lossFallsAndFilesArePredicted() throws IOException {
        Path real = Path.of("../shared/data/exafs/feff85exafs");
        assumeThat(real).as("real FEFF paths beside the checkout").isDirectory();
        Path file = folder.resolve("real.db");
        Shell build = Shell.millrace(
                "exafs", "build", real, "--database", file, "--missing-ids", "number", "--split", "atom");
        assertThat(build.code()).as(build.error()).isZero();
        Path run = folder.resolve("real");
        Shell shell = millrace(run, "exafs.database=" + file, "exafs.num_epochs=20", "exafs.batch_size=64");
        assertThat(shell.code()).as(shell.error()).isZero();
        List<Double> losses = new ArrayList<>();
        Matcher rows = Pattern.compile("(?m)^ +\\d+\\*? +\\d+ +([0-9.]+) ").matcher(shell.out());
        while (rows.find()) {
            losses.add(Double.parseDouble(rows.group(1)));
        }
        assertThat(losses).hasSize(20);
        assertThat(losses.get(19)).isLessThan(0.5 * losses.get(0));
        Path path = real.resolve("tests/UO2/baseline/noSCF/feff0001.dat");
        Path chi = folder.resolve("uo2.csv");
        Shell predicted = Shell.millrace("predict", "--model", run, "--feff", path, "--out", chi);
        assertThat(predicted.code()).as(predicted.error()).isZero();
        assertThat(Files.readAllLines(chi)).hasSize(402).startsWith("k,chi");
    }

    @Test
    void modelFolder_ofTheRun_makesTheTrainedModelAgain() throws Exception {
        try (Model model = Model.newInstance("chi", Device.cpu())) {
            ChiModel block = (ChiModel) new ModelFolder().newBlock(model, trained, Map.of());
            assertThat(block).isInstanceOf(PathChiModel.class);
            assertThat(block.config().hiddenDim()).isEqualTo(64);
            model.setBlock(block);
            model.load(trained.resolve("best"));
            assertThat(block.isInitialized()).isTrue();
        }
    }

    private static Shell millrace(Path out, String... settings) {
        return millrace(out, List.of(), settings);
    }

    private static Shell millrace(Path out, List<String> options, String... settings) {
        List<Object> arguments =
                new ArrayList<>(List.of("train", CONFIG, "--out", out, "--set", "exafs.database=" + database));
        arguments.addAll(options);
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        return Shell.millrace(arguments.toArray());
    }

    private static double number(Shell shell, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(shell.out());
        assertThat(matcher.find())
                .as(pattern + " in " + shell.out() + shell.error())
                .isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private static Map<String, String> bits(Path run) {
        Checkpoint checkpoint = Checkpoint.last(run);
        Map<String, String> bits = new TreeMap<>();
        try (Model any = Model.newInstance("any");
                Model model = checkpoint.loadModel(new ModelFolder().newBlock(any, run, Map.of()), Device.cpu())) {
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                bits.put(
                        entry.getKey(),
                        HexFormat.of().formatHex(entry.getValue().getArray().toByteArray()));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bits;
    }
}
