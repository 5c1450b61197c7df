package dev.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.exafs.ExafsAtomDataset;
import dev.millrace.exafs.ExafsDataset;
import dev.millrace.exafs.ExafsFile;
import dev.millrace.exafs.ExafsStatistics;
import dev.millrace.exafs.KGrid;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models of χ(k) on the datasets that feed them. */
class ChiModelsTest {
    @TempDir
    static Path folder;

    private static Path file = Path.of("");

    enum Kind {
        PATH,
        ATOM,
        DISTANCE
    }

    @BeforeAll
    static void write() {
        file = ExafsFile.of(20, 3).write(folder.resolve("exafs.db"));
    }

    private static SqliteDataset<?> data(Kind kind, Split split, int batch, boolean shuffled) {
        if (kind == Kind.PATH) {
            return ExafsDataset.builder()
                    .setDatabase(file)
                    .optSplit(split)
                    .setSampling(batch, shuffled)
                    .build();
        }
        return ExafsAtomDataset.builder()
                .setDatabase(file)
                .optView(kind == Kind.ATOM ? ExafsAtomDataset.View.GRAPH : ExafsAtomDataset.View.FIRST_SHELL)
                .optSplit(split)
                .setSampling(batch, shuffled)
                .build();
    }

    private static ChiModelConfig config(SqliteDataset<?> data) {
        return data instanceof ExafsDataset paths
                ? ChiModelConfig.of(paths.grid(), paths.maxLegs(), paths.statistics())
                : ChiModelConfig.of(((ExafsAtomDataset) data).grid(), 2, ((ExafsAtomDataset) data).statistics());
    }

    private static ChiModel block(Kind kind, ChiModelConfig config) {
        return switch (kind) {
            case PATH -> new PathChiModel(config);
            case ATOM -> new AtomChiModel(config);
            case DISTANCE -> new ShellDistanceModel(config);
        };
    }

