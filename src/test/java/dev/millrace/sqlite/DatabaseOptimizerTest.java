package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DatabaseOptimizerTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writeFile() {
        file = folder.resolve("data.db");
        SampleFile.write(file, 2_000);
    }

    @Test
    void optimize_fileWithHoles_isSmallerSoundAndAlone() throws IOException {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE ballast (x BLOB)", "INSERT INTO ballast VALUES (zeroblob(1000000))");
            database.execute("DROP TABLE ballast", "PRAGMA journal_mode=DELETE");
        }

        DatabaseOptimizer.Result result = DatabaseOptimizer.optimize(file);

        assertThat(result.bytesAfter()).isEqualTo(Files.size(file)).isLessThan(result.bytesBefore() - 900_000);
        assertThat(Verification.verify(file).isSound()).isTrue();
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void optimize_damagedFile_isRefusedAndLeftAsItIs() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0x5A);
        Files.write(file, bytes);
        Files.writeString(folder.resolve("data.db.partial"), "left by a killed run");

        assertThatThrownBy(() -> DatabaseOptimizer.optimize(file)).isInstanceOf(CorruptDatabaseException.class);

        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void optimize_rowThatSqliteFindsSound_isRefusedAndLeftAsItIs() throws IOException {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("UPDATE items SET label = 'changed' WHERE id = 7", "PRAGMA journal_mode=DELETE");
        }
        byte[] bytes = Files.readAllBytes(file);

        assertThatThrownBy(() -> DatabaseOptimizer.optimize(file))
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContainingAll("items", "stays as it is");

        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void optimize_whileItIsBuiltAnew_isRefused() {
        try (DatabaseBuild build = DatabaseBuild.begin(file, SampleFile.SCHEMA)) {
            assertThatThrownBy(() -> DatabaseOptimizer.optimize(file))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("is building it");
            assertThat(build.database().queryLong("SELECT count(*) FROM items")).isZero();
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
