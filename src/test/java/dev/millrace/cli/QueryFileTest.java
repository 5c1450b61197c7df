package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QueryDefinition;
import dev.millrace.batch.QuerySlot;
import dev.millrace.kv.CachingTransform;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
    void open_shippedExampleWithACache_computesFingerprintsOnceForAllRuns() throws Exception {
        Path file = folder.resolve("molecules.db");
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(
                    "CREATE TABLE molecule (id INTEGER PRIMARY KEY, smiles TEXT, gap REAL)",
                    "INSERT INTO molecule (id, smiles, gap) VALUES (1, 'CCO', 1), (2, 'c1ccccc1', 2), (3, 'OCC', 3)");
        }
        String text = Files.readString(Path.of("configs/query-molecules.yaml"))
                .replace("molecules.db", "'" + file + "'")
                .replace("features.db", "'" + folder.resolve("features.db") + "'");
        for (long computed : new long[] {3, 0}) {
            try (QueryFile query = QueryFile.open(Files.writeString(folder.resolve("query.yaml"), text));
                    NDManager manager = NDManager.newBaseManager();
                    QueryDataset dataset = QueryDataset.builder()
                            .setDefinition(query.definition())
                            .setSampling(3, false)
                            .build()) {
                Batch batch = dataset.getData(manager).iterator().next();
                byte[] bits = batch.getData().get(0).toByteArray();
                assertThat(bits).hasSize(3 * 1024).containsOnly(0, 1);
                assertThat(Arrays.copyOf(bits, 1024))
                        .isEqualTo(Arrays.copyOfRange(bits, 2048, 3072))
                        .isNotEqualTo(Arrays.copyOfRange(bits, 1024, 2048));
                batch.close();
                CachingTransform transform =
                        (CachingTransform) query.definition().data().get(0).transform();
                assertThat(transform.counts().computed()).isEqualTo(computed);
            }
        }
        assertThatThrownBy(() -> read(text)).hasMessageContainingAll("Expected no cache", "features.db", "Use open");
    }

    @Test
    void read_transformWithoutACache_isComputed() throws Exception {
        QuerySlot slot = read("""
                        database: a.db
                        ids: SELECT id FROM t
                        rows: SELECT position, s FROM batch_ids JOIN t USING (id)
                        data:
                          - {name: x, columns: s, transform: ecfp4, type: float32}
                        """).data().get(0);
        assertThat(slot.encoding()).isEqualTo(QuerySlot.Encoding.COMPUTED);
        assertThat(slot.shape()).isEqualTo(List.of(1024));
        assertThat(slot.toString()).contains("transform=ecfp4-1024-1 cdk-2.");
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

    @Test
    void read_configurationOfTrain_isToldFromAQueryFile() {
        assertThatThrownBy(() -> read("table: {task: regression, database: a.db}"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("found a configuration of train")
                .hasMessageContaining("table.definition");
    }

    private QueryDefinition read(String text) throws IOException {
        return QueryFile.read(Files.writeString(folder.resolve("query.yaml"), text));
    }
}
