package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.millrace.genome.GenomeImport;
import dev.millrace.genome.SplitFile;
import dev.millrace.genome.Tail;
import dev.millrace.genome.WindowGeometry;
import dev.millrace.genome.WindowIndexBuilder;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.model.ModelFolder;
import dev.millrace.model.TokenModel;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on genome windows, as a person types it. */
class GenomeTrainTest {
    private static final String CONFIG = "configs/smoke-genome.yaml";
    private static final Path REAL = Path.of("../shared/data/genome");
    private static final int WINDOW = 256;
    private static final int STRIDE = 254;

    @TempDir
    static Path folder;

    private static List<String> data;
    private static Path trained;
    private static Shell training;

    @BeforeAll
    static void train() throws IOException {
        Map<String, String> contigs = new TreeMap<>();
        Random random = new Random(4);
        for (int i = 0; i < 12; i++) {
            contigs.put("SYN__EXT-s1-1__contig" + i, orderSix(random, 6000));
        }
        data = data(folder.resolve("synthetic"), contigs, 10);
        trained = folder.resolve("trained");
        training = millrace(trained, data);
        assertThat(training.code()).as(training.error()).isZero();
    }

    @Test
    void train_sourceOfOrderSix_beatsBothBaselines() {
        double best = number("best bits per base ([0-9.]+)");
        double orderZero = number("baselines on [0-9,]+ validation tokens: ([0-9.]+) bits per base");
        double orderThree = number("([0-9.]+) by one of order 3");
        assertThat(orderZero).isBetween(1.9, 2.05);
        assertThat(orderThree).isBetween(1.9, 2.05);
        // By order 3 nothing can be known of a base that the one six before decides.
        assertThat(best).isLessThan(orderThree - 0.3);
        assertThat(training.out())
                .contains("bits/base", "accuracy", "all epochs done")
                .contains("validation bits per base by a Markov model of order 3: ");
    }

    @Test
    void train_recordsBitsTokensAndWhereTheWindowsCameFrom() throws Exception {
        try (MetricsReader metrics = MetricsReader.open(trained.resolve("metrics.db"))) {
            long run = metrics.runs().get(0).id();
            assertThat(metrics.epochMetrics(run).stream()
                            .map(point -> point.metric().name()))
                    .contains(
                            "bits_per_base",
                            "accuracy",
                            "loss",
                            "loss_tokens_per_second",
                            "masked_share",
                            "data_wait_share");
        }
        assertThat(Files.readString(trained.resolve("report.html")))
                .contains("validation bits per base by the trained model")
                .contains("validation bits per base by a Markov model of order 0");
        assertThat(Checkpoint.best(trained).validation()).containsKeys("loss", "bits_per_base", "accuracy");
        String card = Files.readString(trained.resolve("best").resolve("model.yaml"));
        assertThat(card).contains("token_model", "seq_length: 256", "database: \"store.db\"", "training_samples: ");
    }

    @Test
    void train_cutAndResumed_equalsUncutBitByBit() {
        Path cut = folder.resolve("cut");
        List<String> stopped = new ArrayList<>(data);
        stopped.addAll(List.of("--max-steps", "19"));
        assertThat(millrace(cut, stopped).code()).isZero();
        List<String> resumed = new ArrayList<>(data);
        resumed.addAll(List.of("--resume", cut.toString()));
        assertThat(millrace(cut, resumed).code()).isZero();

        assertThat(bits(cut)).isEqualTo(bits(trained));
    }

    @Test
    void modelFolder_ofTheRun_makesTheTrainedModelAgain() throws Exception {
        try (Model model = Model.newInstance("tokens", Device.cpu())) {
            TokenModel block = (TokenModel) new ModelFolder().newBlock(model, trained, Map.of());
            assertThat(block.config().hiddenDim()).isEqualTo(32);
            model.setBlock(block);
            model.load(trained.resolve("best"));
            assertThat(block.isInitialized()).isTrue();
        }
    }

