package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CategoryCodesTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeTable() {
        file = folder.resolve("own.db");
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(
                    "CREATE TABLE t (id INTEGER PRIMARY KEY, kind, number)",
                    "INSERT INTO t (id, kind, number) VALUES (1, 'red', 10), (2, '', 9), (3, NULL, -1), (4, 'grün', '9'),"
                            + " (5, 'red', 9.0)");
        }
    }

    private QueryDataset open(QuerySlot slot) {
        return QueryDataset.builder()
                .setDatabase(file)
                .setIds("SELECT id FROM t ORDER BY id")
                .setRows("SELECT position, kind, number, x'00' AS bytes, 0.5 AS half FROM batch_ids JOIN t USING (id)")
                .addData(slot)
                .setSampling(8, false)
                .build();
    }

    private long[] codes(QuerySlot slot) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = open(slot);
                Batch batch = dataset.getData(manager).iterator().next()) {
            return batch.getData().head().toLongArray();
        }
    }

    @Test
    void values_ofTextsAndNumbers_areSortedAndOneForEveryWayOfWriting() throws Exception {
        CategoryValues values = new CategoryValues(2);
        assertThat(codes(values.slot("x", List.of("kind", "number")))).containsOnly(0);
        assertThat(values.sorted()).containsExactly(List.of("", "grün", "red"), List.of("-1", "9", "10"));
    }

    @Test
    void input_nullAndUnknown_areZeroAndOthersCountFromOne() throws Exception {
        assertThat(codes(CategoryCodes.input(
                        "x", List.of("kind", "number"), List.of(List.of("red", ""), List.of("9", "-1")))))
                .containsExactly(1, 0, 2, 1, 0, 2, 0, 1, 1, 1);
    }

    @Test
    void label_anythingNotListed_namesTheRow() throws Exception {
        assertThat(codes(CategoryCodes.label("x", "number", List.of("-1", "9", "10"))))
                .containsExactly(2, 1, 0, 1, 1);
        assertThatThrownBy(() -> codes(CategoryCodes.label("x", "number", List.of("10", "9"))))
                .isInstanceOf(QueryDefinitionException.class)
                .hasMessageContainingAll("one of the classes [10, 9], found '-1'", "slot 'x'", "column number", "id 3");
        assertThatThrownBy(() -> codes(CategoryCodes.label("x", "kind", List.of("red", ""))))
                .hasMessageContainingAll("found NULL", "id 3");
    }

    @Test
    void categories_ofBlobsAndFractions_areRefused() {
        assertThatThrownBy(() -> codes(CategoryCodes.input("x", List.of("bytes"), List.of(List.of()))))
                .hasMessageContaining("expected a category, TEXT or INTEGER, found a BLOB of 1 bytes");
        assertThatThrownBy(() -> codes(CategoryCodes.input("x", List.of("half"), List.of(List.of()))))
                .hasMessageContaining("found 0.5; CAST(column AS TEXT) in rows");
        assertThatThrownBy(() -> CategoryCodes.input("x", List.of("kind"), List.of(List.of("a", "a"))))
                .hasMessageContaining("without repetition, found [a, a]");
        assertThatThrownBy(() -> CategoryCodes.input("x", List.of("kind", "number"), List.of(List.of())))
                .hasMessageContaining("categories for each of [kind, number], found 1");
    }

    @Test
    void values_moreThanCategoriesAre_areRefused() {
        try (Database database = Database.open(file, Access.AMEND)) {
            database.execute("WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 10110)"
                    + " INSERT INTO t (id, kind, number) SELECT i, 'k' || i, i FROM n");
        }
        CategoryValues values = new CategoryValues(1);
        assertThatThrownBy(() -> {
                    try (NDManager manager = NDManager.newBaseManager();
                            QueryDataset dataset = open(values.slot("x", List.of("kind")))) {
                        dataset.getData(manager).forEach(Batch::close);
                    }
                })
                .hasMessageContaining("at most 10000 different categories");
    }

    @Test
    void fingerprint_dependsOnListsAndTheirOrder() {
        List<String> prints = List.of(
                print(List.of("a", "b")),
                print(List.of("b", "a")),
                print(List.of("ab")),
                print(List.of("a", "b", "c")));
        assertThat(prints).doesNotHaveDuplicates();
        assertThat(print(List.of("a", "b"))).isEqualTo(prints.get(0));
    }

    private static String print(List<String> categories) {
        QuerySlot slot = CategoryCodes.input("x", List.of("kind"), List.of(categories));
        return Objects.requireNonNull(slot.transform()).fingerprint();
    }
}
