package dev.millrace.docs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.genome.ContigSplit;
import dev.millrace.genome.GenomeImport;
import dev.millrace.genome.GenomeSample;
import dev.millrace.genome.LossPolicy;
import dev.millrace.genome.SplitFile;
import dev.millrace.genome.Window;
import dev.millrace.genome.WindowDataset;
import dev.millrace.genome.WindowFormat;
import dev.millrace.genome.WindowGeometry;
import dev.millrace.genome.WindowIndexBuilder;
import dev.millrace.genome.WindowIndexReport;
import dev.millrace.genome.WindowItem;
import dev.millrace.model.TokenLoss;
import dev.millrace.model.TokenModel;
import dev.millrace.model.TokenModelConfig;
import dev.millrace.training.RunResult;
import dev.millrace.training.TrainingPlan;
import dev.millrace.training.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/genome.md. */
class GenomeExamplesTest {
    @TempDir
    private static Path folder;

    private static Path genomes;

    @BeforeAll
    static void build() throws Exception {
        Path fasta = folder.resolve("genomes.fa");
        new GenomeSample(12, 900, true, 1, 0.01, 0.1, 60, 5).write(fasta, BuildProgress.NONE);
        genomes = folder.resolve("genomes.db");
        // @start region="build-genome"
        new GenomeImport().addFasta(fasta).setStore(genomes).run();
        new ContigSplit().setSource(genomes).optSeed(42).run();
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST)) {
            new WindowIndexBuilder()
                    .setGeometry(WindowGeometry.of(128, 126, 0))
                    .setContigs(SplitFile.open(genomes, split))
                    .setOutput(genomes)
                    .optSplit(split)
                    .build();
        }
        // @end
    }

    @Test
    void windowDataset_ofAStore_trainsATokenModel() throws Exception {
        try (Model model = Model.newInstance("tokens");
                WindowDataset validation = WindowDataset.builder()
                        .setSequences(genomes)
                        .optSplit(Split.VALIDATION)
                        .optWindowSize(128)
                        .optStride(0)
                        .setSampling(8, false)
                        .build()) {
            model.setBlock(new TokenModel(TokenModelConfig.of(256).withSize(8, 2)));
            var settings = new DefaultTrainingConfig(TokenLoss.crossEntropy())
                    .addTrainingListeners(TrainingListener.Defaults.basic());
            try (Trainer trainer = model.newTrainer(settings)) {
                trainer.initialize(new Shape(8, 128));
                // @start region="fit-genome"
                try (WindowDataset train = WindowDataset.builder()
                        .setSequences(genomes)
                        .optSplit(Split.TRAIN)
                        .optWindowSize(128)
                        .optStride(0)
                        .setSampling(8, true)
                        .optSeed(42)
                        .optLoaderThreads(2)
                        .build()) {
                    EasyTrain.fit(trainer, 1, train, validation);
                }
                // @end
                assertThat(trainer.getTrainingResult().getValidateLoss())
                        .isFinite()
                        .isPositive();
            }
        }
    }

    @Test
    void trainingRun_ofWindows_measuresBitsPerBase() throws Exception {
        TrainingPlan plan = TrainingPlan.builder().setEpochs(1).build();
        RunResult result;
        try (WindowDataset train = windows(Split.TRAIN);
                WindowDataset validation = windows(Split.VALIDATION)) {
            // @start region="train-genome"
            try (Model model = Model.newInstance("tokens")) {
                model.setBlock(new TokenModel(TokenModelConfig.of(256).withSize(64, 6)));
                result = TrainingRun.builder()
                        .setModel(model)
                        .setPlan(plan)
                        .setLoss(TokenLoss.crossEntropy())
                        .setTraining(train)
                        .optValidation(validation)
                        .optEvaluators(List.of(TokenLoss.bitsPerBase(), TokenLoss.accuracy()))
                        .build()
                        .run();
            }
            // @end
        }
        assertThat(result.validation().get("bits_per_base")).isBetween(0.5, 10.0);
    }

    private static WindowDataset windows(Split split) throws Exception {
        return WindowDataset.builder()
                .setSequences(genomes)
                .optSplit(split)
                .optWindowSize(128)
                .optStride(0)
                .setSampling(8, split == Split.TRAIN)
                .build();
    }

    @Test
    void windowIndex_ofASplitFile_countsWindows() throws Exception {
        Path splitFile = Files.writeString(folder.resolve("train.csv"), "contig_id,length\na,20000\nb,100\n");
        Path windowDb = folder.resolve("train_windows.db");
        // @start region="window-index"
        WindowIndexReport report = new WindowIndexBuilder()
                .setGeometry(WindowGeometry.of(8192, 7992, 0))
                .setContigs(SplitFile.open(splitFile))
                .setOutput(windowDb)
                .build();
        // @end
        assertThat(report.windows()).isEqualTo(3);
    }

    @Test
    void format_ofAWindow_givesTokensAndTheirMask() {
        Window window = new Window(
                0, "BCR__EXT-X-1__CT1", 0, "ACGTN".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 5, 0);
        // @start region="window-format"
        WindowFormat format = WindowFormat.builder(8192)
                .optControlTags(true)
                .optLossPolicy(LossPolicy.DNA_ONLY)
                .build();
        WindowItem item = format.encode(window);
        // @end
        assertThat(item.tokens()).hasSize(8192);
        assertThat(item.lossTokens()).isEqualTo(4);
    }
}
