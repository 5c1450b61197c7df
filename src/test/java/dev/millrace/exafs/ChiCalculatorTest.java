package dev.millrace.exafs;

import static dev.millrace.exafs.ExafsReference.column;
import static dev.millrace.exafs.ExafsReference.difference;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.exafs.ChiParameters.Interpolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ChiCalculatorTest {
    private static final double TOLERANCE = 1e-10;

    @Test
    void calculate_referencePaths_areThoseOfLarch() throws IOException {
        ExafsReference.assumeHere();
        compare("chi_", Interpolation.CUBIC);
        compare("chi_linear_", Interpolation.LINEAR);
    }

    private static void compare(String prefix, Interpolation interpolation) throws IOException {
        JsonNode sets = ExafsReference.meta().get("parameter_sets");
        int compared = 0;
        double worst = 0;
        for (Map.Entry<String, Path> entry : ExafsReference.paths().entrySet()) {
            String name = prefix + entry.getKey() + ".csv";
            if (!Files.exists(ExafsReference.DATA.resolve("reference").resolve(name))) {
                continue;
            }
            FeffPath path = FeffFile.read(entry.getValue());
            Map<String, double[]> table = ExafsReference.csv(name);
            KGrid grid = KGrid.of(column(table, "k"));
            for (Map.Entry<String, JsonNode> set : sets.properties()) {
                double[] chi = table.get(set.getKey() + "_chi");
                if (chi == null) {
                    continue;
                }
                PathChi found = new ChiCalculator(
                                ExafsReference.parameters(set.getValue(), interpolation), grid)
                        .calculate(path);
                double most = Math.max(
                        difference(found.chi(), chi),
                        difference(found.imaginary(), column(table, set.getKey() + "_chi_imag")));
                worst = Math.max(worst, most);
                assertThat(most).as("%s %s", name, set.getKey()).isLessThan(TOLERANCE);
                compared++;
            }
        }
        System.out.println(prefix + " " + compared + " worst " + worst);
        assertThat(compared).isPositive();
    }
}
