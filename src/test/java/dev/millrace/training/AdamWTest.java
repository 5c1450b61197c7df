package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final String WEIGHT = "01Linear_weight";
    private static final String BIAS = "01Linear_bias";

    private static Trainer trainer(Model model, AdamW optimizer) {
        Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()).optOptimizer(optimizer));
        new EngineSeed(3).forInitialisation();
        trainer.initialize(new Shape(4, 3));
        return trainer;
    }

    /** One backward pass of sum(scale · (w·x + b)) over fixed inputs: the gradient does not depend on the weights. */
    private static void backward(Trainer trainer, float scale) {
        try (NDManager manager = trainer.getManager().newSubManager();
                GradientCollector collector = trainer.newGradientCollector()) {
            NDArray x = manager.create(new float[] {1, -2, 3, 0.5f, 0.25f, -1, 2, 2, 2, -4, 1, 0}, new Shape(4, 3));
            NDArray y = trainer.forward(new NDList(x)).singletonOrThrow();
            collector.backward(y.mul(scale).sum());
        }
    }

    private static double[] expectedGradient(float scale) {
        // Column sums of the inputs above, then the bias.
        return new double[] {-0.5 * scale, 1.25 * scale, 4 * scale, 4 * scale};
    }

    private static double[] parameters(Model model) {
        double[] all = new double[4];
        float[] weight = TinyModel.parameter(model, WEIGHT).toFloatArray();
        for (int i = 0; i < 3; i++) {
            all[i] = weight[i];
        }
        all[3] = TinyModel.parameter(model, BIAS).toFloatArray()[0];
        return all;
    }

    @Test
    void update_manySteps_followsThePublishedFormula() {
        OptimizerSettings settings = new OptimizerSettings(0.01, 0.9, 0.99, 1e-3, 0.1, false, List.of());
        try (Model model = TinyModel.linear();
                AdamW optimizer = AdamW.of(model, settings, new Schedule.WarmupCosine(3, 0.1), 0, 20);
                Trainer trainer = trainer(model, optimizer)) {
            double[] w = parameters(model);
            double[] m = new double[4];
            double[] v = new double[4];
            for (int t = 1; t <= 20; t++) {
                float scale = (float) Math.sin(t);
                backward(trainer, scale);
                trainer.step();
                double rate = 0.01 * new Schedule.WarmupCosine(3, 0.1).factor(t - 1, 20);
                double[] g = expectedGradient(scale);
                for (int i = 0; i < 4; i++) {
                    w[i] *= 1 - rate * (i < 3 ? 0.1 : 0);
                    m[i] = 0.9 * m[i] + 0.1 * g[i];
                    v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
                    double mHat = m[i] / (1 - Math.pow(0.9, t));
                    double vHat = v[i] / (1 - Math.pow(0.99, t));
                    w[i] -= rate * mHat / (Math.sqrt(vHat) + 1e-3);
                }
                assertThat(optimizer.step()).isEqualTo(t);
                assertThat(optimizer.learningRate()).isEqualTo(rate);
                double[] found = parameters(model);
                for (int i = 0; i < 4; i++) {
                    assertThat(found[i]).as("step %d, entry %d", t, i).isCloseTo(w[i], within(5e-6));
                }
            }
        }
    }

    @Test
    void update_largeGradientsOfBothSigns_areClippedByTheirNorm() {
        // With epsilon far above the gradient, the update is proportional to it.
        OptimizerSettings settings = new OptimizerSettings(1, 0, 0, 1e6, 0, false, List.of());
        for (float scale : new float[] {1, -1, 10, -10, 0.01f}) {
            try (Model model = TinyModel.linear();
                    AdamW optimizer = AdamW.of(model, settings, new Schedule.Constant(), 0.5, 0);
                    Trainer trainer = trainer(model, optimizer)) {
                TinyModel.parameter(model, WEIGHT).muli(0);
                TinyModel.parameter(model, BIAS).muli(0);
                backward(trainer, scale);
                trainer.step();
                double[] gradient = expectedGradient(scale);
                double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
                assertThat(optimizer.gradientNorm()).isCloseTo(norm, within(norm * 1e-6));
                double[] found = parameters(model);
                for (int i = 0; i < 4; i++) {
                    double clipped = gradient[i] * Math.min(1, 0.5 / norm);
                    assertThat(found[i]).isCloseTo(-clipped / (1e6 + Math.abs(clipped)), within(1e-12));
                }
            }
        }
    }

    @Test
    void update_groupsAndBiases_haveTheirOwnRatesAndDecay() {
        OptimizerSettings settings =
                OptimizerSettings.adamW(0.1, 0.5).withGroups(List.of(new ParameterGroup("Linear_w", 0.01)));
        try (Model model = TinyModel.linear();
                AdamW optimizer = AdamW.of(model, settings);
                Trainer trainer = trainer(model, optimizer)) {
            double[] before = parameters(model);
            backward(trainer, 1);
            trainer.step();
            double[] after = parameters(model);
            double[] g = expectedGradient(1);
            // The first Adam step has the size of the learning rate, whatever the gradient.
            for (int i = 0; i < 3; i++) {
                double expected = before[i] * (1 - 0.01 * 0.5) - 0.01 * Math.signum(g[i]);
                assertThat(after[i]).isCloseTo(expected, within(1e-6));
            }
            assertThat(after[3]).isCloseTo(before[3] - 0.1, within(1e-6));
        }
    }

    @Test
    void update_unknownGroup_isRefused() {
        OptimizerSettings settings =
                OptimizerSettings.adamW(0.1, 0).withGroups(List.of(new ParameterGroup("backbone", 0.01)));
        try (Model model = TinyModel.linear();
                AdamW optimizer = AdamW.of(model, settings);
                Trainer trainer = trainer(model, optimizer)) {
            backward(trainer, 1);
            assertThatThrownBy(trainer::step)
                    .isInstanceOf(InvalidPlanException.class)
                    .hasMessageContaining("'backbone' matches no trainable parameter");
        }
    }

    @Test
    void of_settingsOutOfRange_namesThemAll() {
        try (Model model = TinyModel.linear()) {
            assertThatThrownBy(() ->
                            AdamW.of(model, OptimizerSettings.adamW(0, -1), new Schedule.WarmupCosine(-1, 0), -1, 0))
                    .isInstanceOf(InvalidPlanException.class)
                    .hasMessageStartingWith("4 problems");
        }
    }

    @Test
    void easyTrain_fitWithDefaultListeners_learns() throws Exception {
        try (Model model = TinyModel.linear();
                AdamW optimizer = AdamW.of(model, OptimizerSettings.adamW(0.05, 0), new Schedule.Constant(), 10, 0)) {
            var config = new DefaultTrainingConfig(Loss.l2Loss())
                    .optOptimizer(optimizer)
                    .addTrainingListeners(TrainingListener.Defaults.basic());
            try (Trainer trainer = model.newTrainer(config)) {
                new EngineSeed(3).forInitialisation();
                trainer.initialize(new Shape(1, LinearData.FEATURES));
                EasyTrain.fit(trainer, 1, new LinearData(128, 16, 3), new LinearData(32, 8, 4));
                float first = trainer.getTrainingResult().getValidateLoss();
                EasyTrain.fit(trainer, 10, new LinearData(128, 16, 3), new LinearData(32, 8, 4));
                assertThat(trainer.getTrainingResult().getValidateLoss()).isLessThan(first / 2);
                assertThat(optimizer.step()).isEqualTo(11 * 8);
            }
        }
    }

    @Test
    void close_manyTrainers_leavesNoMomentsBehind() {
        try (Model model = TinyModel.linear()) {
            for (int i = 1; i <= 5; i++) {
                try (AdamW optimizer = AdamW.of(model, OptimizerSettings.adamW(0.1, 0));
                        Trainer trainer = trainer(model, optimizer)) {
                    backward(trainer, 1);
                    trainer.step();
                    assertThat(TinyModel.arrays(model.getNDManager())).isGreaterThanOrEqualTo(2 * i + 2 + 4);
                }
                // Two parameters, and for each trainer the two gradients that DJL's first step looks at and leaves
                // open.
                assertThat(TinyModel.arrays(model.getNDManager())).isEqualTo(2 * i + 2);
            }
        }
    }
}
