package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QueryDefinition;
import dev.millrace.batch.QuerySlot;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryFileTest {
    @TempDir
    Path folder;

    @Test
    void read_shippedExample_feedsBatches() throws Exception {
        Path file = folder.resolve("house.db");
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(
                    "CREATE TABLE house (id INTEGER PRIMARY KEY, split TEXT, rooms INTEGER, area REAL, plan TEXT,"
                            + " price REAL)",
                    "INSERT INTO house (id, split, rooms, area, plan, price) VALUES"
                            + " (3, 'train', 2, 50.5, '[[1, 2], [3, 4]]', 9.5),"
                            + " (5, 'val', 9, 9, NULL, 9), (8, 'train', 4, 90, NULL, 12)");
        }
        QueryDefinition definition =
                read(Files.readString(Path.of("configs/query.yaml")).replace("housing.db", "'" + file + "'"));

        assertThat(definition.data().get(0).shape()).isEqualTo(List.of(2));
        assertThat(definition.data().get(1).encoding()).isEqualTo(QuerySlot.Encoding.JSON);
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = QueryDataset.builder()
                        .setDefinition(definition)
                        .setSampling(2, false)
                        .build()) {
            Batch batch = dataset.getData(manager).iterator().next();
            assertThat(batch.getData().get(0).toFloatArray()).containsExactly(2f, 50.5f, 4f, 90f);
            assertThat(batch.getData().get(1).toLongArray()).containsExactly(1, 2, 3, 4, 0, 0, 0, 0);
            assertThat(batch.getLabels().get(0).toFloatArray()).containsExactly(9.5f, 12f);
            batch.close();
        }
    }

    @Test
    void read_manyFaults_namesAllWithLines() {
        assertThatThrownBy(() -> read("""
                        database: a.db
                        ids: SELECT id FROM t
                        data:
                          - {name: x, columns: [a], type: float31}
                          - {columns: [b], type: int64, shape: [two]}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("4 problems")
                .hasMessageContaining("rows is missing")
                .hasMessageContaining("line 4: data[0].type must be one of uint8")
                .hasMessageContaining("data[1].name is missing")
                .hasMessageContaining("line 5: data[1].shape[0] must be a whole number, found 'two'");
    }

    private QueryDefinition read(String text) throws IOException {
        return QueryFile.read(Files.writeString(folder.resolve("query.yaml"), text));
    }
}
