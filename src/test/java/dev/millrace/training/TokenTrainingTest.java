package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import dev.millrace.model.TokenLoss;
import dev.millrace.model.TokenModel;
import dev.millrace.model.TokenModelConfig;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Losses that are means over tokens: how batches are cut does not matter, and batches without any do no harm. */
class TokenTrainingTest {
    private static final int VOCABULARY = 6;
    private static final int LENGTH = 24;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu());
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void run_accumulatedBatchesOfUnequalTokens_stepsAsOneLargeBatch() {
        double[] once = parameters(8, 1, window -> window % 3);
        double[] twice = parameters(2, 4, window -> window % 3);

        assertThat(once.length).isEqualTo(twice.length);
        for (int i = 0; i < once.length; i++) {
            assertThat(twice[i]).isCloseTo(once[i], within(2e-5));
        }
    }

    @Test
    void run_batchesWithoutTokens_areHarmlessWhereverTheyAre() {
        // Batches of two: the first of a step, a whole step, and the last of the epoch count nothing.
        double[] found = parameters(2, 2, window -> window < 2 || (window >= 4 && window < 8) || window >= 14 ? 0 : 5);

        assertThat(found).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    @Test
    void run_validationInUnequalBatches_countsEveryTokenOnce() {
        List<EpochReport> reports = new ArrayList<>();
        for (int batch : new int[] {3, 16}) {
            try (Model model = model()) {
                run(model, data(16, 4, window -> 9), data(16, batch, window -> window), 1, reports);
            }
        }

        double inParts = reports.get(0).validation().get(TokenLoss.BITS_PER_BASE);
        double whole = reports.get(1).validation().get(TokenLoss.BITS_PER_BASE);
        assertThat(inParts).isCloseTo(whole, within(1e-5));
        assertThat(reports.get(0).validation().get("loss")).isCloseTo(whole * Math.log(2), within(1e-5));
        assertThat(reports.get(0).weight()).isEqualTo(16 * 9);
        assertThat(reports.get(0).samples()).isEqualTo(16);
    }

    @Test
    void run_validationWithoutTokens_saysSo() {
        try (Model model = model()) {
            assertThatThrownBy(() -> run(model, data(4, 2, window -> 3), data(4, 2, window -> 0), 1, new ArrayList<>()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("found nothing in 4 samples");
        }
    }

    /** After two epochs of 16 windows. */
    private double[] parameters(int batch, int accumulation, LongUnaryOperator counted) {
        try (Model model = model()) {
            run(model, data(16, batch, counted), null, accumulation, new ArrayList<>());
            return model.getBlock().getParameters().values().stream()
                    .flatMapToDouble(parameter -> {
                        try (NDArray wide = parameter.getArray().toType(DataType.FLOAT64, true)) {
                            return java.util.Arrays.stream(wide.toDoubleArray());
                        }
                    })
                    .toArray();
        }
    }

    private static Model model() {
        Model model = Model.newInstance("tokens", Device.cpu());
        model.setBlock(new TokenModel(TokenModelConfig.of(VOCABULARY).withSize(8, 2)));
        return model;
    }

    private static void run(
            Model model, ArrayDataset training, ArrayDataset validation, int accumulation, List<EpochReport> reports) {
        TrainingRun.Builder run = TrainingRun.builder()
                .setModel(model)
                .setLoss(TokenLoss.crossEntropy())
                .setTraining(training)
                .setPlan(TrainingPlan.builder()
                        .setEpochs(2)
                        .optSeed(3)
                        .optAccumulation(accumulation)
                        .optOptimizer(OptimizerSettings.adamW(0.01, 0))
                        .build())
                .optListener(new RunListener() {
                    @Override
                    public void onEpoch(EpochReport epoch) {
                        reports.clear();
                        reports.add(epoch);
                    }
                });
        List<EpochReport> before = List.copyOf(reports);
        if (validation != null) {
            run.optValidation(validation).optEvaluators(List.of(TokenLoss.bitsPerBase()));
        }
        run.build().run();
        reports.addAll(0, before);
    }

    /** Windows in order; of each, so many tokens count as is said for its number. */
    private ArrayDataset data(int windows, int batch, LongUnaryOperator counted) {
        Random random = new Random(1);
        Shape shape = new Shape(windows, LENGTH);
        NDArray tokens = manager.create(shape, DataType.INT64);
        NDArray labels = manager.create(shape, DataType.INT64);
        NDArray mask = manager.create(shape, DataType.FLOAT32);
        var tokenValues =
                tokens.toByteBuffer(true).order(ByteOrder.nativeOrder()).asLongBuffer();
        var labelValues =
                labels.toByteBuffer(true).order(ByteOrder.nativeOrder()).asLongBuffer();
        var maskValues = mask.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
        for (int window = 0; window < windows; window++) {
            for (int at = 0; at < LENGTH; at++) {
                tokenValues.put(random.nextInt(VOCABULARY));
                labelValues.put(random.nextInt(VOCABULARY));
                maskValues.put(at < counted.applyAsLong(window) ? 1 : 0);
            }
        }
        return new ArrayDataset.Builder()
                .setData(tokens)
                .optLabels(labels, mask)
                .setSampling(batch, false)
                .build();
    }
}
