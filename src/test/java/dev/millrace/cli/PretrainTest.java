package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.model.EncoderModel;
import dev.millrace.pcqm.GapMolecules;
import dev.millrace.training.Checkpoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pretraining on synthetic molecules and what fine-tuning does with it, as a person types it. */
class PretrainTest {
    private static final String PRETRAIN = "configs/smoke-pretrain.yaml";
    private static final String FINETUNE = "configs/smoke.yaml";

    @TempDir
    static Path folder;

    private static Path molecules;
    private static Path spectra;
    private static Path pretrained;
    private static Shell pretraining;

    @BeforeAll
    static void pretrain() {
        molecules = GapMolecules.write(folder.resolve("molecules.db"), 600, "ogb-9-3", "homo_lumo_gap");
        Path sample = folder.resolve("sample");
        spectra = folder.resolve("spectra.db");
        assertDone(Shell.millrace("sample", "spectra", "--count", 96, "--seed", 3, "--out", sample, "-q"));
        assertDone(Shell.millrace(
                "spectra",
                "build",
                "--msp",
                sample.resolve("spectra.msp"),
                "--mol-dir",
                sample.resolve("mol"),
                "--out",
                spectra,
                "--spec",
                "ogb-9-3",
                "-q"));
        pretrained = folder.resolve("pretrained");
        pretraining = pretrain(pretrained);
        assertDone(pretraining);
    }

    @Test
    void pretrain_fourEpochs_beatsTheMeanAndWritesTheBackbone() throws Exception {
        assertThat(pretraining.out()).contains("MAE / eV").contains("all epochs done");
        double best = Double.parseDouble(group("best MAE in eV ([0-9.]+)", pretraining.out()));
        double mean = Double.parseDouble(group("MAE ([0-9.]+) eV by the mean", pretraining.out()));
        double composition = Double.parseDouble(group("([0-9.]+) eV by a linear", pretraining.out()));
        assertThat(composition).isLessThan(mean);
        assertThat(best).isLessThan(0.7 * mean);

        Checkpoint backbone = Checkpoint.open(pretrained.resolve("pretrained_backbone"));
        assertThat(backbone.step()).isEqualTo(Checkpoint.best(pretrained).step());
        assertThat(backbone.validation()).containsKeys("loss", "mae");
        ModelFile card = ModelFile.of(backbone);
        assertThat(card.featureSpec()).isEqualTo("ogb-9-3");
        assertThat(card.output()).isEqualTo(new ModelFile.Vectors());
        assertThat(card.trainedOn()).isNotNull().satisfies(on -> {
            assertThat(on.database()).isEqualTo("molecules.db");
            assertThat(on.trainingSamples()).isEqualTo(480);
            assertThat(on.digest()).contains("samples=480");
        });
        try (MetricsReader metrics = MetricsReader.open(pretrained.resolve("metrics.db"))) {
            assertThat(metrics.epochMetrics(metrics.runs().get(0).id()).stream()
                            .map(point -> point.metric().name()))
                    .contains("mae");
        }
        assertThat(Files.readString(pretrained.resolve("report.html"))).contains("validation MAE in eV by the trained");
    }

    @Test
    void pretrain_cutAndResumed_equalsUncutBitByBit() {
        Path cut = folder.resolve("cut");
        assertDone(pretrain(cut, "--max-steps", "22"));
        assertThat(Checkpoint.last(cut).epoch()).isEqualTo(1);
        assertDone(pretrain(cut, "--resume", cut.toString()));

        assertThat(bits(cut, name -> true)).isEqualTo(bits(pretrained, name -> true));
    }

    @Test
    void pretrain_subsetOfSeveralTargetsPadded_trains() {
        Path several = GapMolecules.write(folder.resolve("several.db"), 300, "ogb-9-3", "homo_lumo_gap", "dipole");
        Path run = folder.resolve("several");
        Shell shell = Shell.millrace(
                "train",
                PRETRAIN,
                "-q",
                "--out",
                run,
                "--set",
                "pretraining.sqlite_db_path=" + several,
                "--set",
                "pretraining.task=multi_task",
                "--set",
                "pretraining.target_weights=[1, 0.5]",
                "--set",
                "pretraining.adapter=pad",
                "--set",
                "pretraining.use_subset=true",
                "--set",
                "pretraining.max_samples=100",
                "--set",
                "pretraining.scheduler=cosine_restarts",
                "--set",
                "pretraining.scheduler_t0=1",
                "--set",
                "pretraining.num_epochs=2");
        assertDone(shell);

        Checkpoint best = Checkpoint.best(run);
        assertThat(best.validation()).containsKeys("loss", "mae_homo_lumo_gap", "mae_dipole");
        assertThat(ModelFile.of(best).featureSpec()).isEqualTo("ogb-9-3+pad-48-6");
        assertThat(best.settings().get("data.training")).contains("subset=100");
        Path predicted = folder.resolve("several.json");
        assertDone(Shell.millrace("predict", "--model", run, "--smiles", "CCO", "--out", predicted, "-q"));
        JsonNode row = JsonMapper.shared().readTree(predicted.toFile()).get(0);
        assertThat(row.get("homo_lumo_gap_ev").asDouble()).isBetween(0.0, 20.0);
        assertThat(row.get("dipole_ev").asDouble()).isBetween(80.0, 140.0);
    }

