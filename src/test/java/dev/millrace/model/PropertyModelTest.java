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
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import dev.millrace.model.GraphEncoderConfig.Normalization;
import dev.millrace.model.PropertyModelConfig.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PropertyModelTest {
    private static final List<Target> TARGETS =
            List.of(Target.of("homo_lumo_gap", 5.5, 1.2), new Target("dipole", -3, 0.5, 0.25));
    private final Random random = new Random(5);

    @Test
    void forward_float64_gradientsOfModelAndLossEqualCentralDifferences() {
        PropertyModelConfig config = small(TARGETS);
        config = config.withEncoder(
                config.encoder().withActivation(ActivationKind.SILU).withNormalization(Normalization.LAYER));
        try (NDManager manager = NDManager.newBaseManager()) {
            PropertyModel model = initialized(manager, config, DataType.FLOAT64);
            ParameterStore store = new ParameterStore(manager, false);
            NDList batch =
                    Graphs.batch(manager, DataType.FLOAT64, 48, 6, List.of(molecule(5), molecule(3), molecule(1)));
            NDArray labels = Arrays64.doubles(manager, new Shape(3, 2), 5, Double.NaN, 6.5, -3.5, Double.NaN, -2);
            PropertyLoss loss = PropertyLoss.of(PropertyLoss.Kind.MSE, TARGETS);
            List<NDArray> variables = new ArrayList<>();
            for (Parameter parameter : model.getParameters().values()) {
                variables.add(parameter.getArray());
            }

            double worst = GradientCheck.worstRelativeError(
                    () -> loss.evaluate(new NDList(labels), model.forward(store, batch, true)), variables, 4, random);

            assertThat(worst).isLessThan(1e-7);
        }
    }

    @Test
    void forward_headWithoutWeights_isTheMeanInTheUnitOfTheLabels() {
        try (NDManager manager = NDManager.newBaseManager()) {
            PropertyModel model = initialized(manager, small(TARGETS), DataType.FLOAT32);
            for (var entry : model.getParameters()) {
                if (entry.getKey().startsWith("02head")) {
                    NDArray array = entry.getValue().getArray();
                    array.set(new float[Math.toIntExact(array.size())]);
                }
            }
            NDList batch = Graphs.batch(manager, DataType.FLOAT32, 48, 6, List.of(molecule(4), molecule(2)));
            NDArray found = model.forward(new ParameterStore(manager, false), batch, false)
                    .singletonOrThrow();

            assertThat(found.getShape()).isEqualTo(new Shape(2, 2));
            assertThat(found.toFloatArray()).containsExactly(5.5f, -3, 5.5f, -3);
        }
    }

    @Test
    void forward_oneByOne_equalsTheBatch() {
        try (NDManager manager = NDManager.newBaseManager()) {
            PropertyModel model = initialized(manager, small(TARGETS), DataType.FLOAT32);
            ParameterStore store = new ParameterStore(manager, false);
            List<Graphs.Sample> molecules = List.of(molecule(5), molecule(1), molecule(7));
            NDArray together = model.forward(store, Graphs.batch(manager, DataType.FLOAT32, 48, 6, molecules), false)
                    .singletonOrThrow();
            for (int i = 0; i < molecules.size(); i++) {
                NDList single = Graphs.batch(manager, DataType.FLOAT32, 48, 6, molecules.subList(i, i + 1));
                NDArray alone = model.forward(store, single, false).singletonOrThrow();
                assertThat(alone.get(0).sub(together.get(i)).abs().max().getFloat())
                        .isLessThan(1e-4f);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(PropertyLoss.Kind.class)
    void loss_missingLabels_countsTheOthersInStandardDeviations(PropertyLoss.Kind kind) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray labels = Arrays64.floats(manager, new Shape(2, 2), 4, Float.NaN, Float.NaN, -4);
            NDArray predicted = Arrays64.floats(manager, new Shape(2, 2), 4 + 0.6f, 100, -100, -4 + 1);
            predicted.setRequiresGradient(true);
            float value;
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray loss = PropertyLoss.of(kind, TARGETS).evaluate(new NDList(labels), new NDList(predicted));
                value = loss.getFloat();
                collector.backward(loss);
            }
            // Half a deviation with weight 1, two deviations with weight 1/4.
            double expected = switch (kind) {
                case MSE -> (0.25 + 0.25 * 4) / 1.25;
                case L1 -> (0.5 + 0.25 * 2) / 1.25;
                case SMOOTH_L1 -> (0.125 + 0.25 * 1.5) / 1.25;
            };
            assertThat(value).isCloseTo((float) expected, within(1e-5f));
            float[] gradient = predicted.getGradient().toFloatArray();
            assertThat(gradient[0]).isPositive();
            assertThat(gradient[1]).isZero();
            assertThat(gradient[2]).isZero();
            assertThat(gradient[3]).isPositive();
        }
    }

    @Test
    void loss_noLabelAtAll_isNoNumber() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray labels = Arrays64.floats(manager, new Shape(1, 1), Float.NaN);
            NDArray predicted = Arrays64.floats(manager, new Shape(1, 1), 1);
            NDArray loss = PropertyLoss.of(PropertyLoss.Kind.L1, List.of(Target.of("gap", 0, 1)))
                    .evaluate(new NDList(labels), new NDList(predicted));
            assertThat(loss.getFloat()).isNaN();
        }
    }

    @Test
    void evaluator_batchesOfDifferentSize_countEveryLabelOnce() {
        List<PropertyEvaluator> both = PropertyEvaluator.of(TARGETS);
        assertThat(both.stream().map(PropertyEvaluator::getName)).containsExactly("mae_homo_lumo_gap", "mae_dipole");
        PropertyEvaluator evaluator =
                PropertyEvaluator.of(List.of(Target.of("gap", 0, 9))).get(0);
        assertThat(evaluator.getName()).isEqualTo("mae");
        evaluator.addAccumulator("val");
        assertThat(evaluator.getAccumulator("val")).isNaN();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray three = Arrays64.floats(manager, new Shape(3, 1), 1, Float.NaN, 1);
            NDArray one = Arrays64.floats(manager, new Shape(1, 1), 1);
            NDArray none = Arrays64.floats(manager, new Shape(1, 1), Float.NaN);
            evaluator.updateAccumulator(
                    "val", new NDList(three), new NDList(Arrays64.floats(manager, new Shape(3, 1), 2, 50, 0)));
            evaluator.updateAccumulator(
                    "val", new NDList(one), new NDList(Arrays64.floats(manager, new Shape(1, 1), 5)));
            evaluator.updateAccumulator(
                    "val", new NDList(none), new NDList(Arrays64.floats(manager, new Shape(1, 1), 5)));
        }
        assertThat(evaluator.getAccumulator("val")).isEqualTo(2f);
    }

    @Test
    void saveAndLoad_otherScale_isRefused(@TempDir Path folder) throws IOException, MalformedModelException {
        PropertyModelConfig config = small(TARGETS);
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance("property", "PyTorch")) {
            model.setBlock(initialized(manager, config, DataType.FLOAT32));
            model.save(folder, "property");
        }
        try (Model model = Model.newInstance("property", "PyTorch")) {
            model.setBlock(new PropertyModel(config));
            model.load(folder, "property");
        }
        try (Model model = Model.newInstance("property", "PyTorch")) {
            model.setBlock(new PropertyModel(small(List.of(Target.of("homo_lumo_gap", 5.5, 1.3), TARGETS.get(1)))));
            assertThatThrownBy(() -> model.load(folder, "property"))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("standardDeviation=1.3");
        }
    }

    @Test
    void config_severalFaults_namesAll() {
        PropertyModelConfig sound = small(TARGETS);
        assertThatThrownBy(() -> new PropertyModelConfig(
                        sound.encoder(),
                        List.of(0),
                        1,
                        List.of(Target.of("a", Double.NaN, 0), new Target("a", 0, 1, -1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6 problems");
        assertThatThrownBy(() -> small(List.of())).hasMessageContaining("there must be a target");
    }

    @Test
    void nodesOf_paddedSpecification_isDenseAndNeedsAKnownBase() {
        assertThat(FeatureInput.nodesOf("ogb-9-3+pad-48-6")).isEqualTo(new FeatureInput.Dense(48));
        assertThat(FeatureInput.bondsOf("pyg-9-3+pad-48-6")).isEqualTo(new FeatureInput.Dense(6));
        assertThat(FeatureInput.nodesOf("pyg-9-3").width()).isEqualTo(9);
        assertThatThrownBy(() -> FeatureInput.nodesOf("what+pad-48-6")).hasMessageContaining("'what'");
    }

    private static PropertyModelConfig small(List<Target> targets) {
        PropertyModelConfig config =
                PropertyModelConfig.of("bitspec-48-6", targets).withHead(List.of(12), 0);
        return config.withEncoder(
                config.encoder().withHiddenDim(8).withNumLayers(2).withDropout(0));
    }

    private static PropertyModel initialized(NDManager manager, PropertyModelConfig config, DataType type) {
        Engine.getInstance().setRandomSeed(2);
        PropertyModel model = new PropertyModel(config);
        model.setInitializer(new NormalInitializer(0.3f), Parameter.Type.WEIGHT);
        model.initialize(manager, type, new Shape(5, 48), new Shape(2, 4), new Shape(4, 6), new Shape(5), new Shape(2));
        return model;
    }

    private Graphs.Sample molecule(int atoms) {
        return Graphs.dense(random, atoms, 48, 6);
    }
}
