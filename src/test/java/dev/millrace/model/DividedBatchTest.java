package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import dev.millrace.batch.GraphBatchifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A batch of graphs divided over devices computes what the whole computes. */
class DividedBatchTest {
    private static final int COUNT = 11;
    private static final Device[] TWO = {Device.cpu(), Device.cpu()};
    private static final Device[] THREE = {Device.cpu(), Device.cpu(), Device.cpu()};

    private final Random random = new Random(5);

    @Test
    void forward_partsOfABatch_givesTheRowsOfTheWhole() {
        try (Model model = model();
                Trainer trainer = trainer(model)) {
            Batch whole = batch(trainer.getManager());
            NDArray expected = trainer.evaluate(whole.getData()).head();
            NDList parts = new NDList();
            for (Batch part : whole.split(THREE, false)) {
                parts.add(trainer.evaluate(part.getData()).head());
            }
            assertThat(parts).hasSize(3);
            assertClose(NDArrays.concat(parts, 0).toFloatArray(), expected.toFloatArray());
        }
    }

    @Test
    void backward_partsWeightedByTheirGraphs_sumUpToTheGradientOfTheWhole() {
        try (Model model = model();
                Trainer trainer = trainer(model)) {
            Batch whole = batch(trainer.getManager());
            Map<String, float[]> expected = gradients(trainer, List.of(whole), COUNT);
            Map<String, float[]> summed = gradients(trainer, List.of(whole.split(THREE, false)), COUNT);
            assertThat(summed).containsOnlyKeys(expected.keySet());
            assertThat(expected).isNotEmpty();
            expected.forEach((name, gradient) -> assertClose(summed.get(name), gradient));
        }
    }

    /**
     * DJL's loop over the devices of a trainer, which are two where a machine has one CPU only. It adds up what they find; with
     * a mean as loss that is a sum of means.
     */
    @Test
    void trainBatch_djlOnTwoDevices_findsTheSumOfTheGradientsOfTheParts() {
        try (Model model = model();
                Trainer trainer = new TwoDevices(model)) {
            initialize(trainer);
            Batch whole = batch(trainer.getManager());
            List<Batch> parts = List.of(whole.split(TWO, false));
            Map<String, float[]> expected = gradients(trainer, parts, 0);
            EasyTrain.trainBatch(trainer, whole);
            Map<String, float[]> found = takeGradients(trainer);
            expected.forEach((name, gradient) -> assertClose(found.get(name), gradient));
        }
    }

    /** Gradients of all parts, each weighted by its share of {@code graphs}, or by 1 if that is 0. */
    private static Map<String, float[]> gradients(Trainer trainer, List<Batch> parts, int graphs) {
        try (GradientCollector collector = trainer.newGradientCollector()) {
            for (Batch part : parts) {
                NDArray loss =
                        trainer.getLoss().evaluate(part.getLabels(), trainer.forward(part.getData(), part.getLabels()));
                double size = part.getLabels().head().getShape().get(0);
                collector.backward(graphs == 0 ? loss : loss.mul(size / graphs));
            }
        }
        return takeGradients(trainer);
    }

    /** The gradients, which are zero afterwards. */
    private static Map<String, float[]> takeGradients(Trainer trainer) {
        Map<String, float[]> gradients = new TreeMap<>();
        for (Pair<String, Parameter> entry : trainer.getModel().getBlock().getParameters()) {
            NDArray array = entry.getValue().getArray();
            if (array.hasGradient()) {
                try (NDArray gradient = array.getGradient()) {
                    gradients.put(entry.getKey(), gradient.toFloatArray());
                    gradient.subi(gradient.duplicate());
                }
            }
        }
        return gradients;
    }

    private static Model model() {
        PropertyModelConfig config =
                PropertyModelConfig.of("ogb-9-3", List.of(PropertyModelConfig.Target.of("homo_lumo_gap", 5.7, 1.2)));
        Model model = Model.newInstance("gap", Device.cpu());
        model.setBlock(new PropertyModel(config.withHead(List.of(8), 0)
                .withEncoder(config.encoder()
                        .withHiddenDim(16)
                        .withNumLayers(2)
                        .withDropout(0)
                        .withNormalization(GraphEncoderConfig.Normalization.LAYER))));
        return model;
    }

    private static Trainer trainer(Model model) {
        Trainer trainer = model.newTrainer(config());
        initialize(trainer);
        return trainer;
    }

    private static DefaultTrainingConfig config() {
        return new DefaultTrainingConfig(Loss.l2Loss()).optDevices(new Device[] {Device.cpu()});
    }

    private static void initialize(Trainer trainer) {
        trainer.initialize(new Shape(1, 9), new Shape(2, 1), new Shape(1, 3), new Shape(1), new Shape(1));
    }

    private static final class TwoDevices extends Trainer {
        TwoDevices(Model model) {
            super(model, config());
        }

        @Override
        public Device[] getDevices() {
            return TWO;
        }
    }

    private Batch batch(NDManager trainerManager) {
        NDManager manager = trainerManager.newSubManager();
        List<Graphs.Sample> samples = new ArrayList<>();
        FeatureInput.Codes nodes = (FeatureInput.Codes) FeatureInput.nodesOf("ogb-9-3");
        FeatureInput.Codes bonds = (FeatureInput.Codes) FeatureInput.bondsOf("ogb-9-3");
        for (int i = 0; i < COUNT; i++) {
            samples.add(Graphs.codes(random, 1 + random.nextInt(9), nodes.tableSizes(), bonds.tableSizes()));
        }
        return new Batch(
                manager,
                Graphs.batch(manager, DataType.INT64, 9, 3, samples),
                new NDList(Arrays64.random(manager, random, DataType.FLOAT32, COUNT, 1)),
                COUNT,
                GraphBatchifier.GRAPHS,
                GraphBatchifier.ROWS,
                COUNT,
                COUNT);
    }

    private static void assertClose(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double scale = 0.1;
        for (float value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).as("element %d", i).isCloseTo(expected[i], within(1e-5 * scale));
        }
    }
}