    @Test
    void predict_gapModel_writesTablesAndRefusesMsp() throws Exception {
        Path csv = folder.resolve("gaps.csv");
        Path batch = Files.writeString(folder.resolve("gaps.smi"), "CCO ethanol, pure\nc1ccccc1 benzene\n");
        assertDone(Shell.millrace("predict", "--model", pretrained, "--batch", batch, "--out", csv, "-q"));
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo("name,smiles,homo_lumo_gap_ev");
        assertThat(lines.get(1)).startsWith("\"ethanol, pure\",CCO,");
        double benzene = Double.parseDouble(lines.get(2).substring(lines.get(2).lastIndexOf(',') + 1));
        double ethanol = Double.parseDouble(lines.get(1).substring(lines.get(1).lastIndexOf(',') + 1));
        assertThat(benzene).isLessThan(ethanol);

        Path tsv = folder.resolve("gaps.tsv");
        assertDone(Shell.millrace("predict", "--model", pretrained, "--batch", batch, "--out", tsv, "-q"));
        assertThat(Files.readString(tsv)).contains("ethanol, pure\tCCO\t");
        Shell msp = Shell.millrace(
                "predict", "--model", pretrained, "--smiles", "C", "--out", folder.resolve("gaps.msp"), "-q");
        assertThat(msp.code()).isEqualTo(2);
        assertThat(msp.error()).contains(".csv").contains("homo_lumo_gap");
        Shell encoder = Shell.millrace(
                "predict", "--model", pretrained.resolve("pretrained_backbone"), "--smiles", "C", "--out", csv, "-q");
        assertThat(encoder.code()).isEqualTo(2);
        assertThat(encoder.error()).contains("an encoder alone");
    }

    @Test
    void pretrain_dataWithoutValidation_isWrongUsageAndLeavesNothing() throws Exception {
        Path csv = folder.resolve("same.csv");
        StringBuilder same = new StringBuilder("idx,smiles,homolumogap\n");
        for (int idx = 0; idx < 40; idx++) {
            same.append(idx).append(",CCO,5.5\n");
        }
        Files.writeString(csv, same);
        Path splits = Files.writeString(folder.resolve("train-only.csv"), "idx,split\n0,train\n1,train\n");
        Path unchecked = folder.resolve("train-only.db");
        assertDone(Shell.millrace("pcqm", "build", "--csv", csv, "--split", splits, "--out", unchecked, "-q"));
        Path run = folder.resolve("nothing-to-learn");

        expectRefused(run, unchecked, "No split 'val': expected one of [train]");
        expectRefused(csv, molecules, "Expected the name of a folder, found a file");
        assertThat(run).doesNotExist();
        Shell transfer =
                Shell.millrace("bench", "transfer", "--finetune-db", spectra, "--pretrain-db", molecules, "--out", csv);
        assertThat(transfer.code()).isEqualTo(2);
        assertThat(transfer.errorLines()).containsExactly("error: Not a folder: " + csv);
    }

    private static void expectRefused(Path run, Path database, String part) {
        Shell shell = Shell.millrace(
                "train", PRETRAIN, "--set", "pretraining.sqlite_db_path=" + database, "--out", run, "-q");
        assertThat(shell.code()).as(shell.error()).isEqualTo(2);
        assertThat(shell.errorLines())
                .singleElement()
                .asString()
                .startsWith("error: ")
                .contains(part);
        assertThat(shell.out()).isEmpty();
    }

