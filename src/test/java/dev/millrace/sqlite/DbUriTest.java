package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a file is called: that file is opened, with our settings, and nothing else happens. */
class DbUriTest {
    @TempDir
    Path folder;

    static Stream<String> hostileNames() {
        return Stream.of(
                "x?journal_mode=OFF&synchronous=OFF&enable_load_extension=true&x=.sqlite",
                "x?mode=memory",
                "x?mode=rwc&vfs=none",
                "x?immutable=1#fragment",
                ":resource:http:127.0.0.1:1:x",
                ":resource:x",
                ":memory:",
                "file:x?mode=memory&cache=shared",
                "jdbc:sqlite:other.db",
                "#",
                "a#b.db",
                "%",
                "%2e%2e%2fx.db",
                "100%25.db",
                "a b  c.db",
                " leading and trailing ",
                "tab\tnewline\n.db",
                "quote'\"`;DROP TABLE x;--.db",
                "back\\slash.db",
                "star*?[].db",
                "&=+,$@!~()",
                "größe-分子-🧪.db",
                "...",
                "-wal",
                "x".repeat(240) + ".db");
    }

    @ParameterizedTest
    @MethodSource("hostileNames")
    void open_hostileName_opensExactlyThatFileWithOurSettings(String name) throws IOException {
        Path file = folder.resolve(name);
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE t (v INTEGER)", "INSERT INTO t (v) VALUES (42)");
            assertThat(database.queryText("PRAGMA journal_mode")).isEqualTo("wal");
            assertThat(database.queryLong("PRAGMA synchronous")).isEqualTo(2);
            assertThat(database.queryText("SELECT file FROM pragma_database_list"))
                    .isEqualTo(file.toRealPath().toString());
            assertThatThrownBy(() -> database.queryText("SELECT load_extension('/nonexistent')"))
                    .hasMessageContaining("not authorized");
            assertThat(filesIn(folder)).allMatch(found -> found.startsWith(name));
        }
        assertThat(filesIn(folder)).containsExactly(name);

        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryLong("SELECT v FROM t")).isEqualTo(42);
            assertThat(database.queryLong("PRAGMA query_only")).isEqualTo(1);
            assertThat(database.queryLong("PRAGMA trusted_schema")).isZero();
            assertThat(database.queryLong("PRAGMA cell_size_check")).isEqualTo(1);
            assertThat(database.queryLong("PRAGMA mmap_size")).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("hostileNames")
    void open_hostileNameOfAMissingFile_createsNothing(String name) {
        assertThatThrownBy(() -> Database.open(folder.resolve(name), Access.READ))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("found none");
        assertThat(filesIn(folder)).isEmpty();
    }

    @Test
    void open_pathThatIsTooLong_isADatabaseException() {
        Path file = folder.resolve("y".repeat(5000));

        assertThatThrownBy(() -> Database.open(file, Access.LIVE)).isInstanceOf(DatabaseException.class);
        assertThatThrownBy(() -> Database.open(file, Access.READ)).isInstanceOf(DatabaseException.class);
    }

    @Test
    void open_missingFolder_namesTheFileAndWhatToCheck() {
        assertThatThrownBy(() -> Database.open(folder.resolve("none/x.db"), Access.LIVE))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("none/x.db")
                .hasMessageContaining("folder exists");
    }

    @Test
    void open_newFile_isReadableByItsOwnerOnly() throws IOException {
        Assumptions.assumeTrue(
                folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
        Path live = folder.resolve("live.db");
        Path built = folder.resolve("built.db");
        try (Database database = Database.open(live, Access.LIVE)) {
            database.execute("CREATE TABLE t (v INTEGER)");
            for (String name : filesIn(folder)) {
                assertThat(permissions(folder.resolve(name))).isEqualTo("rw-------");
            }
        }
        SampleFile.write(built, 10);

        assertThat(permissions(live)).isEqualTo("rw-------");
        assertThat(permissions(built)).isEqualTo("rw-------");
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static List<String> filesIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
