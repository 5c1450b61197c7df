package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BulkWriterTest {
    private static final String INSERT = "INSERT INTO t (v, w) VALUES (?, ?)";

    @TempDir
    Path folder;

    private Database database;
    private Database reader;

    @BeforeEach
    void open() {
        database = Database.open(folder.resolve("bulk.db"), Access.LIVE);
        database.execute("CREATE TABLE t (v INTEGER PRIMARY KEY, w)");
        reader = Database.open(folder.resolve("bulk.db"), Access.READ);
    }

    @AfterEach
    void close() {
        reader.close();
        database.close();
    }

    @Test
    void insert_moreRowsThanATransaction_commitsEachFullOneAndTheRestOnClose() {
        try (BulkWriter writer = new BulkWriter(database, 10)) {
            for (int v = 0; v < 25; v++) {
                writer.insert(INSERT, v, "x");
                assertThat(rows()).isEqualTo((v + 1) / 10 * 10L);
            }
            writer.flush();
            assertThat(rows()).isEqualTo(25);
            writer.insert(INSERT, 25, "x");
        }
        assertThat(rows()).isEqualTo(26);
    }

    @Test
    void insert_everyKindOfValue_comesBackAsItWas() {
        Object[] values = {new byte[] {1, 2}, "text ü", 7, 1L << 60, 0.1, Double.NEGATIVE_INFINITY};
        try (BulkWriter writer = new BulkWriter(database, 10)) {
            for (int v = 0; v < values.length; v++) {
                writer.insert(INSERT, v, values[v]);
            }
            writer.insert(INSERT, 99, null);
        }
        for (int v = 0; v < values.length; v++) {
            int key = v;
            Object found = reader.read("read", open -> {
                try (var select = open.prepareStatement("SELECT w FROM t WHERE v = " + key);
                        var row = select.executeQuery()) {
                    row.next();
                    return row.getObject(1);
                }
            });
            assertThat(found).isEqualTo(values[v]);
        }
        assertThat(reader.queryText("SELECT w FROM t WHERE v = 99")).isNull();
    }

    @Test
    void insert_rowThatIsRefused_givesUpTheOpenTransactionOnlyAndGoesOn() {
        try (BulkWriter writer = new BulkWriter(database, 10)) {
            for (int v = 0; v < 15; v++) {
                writer.insert(INSERT, v, "x");
            }
            assertThatThrownBy(() -> writer.insert(INSERT, 3, "again"))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("UNIQUE");
            assertThat(rows()).isEqualTo(10);
            writer.insert(INSERT, 12, "x");
        }
        assertThat(rows()).isEqualTo(11);
    }

    private long rows() {
        return reader.queryLong("SELECT count(*) FROM t");
    }
}
