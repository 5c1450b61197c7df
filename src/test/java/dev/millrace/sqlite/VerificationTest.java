package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sound file verifies; every way in which rows can be other than written is found. */
class VerificationTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("sample.db");
        SampleFile.write(file, 50);
    }

    @Test
    void verify_soundFile_countsEveryRow() {
        Verification found = Verification.verify(file);

        assertThat(found.faults()).isEmpty();
        assertThat(found.isSound()).isTrue();
        assertThat(found.kind()).isEqualTo("sample");
        assertThat(found.rows())
                .containsEntry("items", 50L)
                .containsEntry("notes", 50L)
                .hasSize(2);
    }

    @Test
    void verify_sameRowsBuiltTwice_haveEqualDigests() {
        Path again = folder.resolve("again.db");
        SampleFile.write(again, 50);

        for (String split : new String[] {"train", "val", "test", "all"}) {
            assertThat(digest(again, split)).isEqualTo(digest(file, split));
        }
        assertThat(digest(file, "train")).isNotEqualTo(digest(file, "test"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM items WHERE id = 7",
                "DELETE FROM items WHERE id = 50",
                "DELETE FROM items",
                "UPDATE items SET payload = x'00' WHERE id = 9",
                "UPDATE items SET label = 'item 9 ' WHERE id = 9",
                "UPDATE items SET label = '' WHERE id = 7",
                "UPDATE items SET label = CAST(label AS BLOB) WHERE id = 9",
                "UPDATE items SET score = -score WHERE id = 9",
                "UPDATE items SET score = NULL WHERE id = 9",
                "UPDATE items SET row_crc = row_crc + 1 WHERE id = 9",
                "UPDATE items SET id = 51 WHERE id = 9",
                "UPDATE items SET id = -id WHERE id IN (3, 4)",
                // Two rows swapped with their checksums: each sound in itself, at the wrong key.
                "UPDATE items SET (payload, label, score, row_crc) = (SELECT payload, label, score, row_crc FROM items"
                        + " AS other WHERE other.id = 7 - items.id) WHERE id IN (3, 4)",
                "INSERT INTO items (id, payload, label, score, row_crc)"
                        + " SELECT 51, payload, label, score, row_crc FROM items WHERE id = 1",
                "UPDATE notes SET note = 'other' WHERE id = 50",
                "UPDATE notes SET note = NULL WHERE id = 50",
                "UPDATE notes SET note = CAST(note AS BLOB) WHERE id = 50",
                "DELETE FROM notes WHERE id = 50",
                "INSERT INTO notes (id, note) VALUES (51, 'extra')",
                "DROP TABLE notes",
                "ALTER TABLE notes RENAME TO other",
                "DELETE FROM manifest WHERE table_name = 'notes'",
                "DELETE FROM manifest WHERE split = 'train'",
                "DELETE FROM manifest",
                "UPDATE manifest SET row_count = row_count + 1 WHERE split = 'val'",
                "UPDATE manifest SET digest = digest + 1 WHERE split = 'val'",
                "UPDATE manifest SET columns = 'payload,score,label' WHERE table_name = 'items'",
                "UPDATE manifest SET columns = 'payload; DROP TABLE x' WHERE table_name = 'items'",
                "UPDATE manifest SET key_column = 'rowid' WHERE table_name = 'items'",
                "UPDATE manifest SET table_name = 'it ems' WHERE table_name = 'items'",
                "INSERT INTO manifest (table_name, split, key_column, columns, row_count, digest)"
                        + " VALUES ('ghosts', '', 'id', 'note', 0, 0)",
                "DELETE FROM split_ids WHERE split = 'test'",
                "UPDATE split_ids SET split = 'holdout' WHERE split = 'test'",
                "UPDATE split_ids SET ids = x'01' WHERE split = 'test'",
                "UPDATE split_ids SET ids = CAST(x'01' AS TEXT) WHERE split = 'test'",
                "UPDATE split_ids SET id_count = 4 WHERE split = 'test'",
                "UPDATE split_ids SET crc = 0 WHERE split = 'test'",
                "UPDATE dataset_info SET value = '1' WHERE key = 'manifest_crc'",
                "DELETE FROM dataset_info WHERE key = 'manifest_crc'",
                "DELETE FROM dataset_info WHERE key = 'info_crc'",
                "INSERT INTO dataset_info (key, value) VALUES ('seed', '1')"
            })
    void verify_rowsOtherThanWritten_findsIt(String damage) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute(damage);
        }

        Verification found = Verification.verify(file);

        assertThat(found.isSound()).as(damage).isFalse();
        assertThat(found.faults()).hasSizeLessThanOrEqualTo(Verification.MOST_FAULTS);
    }

    @Test
    void verify_splitChangedWithItsOwnChecksum_isFoundByTheManifest() {
        byte[] packed = IdList.pack(LongStream.rangeClosed(1, 39).toArray());
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(packed);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.write("forge", open -> {
                try (var update = open.prepareStatement(
                        "UPDATE split_ids SET ids = ?, id_count = 39, crc = ? WHERE split = 'train'")) {
                    update.setBytes(1, packed);
                    update.setLong(2, crc.getValue());
                    update.executeUpdate();
                }
            });
        }

        assertThat(Verification.verify(file).faults())
                .anyMatch(fault -> fault.contains("Damaged manifest: expected manifest_crc"))
                .anyMatch(fault -> fault.startsWith("Table items, split train: expected 40 rows")
                        && fault.contains("found 39 rows"));
    }

    @Test
    void verify_changedRow_namesTableAndKey() {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE items SET payload = x'00' WHERE id = 9");
        }

        assertThat(Verification.verify(file).faults())
                .anyMatch(fault -> fault.startsWith("Damaged row: expected row_crc") && fault.contains("items, id=9"));
    }

    @Test
    void verify_foreignFile_isASchemaMismatch() {
        Path foreign = folder.resolve("foreign.db");
        try (Database database = Database.open(foreign, Access.LIVE)) {
            database.execute("CREATE TABLE t (v INTEGER)");
        }

        assertThatThrownBy(() -> Verification.verify(foreign)).isInstanceOf(SchemaMismatchException.class);
        assertThatThrownBy(() -> Verification.verify(folder.resolve("none.db"))).isInstanceOf(DatabaseException.class);
    }

    @Test
    void verify_pageOverwritten_reportsTheStructureAndGoesOn() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, 2 * 4096, 3 * 4096, (byte) 0x41);
        Files.write(file, bytes);

        assertThat(Verification.verify(file).faults()).isNotEmpty();
    }

    @Test
    void ids_splits_areWhatWasWritten() {
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(Manifest.ids(database, "val")).containsExactly(41, 42, 43, 44, 45);
            assertThat(Manifest.ids(database, "all"))
                    .isEqualTo(LongStream.rangeClosed(1, 50).toArray());
            assertThat(Manifest.splitNames(database)).containsExactly("test", "train", "val");
            assertThatThrownBy(() -> Manifest.ids(database, "dev"))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("No split 'dev': expected one of [test, train, val]");
        }
    }

    private static String digest(Path file, String split) {
        try (Database database = Database.open(file, Access.READ)) {
            return Manifest.digest(database, split);
        }
    }
}
