package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.SchemaMismatchException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is not what was asked for is refused, each way with its own kind and both values. */
class SchemaTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("sample.db");
        SampleFile.write(file, 20);
    }

    @Test
    void check_fileAsWritten_isAccepted() {
        try (Database database = Database.open(file, Access.READ)) {
            SampleFile.SCHEMA.check(database);
            assertThat(Schema.kindOf(database)).isEqualTo("sample");
        }
    }

    @Test
    void check_otherProgramsFile_isForeignNamingBothIds() {
        change("PRAGMA application_id=252006673");
        assertMismatch(Kind.FOREIGN, "0x4d696c6c", "0xf055111");
    }

    @Test
    void check_noInfoTable_isForeign() {
        change("DROP TABLE dataset_info");
        assertMismatch(Kind.FOREIGN, "dataset_info", "no such table");
    }

    @Test
    void check_infoWithoutKind_isForeign() {
        change("DELETE FROM dataset_info WHERE key = 'kind'");
        assertMismatch(Kind.FOREIGN, "without a kind", file.toString());
    }

    @Test
    void check_otherKind_namesBoth() {
        Schema other = new Schema("spectra", 3, SampleFile.SCHEMA.tables(), List.of());
        assertMismatch(other, Kind.OTHER_KIND, "expected 'spectra'", "found 'sample'");
    }

    @Test
    void check_olderVersion_saysToBuildAgain() {
        change("PRAGMA user_version=2");
        assertMismatch(Kind.TOO_OLD, "expected version 3", "found 2", "Build it again");
    }

    @Test
    void check_newerVersion_saysToUseANewerMillrace() {
        change("PRAGMA user_version=4");
        assertMismatch(Kind.TOO_NEW, "expected version 3", "found 4", "Use a newer Millrace");
    }

    @Test
    void check_viewInsteadOfTable_isRefused() {
        change(
                "ALTER TABLE notes RENAME TO hidden",
                "CREATE VIEW notes AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
                        + " SELECT id, 'x' AS note FROM n");
        assertMismatch(Kind.OTHER_TABLES, "'notes'", "expected <CREATE TABLE notes", "found <no table>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE notes ADD COLUMN extra TEXT",
                "ALTER TABLE items DROP COLUMN score",
                "ALTER TABLE items RENAME COLUMN score TO points",
                "DROP TABLE manifest"
            })
    void check_otherColumns_namesBothStatements(String change) {
        change(change);
        assertMismatch(Kind.OTHER_TABLES, "expected <CREATE TABLE ", "found <", "Build the file again");
    }

    @Test
    void check_infoChangedByOthers_isDamage() {
        change("UPDATE dataset_info SET value = value || '0'  WHERE key = 'manifest_crc'");
        try (Database database = Database.open(file, Access.READ)) {
            assertThatThrownBy(() -> SampleFile.SCHEMA.check(database))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("Damaged dataset_info: expected info_crc")
                    .hasMessageContaining("found");
        }
    }

    @Test
    void putInfo_againAndAgain_keepsTheLastValueAndTheFileSound() {
        Path live = folder.resolve("live.db");
        try (Database database = Database.open(live, Access.LIVE)) {
            Schema schema = new Schema("live", 1, List.of(), List.of());
            schema.create(database);
            Schema.putInfo(database, Map.of("seed", "1", "source", "a'b\"c\u0000ü"));
            Schema.putInfo(database, Map.of("seed", "2"));
            schema.check(database);
            assertThat(Schema.info(database)).containsEntry("seed", "2").containsEntry("kind", "live");
        }
    }

    private void change(String... statements) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(statements);
            database.execute("PRAGMA journal_mode=DELETE");
        }
    }

    private void assertMismatch(Kind kind, String... parts) {
        assertMismatch(SampleFile.SCHEMA, kind, parts);
    }

    private void assertMismatch(Schema schema, Kind kind, String... parts) {
        try (Database database = Database.open(file, Access.READ)) {
            assertThatThrownBy(() -> schema.check(database))
                    .isInstanceOfSatisfying(SchemaMismatchException.class, e -> {
                        assertThat(e.kind()).isEqualTo(kind);
                        assertThat(e.file()).isEqualTo(file);
                        assertThat(e.getMessage()).contains(parts);
                    });
        }
    }
}
