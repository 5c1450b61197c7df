package dev.millrace.model;

import static dev.millrace.model.Arrays64.floats;
import static dev.millrace.model.Arrays64.longs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodeColumnsTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static List<List<Integer>> tableSizes() {
        return List.of(
                List.of(1),
                List.of(400),
                List.of(2, 3),
                List.of(5, 6, 2),
                List.of(119, 5, 12, 12, 10, 6, 6, 2, 2),
                List.of(22, 6, 2),
                List.of(400, 2, 400));
    }

    @ParameterizedTest
    @MethodSource("tableSizes")
    void embed_randomCodes_sumsOneRowForEachColumn(List<Integer> sizes) {
        Random random = new Random(3);
        CodeColumns columns = CodeColumns.of(new FeatureInput.Codes(sizes));
        int tableRows = sizes.stream().mapToInt(Integer::intValue).sum();
        NDArray table = Arrays64.random(manager, random, DataType.FLOAT64, tableRows, 3);
        int count = 50;
        long[] codes = new long[count * sizes.size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = random.nextInt(sizes.get(i % sizes.size()));
        }

        NDArray rows = columns.rowsOf(longs(manager, new Shape(count, sizes.size()), codes));
        double[] found = columns.embed(rows, table).toDoubleArray();

        double[] values = table.toDoubleArray();
        double[] expected = new double[count * 3];
        for (int i = 0; i < codes.length; i++) {
            int column = i % sizes.size();
            int first = sizes.subList(0, column).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            for (int w = 0; w < 3; w++) {
                expected[i / sizes.size() * 3 + w] += values[(first + (int) codes[i]) * 3 + w];
            }
        }
        assertThat(found).containsExactly(expected, within(1e-12));
    }

    @Test
    void rowsOf_ogbFeatures_takesThreeBondColumnsAsOneAndNineAtomColumnsAsFour() {
        CodeColumns bonds = CodeColumns.of((FeatureInput.Codes) FeatureInput.bondsOf("ogb-9-3"));
        CodeColumns atoms = CodeColumns.of((FeatureInput.Codes) FeatureInput.nodesOf("ogb-9-3"));

        assertThat(bonds.rowsOf(longs(manager, new Shape(1, 3), 4, 5, 1)).toLongArray())
                .containsExactly(59);
        assertThat(atoms.rowsOf(longs(manager, new Shape(1, 9), 118, 4, 11, 11, 9, 5, 5, 1, 1))
                        .toLongArray())
                .containsExactly(118, 119 + 59, 179 + 119, 299 + 143);
    }

    @Test
    void embed_codeOfTheNextColumnOrBelowZero_isRefused() {
        CodeColumns columns = CodeColumns.of(new FeatureInput.Codes(List.of(2, 3)));
        NDArray table = floats(manager, new Shape(5, 1), 1, 2, 10, 20, 30);

        assertThat(columns.embed(columns.rowsOf(longs(manager, new Shape(1, 2), 1, 2)), table)
                        .toFloatArray())
                .containsExactly(32);
        for (long[] wrong : new long[][] {{2, 0}, {0, 3}, {0, -1}, {-1, 2}, {Long.MAX_VALUE, 0}, {0, Long.MIN_VALUE}}) {
            NDArray rows = columns.rowsOf(longs(manager, new Shape(1, 2), wrong));
            assertThatThrownBy(() -> columns.embed(rows, table))
                    .as("codes %d, %d", wrong[0], wrong[1])
                    .isInstanceOf(EngineException.class);
        }
    }

    @Test
    void embed_noRows_givesNone() {
        CodeColumns columns = CodeColumns.of(new FeatureInput.Codes(List.of(119, 5, 12, 12)));
        NDArray table = manager.zeros(new Shape(148, 2));

        NDArray vectors = columns.embed(columns.rowsOf(longs(manager, new Shape(0, 4))), table);

        assertThat(vectors.getShape()).isEqualTo(new Shape(0, 2));
    }
}
