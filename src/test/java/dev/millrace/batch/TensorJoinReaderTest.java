package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.tensor.TensorBlob;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of {@link RowReader}, for the reader of all graph domains. */
class TensorJoinReaderTest {
    private static final int COUNT = 200;

    @TempDir
    Path folder;

    private Path file = Path.of("");
    private ReadPool pool;

    @BeforeEach
    void open() {
        file = GraphFile.write(folder.resolve("graphs.db"), COUNT);
        pool = new ReadPool(file, Access.READ, 2);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Access.class,
            names = {"READ", "READ_MAPPED"})
    void read_idsInAnyOrderWithDuplicates_keepsTheOrderAndTheRows(Access access) {
        try (ReadPool own = new ReadPool(file, access, 1);
                TensorJoinReader<TensorRow> reader = reader(own)) {
            for (int size : new int[] {1, 2, 7, 128, 1000}) {
                long[] ids = new Random(size)
                        .ints(size, 0, COUNT)
                        .mapToLong(GraphFile::id)
                        .toArray();
                List<TensorRow> rows = reader.read(ids);

                assertThat(rows.stream().mapToLong(TensorRow::id)).containsExactly(box(ids));
                for (TensorRow row : rows) {
                    assertThat(row.tensor(3).toFloats())
                            .isEqualTo(GraphFile.target(row.id()).toFloats());
                    assertThat(row.tensor(0).toBytes())
                            .isEqualTo(GraphFile.graph(row.id()).nodeFeatures().toBytes());
                    assertThat(row.tensor(1).toLongs())
                            .isEqualTo(GraphFile.graph(row.id()).edgeIndex().toLongs());
                    boolean weightless = (row.id() / 10 - 1) % 3 == 0;
                    assertThat(row.tensors()[4] == null).isEqualTo(weightless);
                }
            }
        }
    }

    @Test
    void read_noIds_givesNoRows() {
        try (TensorJoinReader<TensorRow> reader = reader(pool)) {
            assertThat(reader.read(new long[0])).isEmpty();
        }
    }

    @Test
    void read_idThatIsNotThere_namesTableAndKey() {
        try (TensorJoinReader<TensorRow> reader = reader(pool)) {
            for (long missing : new long[] {11, 0, -10, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertThatThrownBy(() -> reader.read(new long[] {10, missing, 30}))
                        .isInstanceOf(CorruptDatabaseException.class)
                        .hasMessageContaining("expected a row, found none, id=" + missing)
                        .hasMessageContaining(file + ", graphs)")
                        .hasMessageContaining("millrace verify");
            }
            assertThat(reader.read(new long[] {10})).hasSize(1);
        }
    }

    @Test
    void read_rowMissingInTheSecondTable_namesThatTable() {
        change("DELETE FROM targets WHERE graph_id = 40");

        assertRefused("expected a row, found none, graph_id=40", "targets");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE graphs SET node_features = x'a101000100' WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET node_features = x'00' WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET node_features = x'' WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET edge_index = 7 WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET row_crc = row_crc + 1 WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET row_crc = -1 WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET row_crc = '' WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET row_crc = '1 2' WHERE id = 40|expected row_crc|graphs",
                "UPDATE graphs SET row_crc = x'00' WHERE id = 40|expected row_crc|graphs",
                "UPDATE targets SET weight = NULL WHERE graph_id = 50|expected row_crc|targets",
                "UPDATE targets SET weight = x'00' WHERE graph_id = 50|expected row_crc|targets",
            })
    void read_damagedRow_namesTableAndKey(String damage, String expected, String table) {
        change(damage);

        assertRefused(expected, table);
    }

    @Test
    void read_rowsSwappedWithTheirChecksums_isRefused() {
        change("UPDATE targets SET (target, weight, row_crc) = (SELECT target, weight, row_crc FROM targets AS other"
                + " WHERE other.graph_id = 90 - targets.graph_id) WHERE graph_id IN (40, 50)");

        assertRefused("expected row_crc", "targets");
    }

    @Test
    void batchSql_queryPlan_scansNothingButTheIds() {
        List<String> plan = new ArrayList<>();
        try (Database database = Database.open(file, Access.READ)) {
            database.read("Cannot explain", open -> {
                try (PreparedStatement explain =
                        open.prepareStatement("EXPLAIN QUERY PLAN " + TensorJoinReader.batchSql(GraphFile.TABLES))) {
                    explain.setString(1, "[10]");
                    try (ResultSet rows = explain.executeQuery()) {
                        while (rows.next()) {
                            plan.add(rows.getString("detail"));
                        }
                    }
                }
                return plan;
            });
        }

        assertThat(plan).hasSize(3);
        assertThat(plan.get(0)).startsWith("SCAN ids VIRTUAL TABLE");
        assertThat(plan.subList(1, 3))
                .allMatch(step -> step.matches("SEARCH t\\d USING INTEGER PRIMARY KEY \\(rowid=\\?\\)"));
    }

    @Test
    void tensor_columnThatIsNull_namesColumnAndRow() {
        try (TensorJoinReader<TensorBlob> reader =
                new TensorJoinReader<>(pool.lease(), GraphFile.TABLES, row -> row.tensor(4))) {
            assertThatThrownBy(() -> reader.read(new long[] {10}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Expected a tensor in column 4 of row 10, found NULL.");
        }
    }

    private void assertRefused(String expected, String table) {
        pool.close();
        pool = new ReadPool(file, Access.READ, 2);
        try (TensorJoinReader<TensorRow> reader = reader(pool)) {
            assertThatThrownBy(() -> reader.read(new long[] {10, 20, 30, 40, 50, 60}))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining(expected)
                    .hasMessageContaining(file + ", " + table + ")")
                    .hasMessageMatching("(?s).*(graph_)?id=(40|50).*");
            assertThat(reader.read(new long[] {10, 20})).hasSize(2);
        }
    }

    private void change(String sql) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(sql, "PRAGMA journal_mode=DELETE");
        }
    }

    private static TensorJoinReader<TensorRow> reader(ReadPool pool) {
        return new TensorJoinReader<>(pool.lease(), GraphFile.TABLES, row -> row);
    }

    private static Long[] box(long[] ids) {
        return Arrays.stream(ids).boxed().toArray(Long[]::new);
    }
}
