package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTrainCommandTest {
    @ParameterizedTest
    @ValueSource(strings = {"gine", "gin", "gcn"})
    void synthetic_fewSteps_reportsThePhasesOfAStep(String model) {
        Shell shell = Shell.millrace((Object[])
                ("bench train --synthetic 200 --model " + model + " --hidden 8 --batch-size 32 --warm-up 2 --steps 7"
                                + " --windows 3 --normalization batch --dropout 0.1 --residual --json")
                        .split(" ", -1));

        assertThat(shell.code()).as(shell.error()).isZero();
        JsonNode figures = JsonMapper.shared().readTree(shell.out());
        assertThat(figures.get("windows").asInt()).isEqualTo(3);
        assertThat(figures.get("steps").asInt()).isEqualTo(7);
        assertThat(figures.get("graphs_per_second").asLong())
                .isGreaterThanOrEqualTo(figures.get("median_graphs_per_second").asLong())
                .isPositive();
        double phases = 0;
        for (String phase : new String[] {"wait_ms", "forward_ms", "backward_ms", "optimizer_ms"}) {
            assertThat(figures.get(phase).asDouble()).as(phase).isNotNegative();
            phases += figures.get(phase).asDouble();
        }
        assertThat(phases)
                .isPositive()
                .isLessThanOrEqualTo(figures.get("step_ms").asDouble() + 0.01);
        assertThat(figures.get("encoder").asString()).containsIgnoringCase("convType=" + model);
    }

    @Test
    void windows_moreThanSteps_isRefused() {
        Shell shell = Shell.millrace("bench", "train", "--synthetic", 200, "--steps", 3, "--windows", 4);

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("--windows").contains("1..3");
    }
}
