package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import dev.millrace.model.PropertyModelConfig.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableModelTest {
    private static final TableModelConfig.Values PRICE = new TableModelConfig.Values(List.of(Target.of("p", 100, 10)));
    private static final TableModelConfig.Classes AB = new TableModelConfig.Classes(List.of("a", "b"));

    @TempDir
    Path folder;

    private static TableModelConfig config(
            TableModelConfig.Output output, List<Integer> channels, List<Integer> hidden, TableInput... inputs) {
        return new TableModelConfig(List.of(inputs), channels, hidden, 4, 0, ActivationKind.RELU, output);
    }

    private static NDArray run(TableModel model, NDManager manager, NDArray... inputs) {
        return model.forward(new ParameterStore(manager, false), new NDList(inputs), false)
                .singletonOrThrow();
    }

    private static NDArray array(NDManager manager, DataType type, Shape shape, double... values) {
        return Constants.column(manager, manager.getDevice(), DataType.FLOAT64, values)
                .reshape(shape)
                .toType(type, true);
    }

    private static void initialize(TableModel model, NDManager manager, Shape... shapes) {
        model.initialize(manager, DataType.FLOAT32, shapes);
    }

    @Test
    void forward_withoutHiddenLayers_isLinearInScaledInputs() {
        try (NDManager manager = NDManager.newBaseManager()) {
            // Dates in seconds: float32 could not tell them apart.
            TableInput dates = new TableInput.Numbers("date", 1, List.of(1.7e9), List.of(10.0));
            TableModel model = new TableModel(config(PRICE, List.of(), List.of(), dates));
            initialize(model, manager, new Shape(3));
            float[] out = run(
                            model, manager, array(manager, DataType.INT64, new Shape(3), 1.7e9, 1.7e9 + 10, 1.7e9 + 20))
                    .toFloatArray();
            float weight = model.getParameters().get(0).getValue().getArray().toFloatArray()[0];
            assertThat(out[0]).isEqualTo(100f);
            assertThat(out[1]).isCloseTo(100 + 10 * weight, offset(1e-3f));
            assertThat(out[2]).isCloseTo(100 + 20 * weight, offset(1e-3f));
        }
    }

    @Test
    void forward_categories_haveVectorsOfTheirColumnAlone() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TableInput one = new TableInput.Categories("one", List.of(List.of("x"), List.of("y", "z")));
            TableInput two = new TableInput.Categories("two", List.of(List.of("v")));
            TableModel model = new TableModel(config(AB, List.of(), List.of(), one, two));
            initialize(model, manager, new Shape(2, 2), new Shape(2, 1));
            assertThat(model.getParameters().get("categories").getArray().getShape())
                    .isEqualTo(new Shape(7, 4));
            NDArray all = run(
                    model,
                    manager,
                    array(manager, DataType.INT64, new Shape(4, 2), 0, 0, 1, 0, 0, 2, 1, 2),
                    array(manager, DataType.INT64, new Shape(4, 1), 1, 1, 1, 1));
            float[] first = all.get(":, 0").toFloatArray();
            // Additive in the columns, as the model is linear; and each code counts.
            assertThat(first[3] - first[2]).isCloseTo(first[1] - first[0], offset(1e-5f));
            assertThat(first[1]).isNotEqualTo(first[0]);
            assertThat(first[2]).isNotEqualTo(first[0]);
        }
    }

    @Test
    void forward_pictureInEitherLayout_isTheSame() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            TableModel first = picture(false);
            TableModel last = picture(true);
            initialize(first, manager, new Shape(2, 3, 9, 8));
            initialize(last, manager, new Shape(2, 9, 8, 3));
            for (int i = 0; i < first.getParameters().size(); i++) {
                first.getParameters()
                        .get(i)
                        .getValue()
                        .getArray()
                        .copyTo(last.getParameters().get(i).getValue().getArray());
            }
            NDArray maps = manager.randomUniform(0, 255, new Shape(2, 3, 9, 8)).toType(DataType.UINT8, true);
            NDArray out = run(first, manager, maps);
            assertThat(out.getShape()).isEqualTo(new Shape(2, 2));
            assertThat(run(last, manager, maps.transpose(0, 2, 3, 1)).toFloatArray())
                    .containsExactly(out.toFloatArray());
            assertThat(out.get(0).toFloatArray()).isNotEqualTo(out.get(1).toFloatArray());
        }
    }

    private static TableModel picture(boolean last) {
        return new TableModel(config(
                AB,
                List.of(4, 6),
                List.of(5),
                new TableInput.Image("p", 3, 9, 8, last, List.of(0.0, 1.0, 2.0), List.of(255.0, 255.0, 200.0))));
    }

    @Test
    void load_modelOfOtherCategories_isRefused() throws Exception {
        TableModelConfig saved =
                config(AB, List.of(), List.of(3), new TableInput.Categories("c", List.of(List.of("x", "y"))));
        TableModelConfig other =
                config(AB, List.of(), List.of(3), new TableInput.Categories("c", List.of(List.of("y", "x"))));
        try (Model model = Model.newInstance("table")) {
            model.setBlock(new TableModel(saved));
            initialize((TableModel) model.getBlock(), model.getNDManager(), new Shape(1, 1));
            model.save(folder, "table");
        }
        try (Model model = Model.newInstance("table")) {
            model.setBlock(new TableModel(saved));
            model.load(folder, "table");
        }
        try (Model model = Model.newInstance("table")) {
            model.setBlock(new TableModel(other));
            assertThatThrownBy(() -> model.load(folder, "table")).hasMessageContaining("Cannot load the table model");
        }
    }

    @Test
    void config_manyFaults_namesAll() {
        assertThatThrownBy(() -> new TableModelConfig(
                        List.of(new TableInput.Numbers("n", 3, List.of(0.0, 0.0), List.of(1.0, 0.0))),
                        List.of(8),
                        List.of(0),
                        0,
                        1,
                        ActivationKind.RELU,
                        new TableModelConfig.Classes(List.of("one"))))
                .hasMessageStartingWith("6 problems in the table model")
                .hasMessageContainingAll(
                        "two classes, found 1",
                        "hidden_dims",
                        "embedding_dim",
                        "dropout",
                        "of n must be",
                        "found 0 pictures");
        assertThatThrownBy(() -> config(
                        AB,
                        List.of(4, 4, 4),
                        List.of(),
                        new TableInput.Image("p", 1, 7, 30, false, List.of(0.0), List.of(1.0))))
                .hasMessageContaining("found 7 × 30");
    }

    @Test
    void initialize_arraysOfOtherSizes_namesEach() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TableModel model = new TableModel(config(
                    AB,
                    List.of(),
                    List.of(),
                    new TableInput.Numbers("n", 3, List.of(0.0), List.of(1.0)),
                    new TableInput.Numbers("m", 1, List.of(0.0), List.of(1.0))));
            assertThatThrownBy(() -> initialize(model, manager, new Shape(2, 4)))
                    .hasMessageContainingAll("n of 3 elements, found 4", "n, m, found 1 arrays");
        }
    }

    @Test
    void evaluators_inPieces_areThoseOfAllSamples() {
        try (NDManager manager = NDManager.newBaseManager()) {
            List<TableEvaluator> values = TableEvaluator.of(PRICE);
            assertThat(measured(
                            values, manager, 1, new double[] {100, 110, 120, 130}, new double[] {102, 110, 116, 130}))
                    .containsExactly(1.5f, (float) Math.sqrt(5), 1 - 20f / 500);
            // Three of a, hit twice; two of b, hit once; two classes of three occur.
            TableModelConfig.Classes three = new TableModelConfig.Classes(List.of("a", "b", "c"));
            double[] logits = {2, 1, 0, 3, 0, 0, 0, 1, 0, 0, 5, 0, 1, 0, 4};
            List<Float> classes = measured(TableEvaluator.of(three), manager, 3, new double[] {0, 0, 0, 1, 1}, logits);
            assertThat(classes.get(0)).isEqualTo(0.6f);
            assertThat(classes.get(1)).isCloseTo((float) ((2 * 2 / 5.0 + 2 * 1 / 4.0) / 2), offset(1e-6f));
        }
    }

    /** Fed one sample, then the others. */
    private static List<Float> measured(
            List<TableEvaluator> evaluators, NDManager manager, int width, double[] labels, double[] predictions) {
        DataType type = width == 1 ? DataType.FLOAT32 : DataType.INT64;
        NDArray expected = array(manager, type, new Shape(labels.length), labels);
        NDArray predicted = array(manager, DataType.FLOAT32, new Shape(labels.length, width), predictions);
        for (TableEvaluator evaluator : evaluators) {
            evaluator.addAccumulator("x");
            assertThat(evaluator.getAccumulator("x")).isNaN();
            evaluator.updateAccumulator("x", new NDList(expected.get("0:1")), new NDList(predicted.get("0:1")));
            evaluator.updateAccumulator("x", new NDList(expected.get("1:")), new NDList(predicted.get("1:")));
        }
        return evaluators.stream()
                .map(evaluator -> evaluator.getAccumulator("x"))
                .toList();
    }

    @Test
    void loss_ofQuantitiesAndClasses_isThatOfTheBook() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            TableModelConfig.Values two =
                    new TableModelConfig.Values(List.of(Target.of("p", 100, 10), Target.of("q", 0, 2)));
            NDList labels = new NDList(
                    array(manager, DataType.INT64, new Shape(2), 100, 120),
                    array(manager, DataType.FLOAT64, new Shape(2, 1), 1, 5));
            NDList predictions = new NDList(array(manager, DataType.FLOAT32, new Shape(2, 2), 110, 1, 120, 1));
            // Deviations 1, 0, 0 and -2.
            assertThat(TableLoss.of(PropertyLoss.Kind.MSE, two)
                            .evaluate(labels, predictions)
                            .getFloat())
                    .isCloseTo(5 / 4f, offset(1e-6f));
            NDList classes = new NDList(array(manager, DataType.INT64, new Shape(2), 1, 0));
            NDList logits = new NDList(array(manager, DataType.FLOAT32, new Shape(2, 2), 0, Math.log(3), 0, 0));
            assertThat(TableLoss.crossEntropy().evaluate(classes, logits).getFloat())
                    .isCloseTo((float) ((Math.log(4.0 / 3) + Math.log(2)) / 2), offset(1e-6f));
        }
    }

    @Test
    void scale_grouped_isThatOfAllElementsTogether() {
        // Elements 1, 3 and 5, 9, each of two samples ± 1.
        TableScale scale = new TableScale(new double[] {1, 3, 5, 9}, new double[] {1, 1, 1, 1});
        TableScale halves = scale.grouped(2, element -> element / 2);
        assertThat(halves.means()).containsExactly(2, 7);
        assertThat(halves.deviations()).containsExactly(Math.sqrt(2), Math.sqrt(5));
        assertThat(scale.grouped(1, element -> 0).means()).containsExactly(4.5);
    }
}