    @Test
    void predict_withATokenModel_saysThatItIsNone() {
        Shell shell =
                Shell.millrace("predict", "--model", trained, "--smiles", "CCO", "--out", folder.resolve("none.csv"));

        assertThat(shell.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(shell.error()).contains("Expected a model of molecules").contains("found a model of tokens");
    }

    @Test
    void train_attentionWithoutBaselinesOnTheOtherStrandToo_trains() {
        List<String> options = new ArrayList<>(data);
        options.addAll(List.of("--no-baselines", "--max-steps", "6"));
        options.addAll(set("token_model.layer=attention", "genome.rc_aug=true", "genome.rc_profile=iupac"));
        options.addAll(set("genome.rank=1", "genome.world_size=2", "genome.loss_policy=dna_only"));

        Shell shell = millrace(folder.resolve("attention"), options);

        assertThat(shell.code()).as(shell.error()).isZero();
        assertThat(shell.out()).doesNotContain("Markov");
    }

    @Test
    void train_wrongSettings_areNamedTogether() {
        Shell shell = Shell.millrace(
                "train",
                CONFIG,
                "--set",
                "genome.store=",
                "--set",
                "genome.rank=3",
                "--set",
                "token_model.layer=recurrent",
                "--set",
                "genome.seq_length=2");

        assertThat(shell.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(shell.error())
                .contains("token_model.layer must be one of convolution, attention")
                .contains("genome.seq_length must be a whole number 4..1048576");
        Shell together = Shell.millrace(
                "train",
                CONFIG,
                "--set",
                "genome.rank=3",
                "--set",
                "genome.sequence_db_dir=" + folder,
                "--set",
                "genome.legacy_header=true",
                "--set",
                "genome.include_bos=false");
        assertThat(together.error())
                .contains("genome.rank must be below world_size 1, found 3")
                .contains("genome.sequence_db_dir and store cannot both be given")
                .contains("genome.train_window_db is missing")
                .contains("genome.legacy_header is BOS and SEP");
    }

    @Test
    void train_windowsOfAnotherSizeOrSmallVocabulary_isRefusedBeforeAnythingIsWritten() {
        Path out = folder.resolve("refused");
        List<String> options = new ArrayList<>(data);
        options.addAll(set("genome.seq_length=128"));
        Shell size = millrace(out, options);
        assertThat(size.code()).isNotZero();
        assertThat(size.error()).contains("128").contains("256");

        options = new ArrayList<>(data);
        options.addAll(set("token_model.vocabulary=100"));
        Shell vocabulary = millrace(out, options);
        assertThat(vocabulary.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(vocabulary.error()).contains("expected at least the 256 tokens of the windows, found 100");
        assertThat(out).doesNotExist();
    }

    @Test
    void train_phiX174AndLambda_learnsBeyondOrderZero() throws IOException {
        assumeThat(REAL).as("real genomes beside the checkout").isDirectory();
        Map<String, String> contigs = new TreeMap<>();
        for (String file : List.of("phiX174.fa", "lambda_virus.fa")) {
            String bases = Files.readString(REAL.resolve(file))
                    .replaceFirst(">.*\n", "")
                    .replaceAll("\\s", "");
            // A genome has one contig: pieces of it, so that some are held back.
            for (int start = 0; start + 2500 <= bases.length(); start += 2500) {
                contigs.put(
                        String.format("%s__EXT-%s-1__%05d", "PH", file.charAt(0), start),
                        bases.substring(start, start + 2500));
            }
        }
        List<String> options = new ArrayList<>(data(folder.resolve("phages"), contigs, contigs.size() - 4));
        options.addAll(set("genome.num_epochs=4", "genome.rc_aug=true"));

        Shell shell = millrace(folder.resolve("phages-run"), options);

        assertThat(shell.code()).as(shell.error()).isZero();
        double best = number(shell, "best bits per base ([0-9.]+)");
        assertThat(best).isLessThan(number(shell, "validation tokens: ([0-9.]+) bits per base"));
    }

    /** A base is decided in 85 of 100 cases by the one six before it. */
    private static String orderSix(Random random, int length) {
        int[] bases = new int[length];
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            boolean decided = i >= 6 && random.nextInt(100) < 85;
            bases[i] = decided ? (bases[i - 6] + 1) % 4 : random.nextInt(4);
            text.append("ACGT".charAt(bases[i]));
        }
        return text.toString();
    }

    /** Store and window databases of contigs, the first so many to train on; the options that name them. */
    private static List<String> data(Path place, Map<String, String> contigs, int trainingContigs) throws IOException {
        Files.createDirectories(place);
        StringBuilder fasta = new StringBuilder();
        contigs.forEach((id, bases) ->
                fasta.append('>').append(id).append('\n').append(bases).append('\n'));
        Path file = place.resolve("contigs.fa");
        Files.writeString(file, fasta);
        Path store = place.resolve("store.db");
        new GenomeImport().addFasta(file).setStore(store).run();
        List<String> ids = new ArrayList<>(contigs.keySet());
        Path train = windows(place, "train", contigs, ids.subList(0, trainingContigs));
        Path val = windows(place, "val", contigs, ids.subList(trainingContigs, ids.size()));
        return set("genome.store=" + store, "genome.train_window_db=" + train, "genome.val_window_db=" + val);
    }

    private static Path windows(Path place, String name, Map<String, String> contigs, List<String> ids)
            throws IOException {
        StringBuilder lines = new StringBuilder("contig_id\tlength\n");
        ids.forEach(id ->
                lines.append(id).append('\t').append(contigs.get(id).length()).append('\n'));
        Path split = place.resolve(name + ".tsv");
        Files.writeString(split, lines);
        Path windows = place.resolve(name + "_windows.db");
        new WindowIndexBuilder()
                .setGeometry(new WindowGeometry(WINDOW, STRIDE, 0, Tail.DROP))
                .setContigs(SplitFile.open(split))
                .setOutput(windows)
                .build();
        return windows;
    }

    private static List<String> set(String... values) {
        List<String> options = new ArrayList<>();
        for (String value : values) {
            options.addAll(List.of("--set", value));
        }
        return options;
    }

    private static Shell millrace(Path out, List<String> options) {
        List<Object> arguments = new ArrayList<>(List.of("train", CONFIG, "--out", out));
        arguments.addAll(options);
        return Shell.millrace(arguments.toArray());
    }

    private static double number(String pattern) {
        return number(training, pattern);
    }

    private static double number(Shell shell, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(shell.out());
        assertThat(matcher.find()).as(pattern + " in " + shell.out()).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private static Map<String, String> bits(Path run) {
        Checkpoint checkpoint = Checkpoint.last(run);
        TokenModel block;
        try (Model any = Model.newInstance("any")) {
            block = (TokenModel) new ModelFolder().newBlock(any, run, Map.of());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        Map<String, String> bits = new TreeMap<>();
        try (Model model = checkpoint.loadModel(block, Device.cpu())) {
            for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
                bits.put(
                        entry.getKey(),
                        java.util.HexFormat.of()
                                .formatHex(entry.getValue().getArray().toByteArray()));
            }
        }
        return bits;
    }
}
