package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenModelTest {
    private static final int VOCABULARY = 11;
    private static final int LENGTH = 23;
    private static final TokenModelConfig SMALL =
            TokenModelConfig.of(VOCABULARY).withSize(8, 3).withConvolution(3, 2);

    private final Random random = new Random(7);
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
    @CsvSource({"CONVOLUTION, true", "CONVOLUTION, false", "ATTENTION, true", "ATTENTION, false"})
    void forward_laterTokenChanged_leavesEarlierLogitsBitForBit(TokenModelConfig.Layer layer, boolean tied) {
        TokenModel model = model(config(layer, tied), DataType.FLOAT32);
        long[] tokens = tokens(2 * LENGTH);
        float[][][] before = logits(model, tokens);
        for (int changed : new int[] {0, 1, 6, 13, LENGTH - 1}) {
            long[] other = tokens.clone();
            other[changed] = (other[changed] + 1) % VOCABULARY;
            float[][][] after = logits(model, other);
            for (int at = 0; at < changed; at++) {
                assertThat(after[0][at]).as("logits at %d", at).isEqualTo(before[0][at]);
            }
            // What was changed is seen where it stands and after it; another row never sees it.
            assertThat(after[0][changed]).isNotEqualTo(before[0][changed]);
            if (changed + 2 < LENGTH) {
                assertThat(after[0][changed + 2]).isNotEqualTo(before[0][changed + 2]);
            }
            assertThat(after[1]).isDeepEqualTo(before[1]);
        }
    }

    @Test
    void forward_tokenBeyondTheReceptiveField_isNotSeen() {
        TokenModelConfig config = SMALL.withConvolution(3, 2);
        TokenModel model = model(config, DataType.FLOAT32);
        int field = Math.toIntExact(config.receptiveField());
        assertThat(field).isEqualTo(1 + 2 * (1 + 2 + 1));
        long[] tokens = tokens(2 * LENGTH);
        long[] other = tokens.clone();
        other[0] = (other[0] + 1) % VOCABULARY;

        float[][][] before = logits(model, tokens);
        float[][][] after = logits(model, other);

        assertThat(after[0][field - 1]).isNotEqualTo(before[0][field - 1]);
        assertThat(after[0][field]).isEqualTo(before[0][field]);
    }

    @ParameterizedTest
    @CsvSource({"CONVOLUTION, true", "CONVOLUTION, false", "ATTENTION, true", "ATTENTION, false"})
    void loss_float64_gradientsEqualCentralDifferences(TokenModelConfig.Layer layer, boolean tied) {
        TokenModel model = model(config(layer, tied).withSize(8, 2), DataType.FLOAT64);
        NDList batch = new NDList(array(tokens(2 * LENGTH)));
        NDList labels = new NDList(array(tokens(2 * LENGTH)), mask(2 * LENGTH, at -> at % 5 != 0));
        List<NDArray> variables = model.getParameters().values().stream()
                .filter(Parameter::requiresGradient)
                .map(Parameter::getArray)
                .toList();
        TokenLoss loss = TokenLoss.crossEntropy();

        double worst = GradientCheck.worstRelativeError(
                () -> loss.evaluate(labels, model.forward(parameterStore, batch, true)), variables, 2, random);

        assertThat(worst).isLessThan(1e-7);
    }

    @ParameterizedTest
    @CsvSource({"CONVOLUTION", "ATTENTION"})
    void initialize_sameSeed_givesEqualParametersAndAnotherSeedOthers(TokenModelConfig.Layer layer) {
        float[][] one = parameters(layer, 3);

        assertThat(parameters(layer, 3)).isDeepEqualTo(one);
        assertThat(parameters(layer, 4)).isNotEqualTo(one);
    }

    @ParameterizedTest
    @CsvSource({"CONVOLUTION, true", "ATTENTION, false"})
    void saveAndLoad_sameConfiguration_givesEqualBits(TokenModelConfig.Layer layer, boolean tied, @TempDir Path folder)
            throws IOException, MalformedModelException {
        long[] tokens = tokens(2 * LENGTH);
        float[][][] expected;
        try (Model model = Model.newInstance("tokens", "PyTorch")) {
            TokenModel block = model(config(layer, tied), DataType.FLOAT32);
            model.setBlock(block);
            expected = logits(block, tokens);
            model.save(folder, "tokens");
        }
        try (Model model = Model.newInstance("tokens", "PyTorch")) {
            TokenModel block = new TokenModel(config(layer, tied));
            model.setBlock(block);
            model.load(folder, "tokens");
            assertThat(logits(block, tokens)).isDeepEqualTo(expected);
        }
        try (Model model = Model.newInstance("tokens", "PyTorch")) {
            model.setBlock(new TokenModel(config(layer, tied).withSize(16, 3)));
            assertThatThrownBy(() -> model.load(folder, "tokens"))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("hiddenDim=16")
                    .hasMessageContaining("hiddenDim=8");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1", "11", "255"})
    void forward_idOutsideTheVocabulary_isRefused(long id) {
        TokenModel model = model(SMALL, DataType.FLOAT32);
        long[] tokens = tokens(2 * LENGTH);
        tokens[3] = id;

        assertThatThrownBy(() -> logits(model, tokens)).isInstanceOf(EngineException.class);
    }

    @Test
    void forward_manyTimes_leavesNoArraysWithTheModel() {
        TokenModel model = model(config(TokenModelConfig.Layer.ATTENTION, true), DataType.FLOAT32);
        int before = manager.getManagedArrays().size();
        try (NDManager scope = manager.newSubManager()) {
            NDArray tokens = Arrays64.longs(scope, new Shape(1, LENGTH), tokens(LENGTH));
            NDList found = model.forward(parameterStore, new NDList(tokens), true);
            assertThat(found.head().getManager()).isEqualTo(scope);
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    @Test
    void config_faults_areNamedTogether() {
        assertThatThrownBy(() -> new TokenModelConfig(1, 10, 1, TokenModelConfig.Layer.ATTENTION, 1, 0, 3, 1, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "vocabulary", "num_layers", "kernel_size", "dilation_cycle", "twice the heads", "dropout");
    }

    private static TokenModelConfig config(TokenModelConfig.Layer layer, boolean tied) {
        TokenModelConfig config = SMALL.withTiedHead(tied);
        return layer == TokenModelConfig.Layer.ATTENTION ? config.withAttention(2) : config;
    }

    private TokenModel model(TokenModelConfig config, DataType type) {
        Engine.getInstance().setRandomSeed(5);
        TokenModel model = new TokenModel(config);
        model.setInitializer(new NormalInitializer(0.4f), Parameter.Type.WEIGHT);
        model.setInitializer(new NormalInitializer(0.4f), Parameter.Type.BIAS);
        model.initialize(manager, type, new Shape(2, LENGTH));
        return model;
    }

    private float[][] parameters(TokenModelConfig.Layer layer, int seed) {
        Engine.getInstance().setRandomSeed(seed);
        TokenModel model = new TokenModel(config(layer, false));
        model.initialize(manager, DataType.FLOAT32, new Shape(2, LENGTH));
        return model.getParameters().values().stream()
                .map(parameter -> parameter.getArray().toFloatArray())
                .toArray(float[][]::new);
    }

    private long[] tokens(int count) {
        return random.longs(count, 0, VOCABULARY).toArray();
    }

    private NDArray array(long... values) {
        return Arrays64.longs(manager, new Shape(2, values.length / 2), values);
    }

    private NDArray mask(int count, java.util.function.IntPredicate counted) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = counted.test(i) ? 1 : 0;
        }
        return Arrays64.floats(manager, new Shape(2, count / 2), values);
    }

    /** By row, place and token. */
    private float[][][] logits(TokenModel model, long... tokens) {
        int length = tokens.length / 2;
        try (NDManager scope = manager.newSubManager()) {
            NDArray ids = Arrays64.longs(scope, new Shape(2, length), tokens);
            float[] flat = model.forward(parameterStore, new NDList(ids), false)
                    .singletonOrThrow()
                    .toFloatArray();
            float[][][] logits = new float[2][length][VOCABULARY];
            for (int i = 0; i < flat.length; i++) {
                logits[i / VOCABULARY / length][i / VOCABULARY % length][i % VOCABULARY] = flat[i];
            }
            return logits;
        }
    }
}
