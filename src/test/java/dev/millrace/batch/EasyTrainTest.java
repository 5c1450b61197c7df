package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user of DJL passes a dataset to what they already have. */
class EasyTrainTest {
    @TempDir
    Path folder;

    @Test
    void fit_trainAndValidationSplits_learnsAndReleasesEveryBatch() throws Exception {
        Path file = GraphFile.write(folder.resolve("graphs.db"), 300);
        try (Model model = Model.newInstance("counts");
                GraphFileDataset train = dataset(file, Split.TRAIN);
                GraphFileDataset validation = dataset(file, Split.VALIDATION)) {
            fit(model, train, validation);
        }
        assertThat(Epochs.loaderThreads()).isZero();
    }

    @Test
    void fit_partsOfARandomSplit_works() throws Exception {
        Path file = GraphFile.write(folder.resolve("graphs.db"), 300);
        try (Model model = Model.newInstance("counts");
                GraphFileDataset all = dataset(file, Split.ALL)) {
            RandomAccessDataset[] parts = all.randomSplit(8, 2);
            fit(model, parts[0], parts[1]);
        }
        assertThat(Epochs.loaderThreads()).isZero();
    }

    private static void fit(Model model, RandomAccessDataset train, RandomAccessDataset validation) throws Exception {
        model.setBlock(countsToTarget());
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.l2Loss()).addTrainingListeners(TrainingListener.Defaults.basic());
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(new Shape(1));
            int arrays = managedArrays(trainer.getManager());
            EasyTrain.fit(trainer, 3, train, validation);

            assertThat(trainer.getTrainingResult().getEpoch()).isEqualTo(3);
            assertThat(trainer.getTrainingResult().getTrainLoss()).isFinite().isPositive();
            assertThat(trainer.getTrainingResult().getValidateLoss()).isFinite().isPositive();
            assertThat(managedArrays(trainer.getManager())).isLessThanOrEqualTo(arrays + 4);
        }
    }

    /** The smallest model over a batch of graphs: node counts to the 40 targets. */
    private static Block countsToTarget() {
        return new SequentialBlock()
                .add(new LambdaBlock(data -> {
                    NDArray counts = data.get(data.size() - 1);
                    return new NDList(counts.toType(DataType.FLOAT32, false)
                            .reshape(-1, 1)
                            .div(20));
                }))
                .add(Linear.builder().setUnits(GraphFile.TARGET_WIDTH).build());
    }

    private static int managedArrays(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    private static GraphFileDataset dataset(Path file, Split split) {
        return GraphFileDataset.builder(file)
                .setSampling(32, true)
                .optSplit(split)
                .optLoaderThreads(2)
                .build();
    }
}