    @Test
    void finetune_frozenBackbone_staysBitByBitAndPredictsSpectra() throws Exception {
        Path run = folder.resolve("frozen");
        assertDone(finetune(
                run,
                "finetuning.pretrained_checkpoint=" + pretrained.resolve("pretrained_backbone"),
                "finetuning.freeze_backbone=true"));
        Predicate<String> encoder = name -> name.startsWith("01encoder");

        assertThat(bits(run, encoder)).isEqualTo(bits(pretrained, encoder)).isNotEmpty();
        try (MetricsReader metrics = MetricsReader.open(run.resolve("metrics.db"))) {
            Map<String, String> settings = metrics.runs().get(0).params();
            assertThat(settings).containsEntry("backbone_lr", "0.0").containsEntry("frozen_layers", "2");
        }
        Path csv = folder.resolve("spectrum.csv");
        Shell wrong = Shell.millrace("predict", "--model", run, "--smiles", "C", "--out", csv, "-q");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.error()).contains("MSP");
    }

    @Test
    void finetune_frozenLayersAndTwoRates_areInEffectAndResumeBitByBit() throws Exception {
        String[] settings = {
            "finetuning.pretrained_checkpoint=" + pretrained,
            "finetuning.freeze_layers=1",
            "finetuning.backbone_lr=0.00001",
            "finetuning.head_lr=0.01"
        };
        Path whole = folder.resolve("rates");
        assertDone(finetune(whole, settings));
        Map<String, ByteBuffer> before = bits(pretrained, name -> true);
        Map<String, ByteBuffer> after = bits(whole, name -> true);
        for (String name : before.keySet()) {
            boolean frozen = name.startsWith("01encoder_01") || name.matches("01encoder_0[23].*");
            if (name.startsWith("01encoder")) {
                assertThat(before.get(name).equals(after.get(name))).as(name).isEqualTo(frozen);
            }
        }
        // Adam moves each weight by about its rate per step: what was not frozen moved, but hardly.
        String slow = before.keySet().stream()
                .filter(name -> name.startsWith("01encoder_04") && name.endsWith("weight"))
                .findFirst()
                .orElseThrow();
        assertThat(largestChange(before.get(slow), after.get(slow))).isBetween(1e-7, 4e-4);
        try (MetricsReader metrics = MetricsReader.open(whole.resolve("metrics.db"))) {
            assertThat(metrics.runs().get(0).params())
                    .containsEntry("backbone_lr", "1.0E-5")
                    .containsEntry("head_lr", "0.01")
                    .containsEntry("frozen_layers", "1");
        }
        assertThat(TrainConfig.load(whole.resolve("config.yaml"), List.of())
                        .config()
                        .requireFinetuning()
                        .transfer()
                        .headLr())
                .isEqualTo(0.01);

        // The pretrained model is gone when the run goes on: it is not read again.
        Path copy = folder.resolve("copy");
        copyFolder(pretrained.resolve("pretrained_backbone"), copy);
        settings[0] = "finetuning.pretrained_checkpoint=" + copy;
        Path cut = folder.resolve("rates-cut");
        List<String> first = new ArrayList<>(List.of("--max-steps", "8"));
        assertDone(finetune(cut, first, settings));
        try (var files = Files.list(copy)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        assertDone(finetune(cut, List.of("--resume", cut.toString()), settings));
        // By name first: the message then says what differs.
        Map<String, ByteBuffer> resumed = bits(cut, name -> true);
        assertThat(after.keySet().stream().filter(name -> !after.get(name).equals(resumed.get(name))))
                .isEmpty();
        assertThat(resumed).hasSameSizeAs(after);
    }

    @Test
    void finetune_fromASpectrumRunWithLessData_trains() {
        Path first = folder.resolve("first");
        assertDone(finetune(first));
        Path second = folder.resolve("second");
        Shell shell = finetune(second, "finetuning.pretrained_checkpoint=" + first, "finetuning.data_fraction=0.5");

        assertDone(shell);
        ModelFile.TrainedOn half = ModelFile.of(Checkpoint.best(second)).trainedOn();
        ModelFile.TrainedOn all = ModelFile.of(Checkpoint.best(first)).trainedOn();
        assertThat(half).isNotNull();
        assertThat(all).isNotNull();
        assertThat(half.trainingSamples()).isEqualTo(Math.round(all.trainingSamples() / 2.0));
    }

    @Test
    void finetune_backboneThatDoesNotFit_namesEveryDifferenceAndIsCodeTwo() {
        Path run = folder.resolve("misfit");
        Shell shapes = finetune(
                run,
                "finetuning.pretrained_checkpoint=" + pretrained,
                "model.hidden_dim=16",
                "model.num_layers=3",
                "model.gcn.conv_type=GCNConv");
        assertThat(shapes.code()).isEqualTo(2);
        assertThat(shapes.error())
                .contains("model.hidden_dim 32 (pretrained) and 16 (this run)")
                .contains("model.num_layers 2 (pretrained) and 3 (this run)")
                .contains("model.gcn.conv_type gineconv (pretrained) and gcnconv (this run)");
        assertThat(run).doesNotExist();

        Path other = folder.resolve("bitspec.db");
        GapMolecules.write(other, 60, "bitspec-48-6", "homo_lumo_gap");
        Path bitspec = folder.resolve("bitspec");
        assertDone(Shell.millrace(
                "train",
                PRETRAIN,
                "-q",
                "--no-baselines",
                "--max-steps",
                1,
                "--out",
                bitspec,
                "--set",
                "pretraining.sqlite_db_path=" + other));
        Shell features = finetune(run, "finetuning.pretrained_checkpoint=" + bitspec);
        assertThat(features.code()).isEqualTo(2);
        assertThat(features.error()).contains("bitspec-48-6 (pretrained) and ogb-9-3 (this run)");
        Shell absent = finetune(run, "finetuning.pretrained_checkpoint=" + folder.resolve("nowhere"));
        assertThat(absent.code()).isEqualTo(2);
        assertThat(absent.error()).contains("nowhere");
        assertThat(run).doesNotExist();
    }

    @Test
    void benchTransfer_twoCells_areKeptAndCompared() throws Exception {
        Path out = folder.resolve("transfer");
        Object[] words = {
            "bench",
            "transfer",
            "--checkpoint",
            pretrained,
            "--finetune-db",
            spectra,
            "--fractions",
            "0.5",
            "--seeds",
            "1,2",
            "--strategies",
            "scratch,frozen",
            "--epochs",
            "2",
            "--json",
            "-q",
            "--out",
            out,
            "--set",
            "model.hidden_dim=32",
            "--set",
            "model.num_layers=2",
            "--set",
            "model.pooling=mean",
            "--set",
            "finetuning.num_workers=1",
            "--set",
            "finetuning.backbone_lr=0.0001"
        };
        Shell first = Shell.millrace(words);
        assertDone(first);
        JsonNode cells = JsonMapper.shared().readTree(first.out()).get("cells");
        assertThat(cells.size()).isEqualTo(4);
        for (JsonNode cell : cells) {
            assertThat(cell.get("testCosine").asDouble()).isBetween(0.0, 1.0);
        }
        Path kept = out.resolve("cells/scratch-0.5-1/result.json");
        var written = Files.getLastModifiedTime(kept);
        Files.delete(out.resolve("cells/frozen-0.5-2/result.json"));

        Shell again = Shell.millrace(words);

        // One cell is computed anew and comes out the same; the others are read.
        assertThat(withoutSeconds(again.out())).isEqualTo(withoutSeconds(first.out()));
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(written);
        assertThat(Files.readString(out.resolve("transfer.md")))
                .contains("frozen − scratch")
                .contains("4 of 4");
        assertThat(Files.readString(out.resolve("transfer.svg")))
                .contains("<svg")
                .contains("frozen");
    }

    private static String withoutSeconds(String json) {
        return json.replaceAll("\"seconds\" : [0-9.E-]+", "");
    }

    private static Shell pretrain(Path run, String... more) {
        List<Object> words =
                new ArrayList<>(List.of("train", PRETRAIN, "-q", "--set", "pretraining.sqlite_db_path=" + molecules));
        words.addAll(List.of(more));
        if (!words.contains("--resume")) {
            words.addAll(List.of("--out", run));
        }
        return Shell.millrace(words.toArray());
    }

    private static Shell finetune(Path run, String... settings) {
        return finetune(run, List.of(), settings);
    }

    private static Shell finetune(Path run, List<String> options, String... settings) {
        List<Object> words = new ArrayList<>(
                List.of("train", FINETUNE, "-q", "--no-baselines", "--set", "data.sqlite_db_path=" + spectra));
        words.addAll(options);
        if (!options.contains("--resume")) {
            words.addAll(List.of("--out", run));
        }
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        return Shell.millrace(words.toArray());
    }

    /** The bits of the parameters of the last checkpoint. */
    private static Map<String, ByteBuffer> bits(Path run, Predicate<String> names) {
        Checkpoint checkpoint = Checkpoint.last(run);
        Map<String, ByteBuffer> bits = new TreeMap<>();
        EncoderModel block = ModelFile.of(checkpoint).newBlock();
        try (Model model = checkpoint.loadModel(block, Device.cpu())) {
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                if (names.test(entry.getKey())) {
                    bits.put(
                            entry.getKey(),
                            ByteBuffer.wrap(entry.getValue().getArray().toByteArray()));
                }
            }
        }
        return bits;
    }

    private static double largestChange(ByteBuffer before, ByteBuffer after) {
        FloatBuffer first = before.order(ByteOrder.nativeOrder()).asFloatBuffer();
        FloatBuffer second = after.order(ByteOrder.nativeOrder()).asFloatBuffer();
        double largest = 0;
        while (first.hasRemaining()) {
            largest = Math.max(largest, Math.abs((double) first.get() - second.get()));
        }
        return largest;
    }

    private static void copyFolder(Path from, Path to) throws java.io.IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static String group(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    private static void assertDone(Shell shell) {
        assertThat(shell.error()).isEmpty();
        assertThat(shell.code()).isZero();
    }
}
