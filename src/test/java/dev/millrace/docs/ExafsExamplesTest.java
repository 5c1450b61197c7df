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
import dev.millrace.exafs.ChiAverage;
import dev.millrace.exafs.ChiCalculator;
import dev.millrace.exafs.ChiParameters;
import dev.millrace.exafs.ChiRequest;
import dev.millrace.exafs.ChiSource;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsDataset;
import dev.millrace.exafs.ExafsSample;
import dev.millrace.exafs.FeffFile;
import dev.millrace.exafs.FeffPath;
import dev.millrace.exafs.KGrid;
import dev.millrace.exafs.NumberRanges;
import dev.millrace.exafs.PathChi;
import dev.millrace.exafs.PathCriteria;
import dev.millrace.exafs.PathCriterion;
import dev.millrace.exafs.PathSum;
import dev.millrace.model.ChiEvaluator;
import dev.millrace.model.ChiLoss;
import dev.millrace.model.ChiModelConfig;
import dev.millrace.model.PathChiModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/exafs.md. */
class ExafsExamplesTest {
    @TempDir
    private static Path folder;

    private static Path tree;
    private static Path database;

    @BeforeAll
    static void build() throws Exception {
        tree = folder.resolve("feff");
        database = folder.resolve("chi.db");
        new ExafsSample(4, 2, 8, 3).write(tree, 1, BuildProgress.NONE);
        // @start region="build-exafs"
        new ExafsBuilder().setTree(tree).setDatabase(database).build();
        // @end
    }

    @Test
    void average_ofTwoShells_isThatOfTheAtoms() throws Exception {
        ChiAverage average;
        // @start region="average"
        try (ChiSource source = ChiSource.openDatabase(database, ChiRequest.AS_STORED)) {
            PathCriteria shells = PathCriteria.perType(
                    List.of("U-O", "U-U"),
                    List.of(),
                    List.of(4.0, 5.0),
                    PathCriterion.ANY.frames(NumberRanges.halfOpen(0, 3)));
            average = ChiAverage.of(
                    source, shells, ChiAverage.Aggregation.MEAN_OVER_ATOMS, ChiAverage.Denominator.MATCHING);
        }
        // @end
        assertThat(average.atoms()).isEqualTo(6);
    }

    @Test
    void calculator_ofAFile_givesChi() throws Exception {
        Path file = tree.resolve("working_0/frame_0/atom_0/feff0001.dat");
        // @start region="calculator"
        FeffPath path = FeffFile.read(file);
        ChiCalculator calculator = new ChiCalculator(ChiParameters.DEFAULT, KGrid.DEFAULT);
        double[] chi = calculator.calculate(path).chi();
        PathChi sum = PathSum.of(List.of(new PathSum.Term(path, ChiParameters.DEFAULT)), KGrid.DEFAULT);
        // @end
        assertThat(sum.chi()).isEqualTo(chi);
    }

    @Test
    void dataset_ofPaths_trainsBeneathDjlsLoop() throws Exception {
        float error;
        // @start region="fit-exafs"
        try (ExafsDataset train = ExafsDataset.builder()
                        .setDatabase(database)
                        .optSplit(Split.TRAIN)
                        .setSampling(64, true)
                        .optSeed(42)
                        .build();
                ExafsDataset validation = ExafsDataset.builder()
                        .setDatabase(database)
                        .optSplit(Split.VALIDATION)
                        .setSampling(64, false)
                        .build();
                Model model = Model.newInstance("chi")) {
            ChiModelConfig config = ChiModelConfig.of(train.grid(), train.maxLegs(), train.statistics());
            model.setBlock(new PathChiModel(config));
            var settings = new DefaultTrainingConfig(ChiLoss.of(train.grid(), 2, train.statistics()))
                    .addEvaluator(new ChiEvaluator(train.grid(), 2))
                    .addTrainingListeners(TrainingListener.Defaults.basic());
            try (Trainer trainer = model.newTrainer(settings)) {
                trainer.initialize(
                        new Shape(1, 3),
                        new Shape(1, train.maxLegs()),
                        new Shape(1, train.maxLegs(), 2),
                        new Shape(1, train.maxLegs()));
                EasyTrain.fit(trainer, 2, train, validation);
                error = trainer.getTrainingResult().getValidateEvaluation("rmse_k2_chi");
            }
        }
        // @end
        assertThat(error).isFinite().isPositive();
    }
}