    @ParameterizedTest
    @EnumSource
    void fit_withDjlsOwnLoop_beatsTheMean(Kind kind) throws Exception {
        try (SqliteDataset<?> train = data(kind, Split.TRAIN, 16, true);
                SqliteDataset<?> validation = data(kind, Split.VALIDATION, 16, false);
                Model model = Model.newInstance("chi")) {
            ChiModelConfig config = config(train).withSize(32, 2);
            ExafsStatistics statistics =
                    kind == Kind.PATH ? ((ExafsDataset) train).statistics() : ((ExafsAtomDataset) train).statistics();
            List<PropertyModelConfig.Target> distance = List.of(new PropertyModelConfig.Target(
                    "distance", statistics.meanDistance(), statistics.distanceDeviation(), 1));
            model.setBlock(block(kind, config));
            DefaultTrainingConfig settings = new DefaultTrainingConfig(
                            kind == Kind.DISTANCE
                                    ? PropertyLoss.of(PropertyLoss.Kind.MSE, distance)
                                    : ChiLoss.of(config.grid(), 2, statistics))
                    .optOptimizer(Optimizer.adam()
                            .optLearningRateTracker(Tracker.fixed(3e-3f))
                            .build())
                    .addTrainingListeners(TrainingListener.Defaults.basic());
            settings.addEvaluators(
                    kind == Kind.DISTANCE
                            ? List.copyOf(PropertyEvaluator.of(distance))
                            : List.of(new ChiEvaluator(config.grid(), 2)));
            ChiBaselines baselines = kind == Kind.DISTANCE
                    ? ChiBaselines.ofDistances(train, validation, 1000)
                    : ChiBaselines.ofChi(train, validation, config.grid(), List.of(2), 1000);
            try (Trainer trainer = model.newTrainer(settings)) {
                try (Batch first =
                        train.getData(trainer.getManager()).iterator().next()) {
                    trainer.initialize(
                            first.getData().stream().map(NDArray::getShape).toArray(Shape[]::new));
                }
                EasyTrain.fit(trainer, kind == Kind.PATH ? 6 : 25, train, validation);
                float error = trainer.getTrainingResult()
                        .getValidateEvaluation(kind == Kind.DISTANCE ? "mae" : "rmse_k2_chi");
                assertThat(error).isPositive().isLessThan((float)
                        (0.5 * baselines.mean().get(0)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void loss_float64_gradientsEqualCentralDifferences(Kind kind) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                SqliteDataset<?> train = data(kind, Split.TRAIN, 5, false)) {
            ChiModelConfig config = config(train).withSize(8, 2).withBasis(6);
            ChiModel model = block(kind, config);
            NDList data = new NDList();
            NDList labels = new NDList();
            try (Batch batch = train.getData(manager).iterator().next()) {
                batch.getData().forEach(array -> data.add(wide(array, manager)));
                batch.getLabels().forEach(array -> labels.add(wide(array, manager)));
            }
            model.initialize(
                    manager,
                    DataType.FLOAT64,
                    data.stream().map(NDArray::getShape).toArray(Shape[]::new));
            List<NDArray> variables = model.getParameters().values().stream()
                    .filter(Parameter::requiresGradient)
                    .map(Parameter::getArray)
                    .toList();
            ParameterStore parameters = new ParameterStore(manager, false);

            double worst = GradientCheck.worstRelativeError(
                    () -> model.forward(parameters, data, true)
                            .head()
                            .sub(labels.head())
                            .square()
                            .mean(),
                    variables,
                    2,
                    new Random(3));

            assertThat(worst).isLessThan(1e-5);
        }
    }

    private static NDArray wide(NDArray array, NDManager manager) {
        NDArray copy = array.toType(array.getDataType() == DataType.INT64 ? DataType.INT64 : DataType.FLOAT64, true);
        copy.attach(manager);
        return copy;
    }

    @ParameterizedTest
    @EnumSource
    void forward_sampleAlone_isThatOfTheBatch(Kind kind) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                SqliteDataset<?> all = data(kind, Split.TRAIN, 8, false);
                SqliteDataset<?> single = data(kind, Split.TRAIN, 1, false);
                Model model = Model.newInstance("chi")) {
            ChiModel block = block(kind, config(all));
            model.setBlock(block);
            ParameterStore parameters = new ParameterStore(manager, false);
            try (Batch batch = all.getData(manager).iterator().next()) {
                block.initialize(
                        manager,
                        DataType.FLOAT32,
                        batch.getData().stream().map(NDArray::getShape).toArray(Shape[]::new));
                float[] together = GradientPause.during(() -> block.forward(parameters, batch.getData(), false))
                        .head()
                        .toFloatArray();
                int row = 0;
                for (Batch one : single.getData(manager)) {
                    float[] alone = GradientPause.during(() -> block.forward(parameters, one.getData(), false))
                            .head()
                            .toFloatArray();
                    for (int i = 0; i < alone.length; i++) {
                        assertThat(alone[i]).isCloseTo(together[row * alone.length + i], within(1e-5f));
                    }
                    one.close();
                    if (++row == 8) {
                        break;
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void load_ofAnotherShape_isRefused(Kind kind) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                SqliteDataset<?> train = data(kind, Split.TRAIN, 4, false)) {
            ChiModelConfig config = config(train);
            Path saved = folder.resolve("saved-" + kind);
            try (Model model = Model.newInstance("chi");
                    Batch batch = train.getData(manager).iterator().next()) {
                model.setBlock(block(kind, config));
                model.getBlock()
                        .initialize(
                                manager,
                                DataType.FLOAT32,
                                batch.getData().stream().map(NDArray::getShape).toArray(Shape[]::new));
                model.save(saved, "chi");
            }
            try (Model same = Model.newInstance("chi");
                    Model other = Model.newInstance("chi")) {
                same.setBlock(block(kind, config));
                same.load(saved);
                other.setBlock(block(kind, config.withSize(64, 3)));
                assertThatThrownBy(() -> other.load(saved))
                        .isInstanceOf(MalformedModelException.class)
                        .hasMessageContaining("Build the model with the configuration");
            }
        }
    }

    @Test
    void series_ofConstantCoefficients_isTheEquation() {
        try (NDManager manager = NDManager.newBaseManager()) {
            KGrid grid = KGrid.of(0, 12, 0.5);
            ChiSeries series = new ChiSeries(grid, 7, 0.3);
            double[] coefficients = new double[14];
            Arrays.fill(coefficients, 0, 7, 2);
            Arrays.fill(coefficients, 7, 14, -1);
            double[] chi = series.of(
                            Arrays64.doubles(manager, new Shape(1, 14), coefficients),
                            Arrays64.doubles(manager, new Shape(1, 1), 2.5),
                            Arrays64.doubles(manager, new Shape(1, 1), 6))
                    .toDoubleArray();
            for (int i = 0; i < chi.length; i++) {
                double k = grid.get(i);
                double expected =
                        0.3 * 6 / (2.5 * 2.5) / Math.sqrt(k * k + 1) * (2 * Math.sin(5 * k) - Math.cos(5 * k));
                assertThat(chi[i]).isCloseTo(expected, within(1e-12));
            }
        }
    }

    @Test
    void lossAndEvaluators_ofKnownDifferences_arePhysical() {
        try (NDManager manager = NDManager.newBaseManager()) {
            KGrid grid = KGrid.of(new double[] {1, 2});
            NDList labels = new NDList(Arrays64.doubles(manager, new Shape(2, 2), 0, 0, 1, 1));
            NDList predictions = new NDList(Arrays64.doubles(manager, new Shape(2, 2), 1, 0, 1, 3));
            // Differences 1, 0, 0, 2 at k 1, 2, 1, 2.
            ChiEvaluator plain = new ChiEvaluator(grid, 0);
            ChiEvaluator square = new ChiEvaluator(grid, 2);
            assertThat(plain.getName()).isEqualTo("rmse_chi");
            assertThat(square.getName()).isEqualTo("rmse_k2_chi");
            for (ChiEvaluator evaluator : List.of(plain, square)) {
                evaluator.addAccumulator("a");
                evaluator.updateAccumulator("a", labels, predictions);
            }
            assertThat(plain.getAccumulator("a")).isEqualTo((float) Math.sqrt(5.0 / 4));
            assertThat(square.getAccumulator("a")).isEqualTo((float) Math.sqrt((1 + 64.0) / 4));
            ExafsStatistics statistics = new ExafsStatistics(2, 2, 1, 1, List.of(8, 92), List.of(4.0, 4.0, 4.0, 4.0));
            assertThat(ChiLoss.of(grid, 2, statistics)
                            .evaluate(labels, predictions)
                            .getDouble())
                    .isCloseTo((1 + 64.0) / 4 / 4, within(1e-12));
        }
    }

    @Test
    void baselines_ofMadePaths_areErrorsOfMeans() throws Exception {
        try (SqliteDataset<?> train = data(Kind.PATH, Split.TRAIN, 16, false);
                SqliteDataset<?> same = data(Kind.PATH, Split.TRAIN, 7, false)) {
            ExafsDataset paths = (ExafsDataset) train;
            ChiBaselines found = ChiBaselines.ofChi(train, same, paths.grid(), List.of(0, 2), 100_000);
            assertThat(found.trained()).isEqualTo(train.size());
            assertThat(found.evaluated()).isEqualTo(train.size());
            // On the training data itself a mean beats 0, and that of the same elements the one of all.
            for (int i = 0; i < 2; i++) {
                assertThat(found.mean().get(i))
                        .isLessThan(paths.statistics().rootMeanSquare(2 * i))
                        .isGreaterThan(found.meanOfKind().get(i));
            }
        }
    }
}
