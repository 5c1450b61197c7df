package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void warmupCosine_climbsThenFallsToTheFinalFactor() {
        Schedule schedule = new Schedule.WarmupCosine(4, 0.1);
        assertThat(schedule.factor(0, 100)).isEqualTo(0.2);
        assertThat(schedule.factor(3, 100)).isEqualTo(0.8);
        assertThat(schedule.factor(4, 100)).isEqualTo(1.0);
        assertThat(schedule.factor(99, 100)).isCloseTo(0.1, within(1e-12));
        assertThat(schedule.factor(5000, 100)).isCloseTo(0.1, within(1e-12));
        // The middle of the fall, 47.5 steps after the warm-up, lies halfway.
        assertThat((schedule.factor(51, 100) + schedule.factor(52, 100)) / 2).isCloseTo(0.55, within(1e-3));
    }

    @Test
    void oneCycle_standard_passesTheKnownPoints() {
        // 100 steps: start 1/25, peak at step 29, end 1/250,000.
        Schedule schedule = Schedule.OneCycle.standard();
        assertThat(schedule.factor(0, 100)).isCloseTo(0.04, within(1e-12));
        assertThat(schedule.factor(29, 100)).isCloseTo(1.0, within(1e-12));
        assertThat(schedule.factor(99, 100)).isCloseTo(4e-6, within(1e-12));
        assertThat(schedule.factor(64, 100)).isCloseTo(0.5 + 2e-6, within(1e-9));
        for (long step = 1; step < 100; step++) {
            boolean climbs = schedule.factor(step, 100) > schedule.factor(step - 1, 100);
            assertThat(climbs).as("step %d", step).isEqualTo(step <= 29);
        }
    }

    @Test
    void oneCycle_oneStepRun_isFinite() {
        for (long total = 0; total < 4; total++) {
            assertThat(Schedule.OneCycle.standard().factor(0, total)).isBetween(0.0, 1.0);
            assertThat(new Schedule.WarmupCosine(2, 0).factor(0, total)).isBetween(0.0, 1.0);
        }
    }

    @Test
    void cosineRestarts_threeFalls_eachTwiceAsLong() {
        Schedule schedule = new Schedule.CosineRestarts(10, 2, 0);
        for (long start : new long[] {0, 10, 30, 70}) {
            assertThat(schedule.factor(start, 0)).as("step %d", start).isEqualTo(1);
        }
        for (long middle : new long[] {5, 20, 50}) {
            assertThat(schedule.factor(middle, 0)).as("step %d", middle).isCloseTo(0.5, within(1e-12));
        }
        assertThat(schedule.factor(69, 0)).isCloseTo(0, within(2e-3));
        Schedule even = new Schedule.CosineRestarts(10, 1, 0.1);
        assertThat(even.factor(4_000_000_005L, 0)).isCloseTo(0.55, within(1e-12));
        List<String> faults = new java.util.ArrayList<>();
        new Schedule.CosineRestarts(0, 0, -1).addFaults(faults);
        assertThat(faults).hasSize(3);
    }

    @Test
    void plan_manyFaults_areNamedAtOnce() {
        TrainingPlan.Builder builder = TrainingPlan.builder()
                .setEpochs(0)
                .optMaxSteps(-1)
                .optAccumulation(0)
                .optOptimizer(new OptimizerSettings(
                        -1, 1, 2, 0, Double.NaN, false, List.of(new ParameterGroup("", Double.NaN))))
                .optSchedule(new Schedule.Plateau(1, -1, 1, 2))
                .optClipNorm(Double.NaN)
                .optDivergenceLimit(0)
                .optEarlyStopping(new EarlyStopping(0, -1))
                .optMonitor(new Monitor("", false))
                .optCheckpointSteps(-1)
                .optDevice("tpu")
                .optFrozen(List.of(""));
        assertThatThrownBy(builder::build)
                .isInstanceOfSatisfying(
                        InvalidPlanException.class,
                        e -> assertThat(e.faults())
                                .hasSize(22)
                                .contains(
                                        "epochs must be ≥ 1, found 0",
                                        "device must be auto, cpu, gpu or gpu:N, found 'tpu'"))
                .hasMessageStartingWith("22 problems in the training plan: epochs must be");
    }

    @Test
    void plan_epochsInFingerprint_onlyWhereTheScheduleNeedsThem() {
        TrainingPlan.Builder builder = TrainingPlan.builder();
        assertThat(builder.setEpochs(3).build().fingerprint())
                .isEqualTo(builder.setEpochs(4).build().fingerprint());
        builder.optSchedule(new Schedule.WarmupCosine(1, 0));
        assertThat(builder.setEpochs(3).build().fingerprint())
                .isNotEqualTo(builder.setEpochs(4).build().fingerprint());
    }

    @Test
    void group_prefix_matchesWithAndWithoutChildNumbers() {
        ParameterGroup group = new ParameterGroup("encoder", 1e-4);
        assertThat(group.matches("01encoder_02Linear_weight")).isTrue();
        assertThat(new ParameterGroup("01encoder", 1).matches("01encoder_02Linear_weight"))
                .isTrue();
        assertThat(new ParameterGroup("encoder_Linear", 1).matches("01encoder_02Linear_weight"))
                .isTrue();
        assertThat(group.matches("02head_01encoder_weight")).isFalse();
    }
}
