package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import dev.millrace.model.GraphEncoderConfig.Normalization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpectrumModelTest {
    private static final SpectrumAxis AXIS = new SpectrumAxis(60, 1, 0);
    private final Random random = new Random(9);

    @Test
    void perNode_methanolInBothSpecifications_isItsMass() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThat(mass(manager, "bitspec-48-6", methanol("bitspec-48-6"))).containsExactly(15, 17);
            assertThat(mass(manager, "ogb-9-3", methanol("ogb-9-3"))).containsExactly(15, 17);
        }
    }

    @Test
    void perNode_unknownElement_isNegativeForTheWholeMolecule() {
        double[] unknown = new double[48];
        unknown[11] = 1;
        unknown[33 + 4] = 1;
        try (NDManager manager = NDManager.newBaseManager()) {
            Graphs.Sample sample = new Graphs.Sample(new double[][] {unknown}, new int[0], new int[0], new double[0][]);
            assertThat(mass(manager, "bitspec-48-6", sample)[0]).isNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitspec-48-6", "ogb-9-3"})
    void forward_onlyPieceIntensitiesLarge_putsPeaksAtThePieceMasses(String specification) {
        SpectrumModelConfig config = small(specification);
        try (NDManager manager = NDManager.newBaseManager()) {
            SpectrumModel model = initialized(manager, config, DataType.FLOAT32);
            // All weights 0 leave one constant per shift: 50 for the shift of -1 hydrogen, about 0 for the others.
            for (var pair : model.getParameters()) {
                NDArray array = pair.getValue().getArray();
                array.set(new float[Math.toIntExact(array.size())]);
                if (pair.getKey().contains("fragments") && pair.getKey().endsWith("bias") && array.size() == 7) {
                    array.set(new float[] {-50, -50, 52, -50, -50, -50, -50});
                }
            }
            NDList batch = batch(manager, specification, List.of(methanol(specification), methanol(specification)));

            NDArray spectra = model.forward(new ParameterStore(manager, false), batch, false)
                    .singletonOrThrow();

            for (int graph = 0; graph < 2; graph++) {
                float[] spectrum = spectra.get(graph).toFloatArray();
                // CH3 15, OH 17 and CH3OH 32, each without one hydrogen, over softplus(-4) everywhere.
                assertThat(SpectrumMetric.topPeaks(spectrum, 3)).containsExactlyInAnyOrder(14, 16, 31);
                assertThat(spectrum[14]).isCloseTo(50.018f, within(1e-3f));
                assertThat(spectrum[15]).isCloseTo(0.018f, within(1e-3f));
            }
        }
    }

    @Test
    void forward_float64_gradientsEqualCentralDifferences() {
        SpectrumModelConfig config = small("bitspec-48-6");
        config = config.withEncoder(config.encoder()
                .withActivation(ActivationKind.SILU)
                .withConvType(GraphEncoderConfig.ConvType.GCN)
                .withNormalization(Normalization.LAYER));
        try (NDManager manager = NDManager.newBaseManager()) {
            SpectrumModel model = initialized(manager, config, DataType.FLOAT64);
            ParameterStore store = new ParameterStore(manager, false);
            List<Graphs.Sample> molecules = List.of(molecule(5), molecule(3), molecule(1));
            NDList batch = Graphs.batch(manager, DataType.FLOAT64, 48, 6, molecules);
            NDArray weights = Arrays64.random(manager, random, DataType.FLOAT64, 3, AXIS.bins());
            List<NDArray> variables = new ArrayList<>();
            for (Parameter parameter : model.getParameters().values()) {
                variables.add(parameter.getArray());
            }

            // GCN's message activation is a ReLU: smooth enough at random points.
            double worst = GradientCheck.worstRelativeError(
                    () -> model.forward(store, batch, true)
                            .singletonOrThrow()
                            .mul(weights)
                            .sum(),
                    variables,
                    4,
                    random);

            assertThat(worst).isLessThan(1e-7);
        }
    }

    @Test
    void forward_oneByOne_equalsTheBatch() {
        SpectrumModelConfig config = small("bitspec-48-6");
        try (NDManager manager = NDManager.newBaseManager()) {
            SpectrumModel model = initialized(manager, config, DataType.FLOAT32);
            ParameterStore store = new ParameterStore(manager, false);
            List<Graphs.Sample> molecules = List.of(molecule(5), molecule(1), molecule(7));
            NDArray together = model.forward(store, batch(manager, "bitspec-48-6", molecules), false)
                    .singletonOrThrow();
            for (int i = 0; i < molecules.size(); i++) {
                NDArray alone = model.forward(store, batch(manager, "bitspec-48-6", molecules.subList(i, i + 1)), false)
                        .singletonOrThrow();
                assertThat(alone.get(0).sub(together.get(i)).abs().max().getFloat())
                        .isLessThan(1e-4f);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitspec-48-6", "ogb-9-3"})
    void training_eightMolecules_overfits(String specification) {
        SpectrumModelConfig config = small(specification);
        config = config.withEncoder(config.encoder().withHiddenDim(32)).withHead(List.of(32), 0);
        List<Graphs.Sample> molecules = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            molecules.add(specification.startsWith("ogb") ? codes(3 + i % 4) : molecule(3 + i % 4));
        }
        float[] spectra = new float[8 * AXIS.bins()];
        for (int i = 0; i < 8; i++) {
            for (int peak = 0; peak < 6; peak++) {
                spectra[i * AXIS.bins() + random.nextInt(AXIS.bins())] = random.nextFloat();
            }
        }
        try (Model model = trainable(config);
                Trainer trainer = trainer(model, 0.01f)) {
            trainer.initialize(shapes(config));
            float first = 0;
            float last = 0;
            for (int step = 0; step < 150; step++) {
                try (NDManager manager = trainer.getManager().newSubManager()) {
                    last = step(trainer, batch(manager, specification, molecules), spectra);
                }
                first = step == 0 ? last : first;
            }
            assertThat(first).isGreaterThan(0.4f);
            assertThat(last).isLessThan(0.05f);
        }
    }

    @Test
    void training_200Steps_keepsTheNumberOfArrays() {
        SpectrumModelConfig config = small("bitspec-48-6");
        List<Graphs.Sample> molecules = List.of(molecule(6), molecule(4), molecule(1));
        float[] spectra = new float[3 * AXIS.bins()];
        spectra[7] = spectra[AXIS.bins() + 20] = spectra[2 * AXIS.bins()] = 1;
        try (Model model = trainable(config);
                Trainer trainer = trainer(model, 1e-3f)) {
            trainer.initialize(shapes(config));
            NDManager engine = model.getNDManager().getParentManager();
            int settled = 0;
            for (int step = 0; step < 200; step++) {
                try (NDManager manager = trainer.getManager().newSubManager()) {
                    step(trainer, batch(manager, "bitspec-48-6", molecules), spectra);
                    GradientPause.during(() -> trainer.evaluate(batch(manager, "bitspec-48-6", molecules)));
                }
                int arrays = engine.getManagedArrays().size();
                if (step == 5) {
                    settled = arrays;
                } else if (step > 5) {
                    assertThat(arrays).as("step " + step).isEqualTo(settled);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Normalization.class)
    void training_batchOfOneAtom_keepsEverythingFinite(Normalization normalization) {
        SpectrumModelConfig config = small("bitspec-48-6");
        config = config.withEncoder(config.encoder().withNormalization(normalization));
        float[] spectrum = new float[AXIS.bins()];
        spectrum[16] = 1;
        try (Model model = trainable(config);
                Trainer trainer = trainer(model, 1e-3f)) {
            trainer.initialize(shapes(config));
            for (int step = 0; step < 3; step++) {
                try (NDManager manager = trainer.getManager().newSubManager()) {
                    NDList batch = batch(manager, "bitspec-48-6", List.of(molecule(1)));
                    assertThat(step(trainer, batch, spectrum)).isFinite();
                }
            }
            for (var pair : model.getBlock().getParameters()) {
                try (NDArray wrong = pair.getValue().getArray().isNaN().any()) {
                    assertThat(wrong.getBoolean()).as(pair.getKey()).isFalse();
                }
            }
        }
    }

    @Test
    void saveAndLoad_givesEqualBitsAndRefusesAnotherShape(@TempDir Path folder)
            throws IOException, MalformedModelException {
        SpectrumModelConfig config = small("bitspec-48-6");
        List<Graphs.Sample> molecules = List.of(molecule(6), molecule(2));
        float[] expected;
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("spectrum", "PyTorch")) {
            SpectrumModel block = initialized(manager, config, DataType.FLOAT32);
            model.setBlock(block);
            expected = block.forward(
                            new ParameterStore(manager, false), batch(manager, "bitspec-48-6", molecules), false)
                    .singletonOrThrow()
                    .toFloatArray();
            model.save(folder, "spectrum");
        }
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("spectrum", "PyTorch")) {
            SpectrumModel block = new SpectrumModel(config);
            model.setBlock(block);
            model.load(folder, "spectrum");
            float[] found = block.forward(
                            new ParameterStore(manager, false), batch(manager, "bitspec-48-6", molecules), false)
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(found).containsExactly(expected);
        }
        try (Model model = Model.newInstance("spectrum", "PyTorch")) {
            model.setBlock(new SpectrumModel(config.withHead(List.of(17), 0)));
            assertThatThrownBy(() -> model.load(folder, "spectrum"))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("[17]");
        }
    }

    @Test
    void config_severalFaults_namesAll() {
        GraphEncoderConfig encoder = small("bitspec-48-6").encoder();
        assertThatThrownBy(() -> new SpectrumModelConfig(
                        encoder,
                        new SpectrumAxis(10, 0.5, 0),
                        List.of(0),
                        -1,
                        SpectrumModelConfig.Output.RELU,
                        NodeMasses.of("ogb-9-3"),
                        -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 problems")
                .hasMessageContaining("mz_bin_size")
                .hasMessageContaining("48 entries");
        assertThat(SpectrumModelConfig.of("bitspec-48-6", new SpectrumAxis(10, 0.5, 0))
                        .masses())
                .isNull();
        assertThatThrownBy(() -> SpectrumModelConfig.of("ogb-9-4", AXIS))
                .hasMessageContaining("expected bitspec-48-6, ogb-9-3 or pyg-9-3");
    }

    private static float step(Trainer trainer, NDList batch, float... spectra) {
        NDArray label = Arrays64.floats(
                batch.head().getManager(), new Shape(spectra.length / AXIS.bins(), AXIS.bins()), spectra);
        float value;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDArray loss = trainer.getLoss().evaluate(new NDList(label), trainer.forward(batch));
            collector.backward(loss);
            value = loss.getFloat();
        }
        trainer.step();
        return value;
    }

    private static Model trainable(SpectrumModelConfig config) {
        Engine.getInstance().setRandomSeed(4);
        Model model = Model.newInstance("spectrum", "PyTorch");
        model.setBlock(new SpectrumModel(config));
        return model;
    }

    private static Trainer trainer(Model model, float rate) {
        return model.newTrainer(new DefaultTrainingConfig(SpectrumLoss.cosine())
                .optOptimizer(Optimizer.adam()
                        .optLearningRateTracker(Tracker.fixed(rate))
                        .build()));
    }

    private static SpectrumModelConfig small(String specification) {
        SpectrumModelConfig config = SpectrumModelConfig.of(specification, AXIS).withHead(List.of(12), 0);
        return config.withEncoder(
                config.encoder().withHiddenDim(8).withNumLayers(2).withDropout(0));
    }

    private SpectrumModel initialized(NDManager manager, SpectrumModelConfig config, DataType type) {
        Engine.getInstance().setRandomSeed(2);
        SpectrumModel model = new SpectrumModel(config);
        model.setInitializer(new NormalInitializer(0.3f), Parameter.Type.WEIGHT);
        model.setInitializer(new NormalInitializer(0.3f), Parameter.Type.BIAS);
        model.initialize(manager, type, shapes(config));
        return model;
    }

    private static Shape[] shapes(SpectrumModelConfig config) {
        return new Shape[] {
            new Shape(5, config.encoder().nodes().width()),
            new Shape(2, 4),
            new Shape(4, config.encoder().bonds().width()),
            new Shape(5),
            new Shape(2)
        };
    }

    private static NDList batch(NDManager manager, String specification, List<Graphs.Sample> molecules) {
        return specification.startsWith("ogb")
                ? Graphs.batch(manager, DataType.INT64, 9, 3, molecules)
                : Graphs.batch(manager, DataType.FLOAT32, 48, 6, molecules);
    }

    /** A random molecule of carbons with 0 to 2 hydrogens in {@code bitspec-48-6}; other features are noise. */
    private Graphs.Sample molecule(int atoms) {
        Graphs.Sample sample = Graphs.dense(random, atoms, 48, 6);
        for (double[] atom : sample.nodes()) {
            java.util.Arrays.fill(atom, 0, 12, 0);
            java.util.Arrays.fill(atom, 33, 39, 0);
            atom[1] = 1;
            atom[33 + random.nextInt(3)] = 1;
        }
        return sample;
    }

    private Graphs.Sample codes(int atoms) {
        return Graphs.codes(
                random,
                atoms,
                ((FeatureInput.Codes) FeatureInput.nodesOf("ogb-9-3")).tableSizes(),
                ((FeatureInput.Codes) FeatureInput.bondsOf("ogb-9-3")).tableSizes());
    }

    /** CH3 and OH; only what tells the mass is filled in. */
    private static Graphs.Sample methanol(String specification) {
        double[][] nodes;
        double[][] bonds;
        if (specification.startsWith("ogb")) {
            nodes = new double[][] {{5, 0, 4, 5, 3, 0, 2, 0, 0}, {7, 0, 2, 5, 1, 0, 2, 0, 0}};
            bonds = new double[2][3];
        } else {
            nodes = new double[2][48];
            nodes[0][1] = nodes[0][33 + 3] = 1;
            nodes[1][3] = nodes[1][33 + 1] = 1;
            bonds = new double[2][6];
        }
        return new Graphs.Sample(nodes, new int[] {0, 1}, new int[] {1, 0}, bonds);
    }

    private static double[] mass(NDManager manager, String specification, Graphs.Sample molecule) {
        NDArray nodes = batch(manager, specification, List.of(molecule)).head();
        return NodeMasses.of(specification)
                .perNode(FeatureInput.nodesOf(specification), nodes)
                .toType(DataType.FLOAT64, false)
                .toDoubleArray();
    }
}
