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
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import dev.millrace.model.GraphEncoderConfig.ConvType;
import dev.millrace.model.GraphEncoderConfig.Normalization;
import dev.millrace.model.GraphEncoderConfig.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphEncoderTest {
    private static final int NODE_WIDTH = 7;
    private static final int BOND_WIDTH = 3;
    private static final GraphEncoderConfig SMALL = GraphEncoderConfig.of(
                    new FeatureInput.Dense(NODE_WIDTH), new FeatureInput.Dense(BOND_WIDTH))
            .withHiddenDim(8)
            .withNumLayers(3)
            .withDropout(0);

    private final Random random = new Random(5);
    private NDManager manager;
    private ParameterStore parameterStore;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
        parameterStore = new ParameterStore(manager, false);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GINE, SUM, NONE, GELU, true",
        "GINE, MEAN, BATCH, TANH, true",
        "GINE, MAX, LAYER, SILU, false",
        "GIN, SUM, NONE, GELU, true",
        "GIN, MEAN, BATCH, TANH, false",
        "GCN, SUM, LAYER, SILU, true",
        "GCN, MEAN, BATCH, GELU, false"
    })
    void forward_float64_gradientsEqualCentralDifferences(
            ConvType convType,
            Pooling pooling,
            Normalization normalization,
            ActivationKind activation,
            boolean residual) {
        GraphEncoder encoder = encoder(
                SMALL.withConvType(convType)
                        .withPooling(pooling)
                        .withNormalization(normalization)
                        .withActivation(activation)
                        .withResidual(residual),
                DataType.FLOAT64);
        NDList batch = Graphs.batch(
                manager, DataType.FLOAT64, NODE_WIDTH, BOND_WIDTH, Graphs.many(random, 4, 6, NODE_WIDTH, BOND_WIDTH));
        NDArray weights = Arrays64.random(manager, random, DataType.FLOAT64, 4, 8);
        List<NDArray> variables = new ArrayList<>(List.of(batch.get(0)));
        if (convType != ConvType.GIN) {
            variables.add(batch.get(2));
        }
        for (Parameter parameter : encoder.getParameters().values()) {
            if (parameter.requiresGradient()) {
                variables.add(parameter.getArray());
            }
        }

        double worst = GradientCheck.worstRelativeError(
                () -> encoder.forward(parameterStore, batch, true)
                        .singletonOrThrow()
                        .mul(weights)
                        .sum(),
                variables,
                6,
                random);

        assertThat(worst).isLessThan(1e-7);
    }

    @ParameterizedTest
    @CsvSource({"GINE, SUM, BATCH", "GIN, MEAN, BATCH", "GINE, MAX, NONE", "GCN, MEAN, LAYER", "GCN, SUM, BATCH"})
    void forward_nodesRenumberedAndBatchReordered_givesTheSameVectors(
            ConvType convType, Pooling pooling, Normalization normalization) {
        GraphEncoder encoder = encoder(
                SMALL.withConvType(convType).withPooling(pooling).withNormalization(normalization), DataType.FLOAT32);
        List<Graphs.Sample> samples = Graphs.many(random, 6, 9, NODE_WIDTH, BOND_WIDTH);
        float[][] expected = vectors(encoder, samples);

        List<Graphs.Sample> renumbered = new ArrayList<>();
        for (Graphs.Sample sample : samples) {
            renumbered.add(sample.permuted(Graphs.permutation(random, sample.nodes().length)));
        }
        Collections.reverse(renumbered);
        float[][] found = vectors(encoder, renumbered);

        for (int i = 0; i < samples.size(); i++) {
            assertClose(found[samples.size() - 1 - i], expected[i]);
        }
    }

    @Test
    void forward_oneByOne_equalsTheBatch() {
        GraphEncoder encoder = encoder(SMALL, DataType.FLOAT32);
        List<Graphs.Sample> samples = Graphs.many(random, 8, 9, NODE_WIDTH, BOND_WIDTH);
        float[][] together = vectors(encoder, samples);

        for (int i = 0; i < samples.size(); i++) {
            assertClose(vectors(encoder, List.of(samples.get(i)))[0], together[i]);
        }
    }

    @ParameterizedTest
    @CsvSource({"GINE", "GIN", "GCN"})
    void forward_graphsWithoutEdges_givesFiniteVectorsAndGradients(ConvType convType) {
        GraphEncoder encoder = encoder(SMALL.withConvType(convType), DataType.FLOAT32);
        List<Graphs.Sample> atoms = List.of(
                Graphs.dense(random, 1, NODE_WIDTH, BOND_WIDTH), Graphs.dense(random, 1, NODE_WIDTH, BOND_WIDTH));
        NDList batch = Graphs.batch(manager, DataType.FLOAT32, NODE_WIDTH, BOND_WIDTH, atoms);
        assertThat(batch.get(1).getShape()).isEqualTo(new Shape(2, 0));

        NDArray parameter = encoder.getParameters().get(0).getValue().getArray();
        parameter.setRequiresGradient(true);
        try (var collector = Engine.getInstance().newGradientCollector()) {
            NDArray out = encoder.forward(parameterStore, batch, true).singletonOrThrow();
            assertThat(out.getShape()).isEqualTo(new Shape(2, 8));
            collector.backward(out.square().sum());
        }
        assertThat(parameter.getGradient().isNaN().any().getBoolean()).isFalse();
        // Alone or beside a molecule with edges: the same vector.
        float[] alone = vectors(encoder, atoms.subList(0, 1))[0];
        float[] beside = vectors(encoder, List.of(atoms.get(0), Graphs.dense(random, 5, NODE_WIDTH, BOND_WIDTH)))[0];
        assertClose(beside, alone);
    }

    @Test
    void forward_ogbCodes_equalsOneHotThroughTheSameTable() {
        FeatureInput.Codes nodes = (FeatureInput.Codes) FeatureInput.nodesOf("ogb-9-3");
        FeatureInput.Codes bonds = (FeatureInput.Codes) FeatureInput.bondsOf("ogb-9-3");
        GraphEncoder encoder = new GraphEncoder(GraphEncoderConfig.of(nodes, bonds)
                .withHiddenDim(8)
                .withNumLayers(0)
                .withPooling(Pooling.SUM));
        Graphs.Sample sample = Graphs.codes(random, 6, nodes.tableSizes(), bonds.tableSizes());
        NDList batch = Graphs.batch(manager, DataType.INT64, 9, 3, List.of(sample));
        encoder.initialize(manager, DataType.FLOAT32, shapes(batch));

        float[] found =
                encoder.forward(parameterStore, batch, false).singletonOrThrow().toFloatArray();

        float[] table = encoder.getParameters().get(0).getValue().getArray().toFloatArray();
        double[] expected = new double[8];
        for (double[] atom : sample.nodes()) {
            int offset = 0;
            for (int column = 0; column < 9; column++) {
                for (int w = 0; w < 8; w++) {
                    expected[w] += table[(offset + (int) atom[column]) * 8 + w];
                }
                offset += nodes.tableSizes().get(column);
            }
        }
        for (int w = 0; w < 8; w++) {
            assertThat((double) found[w]).isCloseTo(expected[w], within(1e-5));
        }
    }

    @Test
    void forward_ogbCodesThroughAllLayers_separatesGraphsByBondType() {
        FeatureInput.Codes nodes = (FeatureInput.Codes) FeatureInput.nodesOf("ogb-9-3");
        FeatureInput.Codes bonds = (FeatureInput.Codes) FeatureInput.bondsOf("ogb-9-3");
        GraphEncoder encoder = new GraphEncoder(
                GraphEncoderConfig.of(nodes, bonds).withHiddenDim(16).withNumLayers(2));
        Graphs.Sample one = Graphs.codes(random, 5, nodes.tableSizes(), bonds.tableSizes());
        double[][] otherBonds = new double[one.bonds().length][];
        for (int i = 0; i < otherBonds.length; i++) {
            otherBonds[i] = one.bonds()[i].clone();
            otherBonds[i][0] = (otherBonds[i][0] + 1) % 5;
        }
        Graphs.Sample other = new Graphs.Sample(one.nodes(), one.sources(), one.targets(), otherBonds);
        NDList batch = Graphs.batch(manager, DataType.INT64, 9, 3, List.of(one, other, one));
        encoder.initialize(manager, DataType.FLOAT32, shapes(batch));

        NDArray out = encoder.forward(parameterStore, batch, false).singletonOrThrow();

        assertThat(out.get(0).sub(out.get(2)).abs().max().getFloat()).isLessThan(1e-5f);
        assertThat(out.get(0).sub(out.get(1)).abs().max().getFloat()).isGreaterThan(1e-2f);
    }

    @Test
    void saveAndLoad_sameConfiguration_givesEqualBits(@TempDir Path folder)
            throws IOException, MalformedModelException {
        List<Graphs.Sample> samples = Graphs.many(random, 3, 6, NODE_WIDTH, BOND_WIDTH);
        float[][] expected;
        try (Model model = Model.newInstance("encoder", "PyTorch")) {
            GraphEncoder encoder = encoder(SMALL, DataType.FLOAT32);
            model.setBlock(encoder);
            expected = vectors(encoder, samples);
            model.save(folder, "encoder");
        }
        try (Model model = Model.newInstance("encoder", "PyTorch")) {
            GraphEncoder encoder = new GraphEncoder(SMALL);
            model.setBlock(encoder);
            model.load(folder, "encoder");
            assertThat(vectors(encoder, samples)).isDeepEqualTo(expected);
        }
    }

    @Test
    void load_otherWidth_isRefused(@TempDir Path folder) throws IOException {
        try (Model model = Model.newInstance("encoder", "PyTorch")) {
            model.setBlock(encoder(SMALL, DataType.FLOAT32));
            model.save(folder, "encoder");
        }
        try (Model model = Model.newInstance("encoder", "PyTorch")) {
            model.setBlock(new GraphEncoder(SMALL.withHiddenDim(16)));
            assertThatThrownBy(() -> model.load(folder, "encoder"))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("hiddenDim=16")
                    .hasMessageContaining("hiddenDim=8");
        }
    }

    @Test
    void initialize_otherFeatureWidth_namesBoth() {
        GraphEncoder encoder = new GraphEncoder(SMALL);

        assertThatThrownBy(() -> encoder.initialize(
                        manager,
                        DataType.FLOAT32,
                        new Shape(5, 48),
                        new Shape(2, 4),
                        new Shape(4, 3),
                        new Shape(5),
                        new Shape(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[N, 7]")
                .hasMessageContaining("(5, 48)");
    }

    @Test
    void freezeLayers_two_leavesTheThirdTrainable() {
        GraphEncoder encoder = new GraphEncoder(SMALL.withNormalization(Normalization.NONE));
        encoder.freezeLayers(2, true);

        long frozen = encoder.getParameters().values().stream()
                .filter(parameter -> !parameter.requiresGradient())
                .count();

        // Node embedding 2, then per round: root, bonds 2, first 2, second 2.
        assertThat(frozen).isEqualTo(2 + 2 * 7);
        assertThat(encoder.getParameters().size()).isEqualTo(2 + 3 * 7);
        assertThatThrownBy(() -> encoder.freezeLayers(4, true)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"GINE, RELU", "GINE, SILU", "GIN, RELU", "GIN, TANH", "GCN, RELU"})
    void forward_ogbCodes_equalsTheFormulaNodeByNode(ConvType convType, ActivationKind activation) {
        FeatureInput.Codes nodes = (FeatureInput.Codes) FeatureInput.nodesOf("ogb-9-3");
        FeatureInput.Codes bonds = (FeatureInput.Codes) FeatureInput.bondsOf("ogb-9-3");
        Engine.getInstance().setRandomSeed(2);
        GraphEncoder encoder = new GraphEncoder(GraphEncoderConfig.of(nodes, bonds)
                .withHiddenDim(5)
                .withNumLayers(2)
                .withConvType(convType)
                .withActivation(activation)
                .withNormalization(Normalization.NONE)
                .withPooling(Pooling.SUM)
                .withDropout(0));
        encoder.setInitializer(new NormalInitializer(0.4f), Parameter.Type.WEIGHT);
        encoder.setInitializer(new NormalInitializer(0.4f), Parameter.Type.BIAS);
        List<Graphs.Sample> samples = List.of(
                Graphs.codes(random, 9, nodes.tableSizes(), bonds.tableSizes()),
                Graphs.codes(random, 1, nodes.tableSizes(), bonds.tableSizes()),
                Graphs.codes(random, 4, nodes.tableSizes(), bonds.tableSizes()));
        NDList batch = Graphs.batch(manager, DataType.INT64, 9, 3, samples);
        encoder.initialize(manager, DataType.FLOAT64, shapes(batch));

        double[] found =
                encoder.forward(parameterStore, batch, false).singletonOrThrow().toDoubleArray();

        ReferenceEncoder reference = new ReferenceEncoder(encoder);
        for (int graph = 0; graph < samples.size(); graph++) {
            double[] expected = reference.encode(samples.get(graph));
            for (int w = 0; w < 5; w++) {
                assertThat(found[graph * 5 + w]).isCloseTo(expected[w], within(1e-9));
            }
        }
    }

    @Test
    void forward_gin_doesNotSeeBonds() {
        GraphEncoder encoder = encoder(SMALL.withConvType(ConvType.GIN), DataType.FLOAT32);
        Graphs.Sample one = Graphs.dense(random, 6, NODE_WIDTH, BOND_WIDTH);
        double[][] otherBonds = new double[one.bonds().length][BOND_WIDTH];
        Graphs.Sample other = new Graphs.Sample(one.nodes(), one.sources(), one.targets(), otherBonds);

        float[][] vectors = vectors(encoder, List.of(one, other));

        assertClose(vectors[1], vectors[0]);
        // Node embedding 2, then per round: root, first 2, second 2, normalization 4.
        assertThat(encoder.getParameters().size()).isEqualTo(2 + 3 * 9);
    }

    @Test
    void freezeLayers_batchNormalization_keepsRunningStatisticsOfFrozenRoundsOnly() {
        GraphEncoder encoder = encoder(SMALL.withDropout(0.5), DataType.FLOAT32);
        NDList batch = Graphs.batch(
                manager, DataType.FLOAT32, NODE_WIDTH, BOND_WIDTH, Graphs.many(random, 6, 9, NODE_WIDTH, BOND_WIDTH));
        encoder.freezeLayers(2, true);
        List<float[]> before = statistics(encoder);

        encoder.forward(parameterStore, batch, true);

        List<float[]> after = statistics(encoder);
        assertThat(after.subList(0, 4)).usingRecursiveComparison().isEqualTo(before.subList(0, 4));
        assertThat(after.get(4)).isNotEqualTo(before.get(4));

        encoder.freezeLayers(2, false);
        encoder.forward(parameterStore, batch, true);
        assertThat(statistics(encoder).get(0)).isNotEqualTo(before.get(0));
        assertThat(encoder.getParameters().values().stream()
                        .filter(parameter -> parameter.getType() == Parameter.Type.RUNNING_MEAN
                                || parameter.getType() == Parameter.Type.RUNNING_VAR)
                        .anyMatch(Parameter::requiresGradient))
                .isFalse();
    }

    @Test
    void freezeLayers_all_trainsAsItPredicts() {
        GraphEncoder encoder = encoder(SMALL.withDropout(0.5), DataType.FLOAT32);
        List<Graphs.Sample> samples = Graphs.many(random, 6, 9, NODE_WIDTH, BOND_WIDTH);
        NDList batch = Graphs.batch(manager, DataType.FLOAT32, NODE_WIDTH, BOND_WIDTH, samples);
        encoder.freezeLayers(3, true);

        float[] training =
                encoder.forward(parameterStore, batch, true).singletonOrThrow().toFloatArray();

        assertThat(training)
                .containsExactly(encoder.forward(parameterStore, batch, false)
                        .singletonOrThrow()
                        .toFloatArray());
    }

    /** Running means and variances, round by round. */
    private static List<float[]> statistics(GraphEncoder encoder) {
        List<float[]> values = new ArrayList<>();
        for (Parameter parameter : encoder.getParameters().values()) {
            if (parameter.getType() == Parameter.Type.RUNNING_MEAN
                    || parameter.getType() == Parameter.Type.RUNNING_VAR) {
                values.add(parameter.getArray().toFloatArray());
            }
        }
        return values;
    }

    @Test
    void config_severalFaults_namesAll() {
        assertThatThrownBy(() -> new GraphEncoderConfig(
                        new FeatureInput.Dense(1),
                        new FeatureInput.Dense(1),
                        0,
                        -1,
                        ConvType.GINE,
                        Pooling.SUM,
                        Normalization.NONE,
                        ActivationKind.RELU,
                        1,
                        true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 problems")
                .hasMessageContaining("hidden_dim")
                .hasMessageContaining("num_layers")
                .hasMessageContaining("dropout");
        assertThatThrownBy(() -> GraphEncoderConfig.named(Pooling.class, "pooling", "attention"))
                .hasMessage("pooling must be one of mean, sum, max, found 'attention'.");
        assertThat(GraphEncoderConfig.named(ConvType.class, "conv_type", "gcn")).isEqualTo(ConvType.GCN);
    }

    private GraphEncoder encoder(GraphEncoderConfig config, DataType type) {
        Engine.getInstance().setRandomSeed(1);
        GraphEncoder encoder = new GraphEncoder(config);
        // Biases, too: a zero bias would hide a bias that is forgotten.
        encoder.setInitializer(new NormalInitializer(0.4f), Parameter.Type.WEIGHT);
        encoder.setInitializer(new NormalInitializer(0.4f), Parameter.Type.BIAS);
        encoder.initialize(
                manager,
                type,
                new Shape(5, NODE_WIDTH),
                new Shape(2, 4),
                new Shape(4, BOND_WIDTH),
                new Shape(5),
                new Shape(2));
        return encoder;
    }

    private float[][] vectors(GraphEncoder encoder, List<Graphs.Sample> samples) {
        try (NDManager batch = manager.newSubManager()) {
            NDList input = Graphs.batch(batch, DataType.FLOAT32, NODE_WIDTH, BOND_WIDTH, samples);
            float[] all = GradientPause.during(() -> encoder.forward(parameterStore, input, false))
                    .singletonOrThrow()
                    .toFloatArray();
            int width = encoder.config().hiddenDim();
            float[][] rows = new float[samples.size()][width];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(all, i * width, rows[i], 0, width);
            }
            return rows;
        }
    }

    /** Equal up to rounding, relative to the largest entry. */
    private static void assertClose(float[] found, float[] expected) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(found).containsExactly(expected, within(1e-5f * largest));
    }

    private static Shape[] shapes(NDList batch) {
        return batch.stream().map(NDArray::getShape).toArray(Shape[]::new);
    }
}
