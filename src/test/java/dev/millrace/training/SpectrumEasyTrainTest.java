package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.millrace.batch.Split;
import dev.millrace.model.SpectrumAxis;
import dev.millrace.model.SpectrumLoss;
import dev.millrace.model.SpectrumModel;
import dev.millrace.model.SpectrumModelConfig;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.spectra.SpectrumDataset;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user with DJL's own loop, optimizer and listeners: the dataset and the model go in unchanged. */
class SpectrumEasyTrainTest {
    @TempDir
    Path folder;

    @Test
    void fit_spectraWithDefaultListeners_learns() throws Exception {
        SpectraSample.write(folder, 96, 5, state -> {});
        Path database = folder.resolve("spectra.db");
        new SpectraBuilder()
                .setMsp(folder.resolve("spectra.msp"))
                .setMolFolder(folder.resolve("mol"))
                .setDatabase(database)
                .build();
        DefaultTrainingConfig config = new DefaultTrainingConfig(SpectrumLoss.cosine())
                .optOptimizer(Optimizer.adam()
                        .optLearningRateTracker(Tracker.fixed(1e-3f))
                        .build())
                .addTrainingListeners(TrainingListener.Defaults.logging());

        try (SpectrumDataset train = open(database, Split.TRAIN);
                SpectrumDataset validation = open(database, Split.VALIDATION);
                Model model = Model.newInstance("spectrum")) {
            model.setBlock(new SpectrumModel(SpectrumModelConfig.of(train.featureSpec(), SpectrumAxis.unitMass())));
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1, 48), new Shape(2, 1), new Shape(1, 6), new Shape(1), new Shape(1));
                EasyTrain.fit(trainer, 1, train, validation);
                float first = trainer.getTrainingResult().getTrainLoss();
                EasyTrain.fit(trainer, 3, train, validation);
                assertThat(trainer.getTrainingResult().getTrainLoss())
                        .isPositive()
                        .isLessThan(first);
                assertThat(trainer.getTrainingResult().getValidateLoss()).isBetween(0f, 1f);
            }
        }
    }

    private static SpectrumDataset open(Path database, Split split) throws Exception {
        return SpectrumDataset.builder()
                .setDatabase(database)
                .optSplit(split)
                .setSampling(16, split == Split.TRAIN)
                .optSeed(42)
                .build();
    }
}
