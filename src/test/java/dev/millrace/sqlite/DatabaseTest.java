package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transactions are kept whole or not at all; readers do not write; what is closed stays closed. */
class DatabaseTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void createTable() {
        file = folder.resolve("test.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE t (v INTEGER PRIMARY KEY, w BLOB)", "INSERT INTO t (v) VALUES (1)");
        }
    }

    @Test
    void write_sqlFailsInside_keepsNothingAndTheNextWriteWorks() {
        try (Database database = Database.open(file, Access.LIVE)) {
            assertThatThrownBy(() -> database.write("Cannot store the numbers", open -> {
                        try (Statement statement = open.createStatement()) {
                            statement.execute("INSERT INTO t (v) VALUES (2)");
                            statement.execute("INSERT INTO t (v) VALUES (1)");
                        }
                    }))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("Cannot store the numbers")
                    .hasMessageContaining("UNIQUE")
                    .hasMessageContaining(file.toString());
            assertThat(database.queryLong("SELECT count(*) FROM t")).isEqualTo(1);

            database.write("store", open -> insert(open, 3));
            assertThat(database.queryLong("SELECT sum(v) FROM t")).isEqualTo(4);
        }
    }

    @Test
    void write_taskThrows_keepsNothingAndPassesTheExceptionOn() {
        IllegalArgumentException failure = new IllegalArgumentException("mine");
        try (Database database = Database.open(file, Access.LIVE)) {
            assertThatThrownBy(() -> database.write("store", open -> {
                        insert(open, 2);
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThat(database.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
            database.write("store", open -> insert(open, 2));
            assertThat(database.queryLong("SELECT count(*) FROM t")).isEqualTo(2);
        }
    }

    @Test
    void write_taskEndsTheTransactionItself_isAnErrorAndTheNextWriteWorks() {
        try (Database database = Database.open(file, Access.LIVE)) {
            assertThatThrownBy(() -> database.write("store", open -> {
                        try (Statement statement = open.createStatement()) {
                            statement.execute("ROLLBACK");
                        }
                    }))
                    .isInstanceOf(DatabaseException.class);
            database.write("store", open -> insert(open, 2));
            assertThat(database.queryLong("SELECT count(*) FROM t")).isEqualTo(2);
        }
    }

    @Test
    void write_buildFailsInside_isClosedForGood() {
        try (Database database = Database.open(folder.resolve("build.db"), Access.BUILD)) {
            database.execute("CREATE TABLE t (v INTEGER PRIMARY KEY)");
            assertThatThrownBy(() -> database.write("store", open -> {
                        throw new IllegalArgumentException("mine");
                    }))
                    .hasMessage("mine");
            assertThatIllegalStateException()
                    .isThrownBy(() -> database.queryLong("SELECT count(*) FROM t"))
                    .withMessageContaining("a build opens the file anew");
        }
    }

    @ParameterizedTest
    @EnumSource(Access.class)
    void connection_afterClose_isRefusedAndOpensNothing(Access access) {
        Database database = Database.open(file, access);
        database.close();
        database.close();

        assertThatIllegalStateException().isThrownBy(database::connection).withMessageContaining(file.toString());
        assertThatIllegalStateException().isThrownBy(() -> database.queryLong("SELECT 1"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Access.class,
            names = {"READ", "READ_MAPPED"})
    void execute_onAReader_cannotWrite(Access access) throws IOException {
        byte[] before = Files.readAllBytes(file);
        try (Database database = Database.open(file, access)) {
            for (String sql : new String[] {
                "INSERT INTO t (v) VALUES (9)",
                "DELETE FROM t",
                "CREATE TABLE u (v)",
                "DROP TABLE t",
                "VACUUM",
                "PRAGMA user_version=7",
                "PRAGMA query_only=0; INSERT INTO t (v) VALUES (9)"
            }) {
                try {
                    database.execute(sql);
                } catch (DatabaseException refused) {
                    continue;
                }
                assertThat(database.queryLong("PRAGMA user_version") + database.queryLong("SELECT count(*) FROM t"))
                        .as(sql)
                        .isEqualTo(1);
            }
            database.execute("PRAGMA query_only=0");
            assertThatThrownBy(() -> database.execute("INSERT INTO t (v) VALUES (9)"))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("readonly");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void open_fileThatIsNoDatabase_isACorruptDatabaseException() throws IOException {
        Path text = Files.writeString(folder.resolve("text.db"), "name: caffeine\n".repeat(500));

        for (Access access : Access.values()) {
            assertThatThrownBy(() -> Database.open(text, access))
                    .as(access.name())
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("text.db");
        }
        assertThat(text).hasContent("name: caffeine\n".repeat(500));
    }

    @Test
    void open_folderInsteadOfAFile_saysSo() {
        assertThatThrownBy(() -> Database.open(folder, Access.READ))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("found something else");
        assertThatThrownBy(() -> Database.open(folder, Access.LIVE)).isInstanceOf(DatabaseException.class);
    }

    @Test
    void queryLong_valueLargerThanTheLimit_isRefusedBySqlite() {
        try (Database database = Database.open(file, Access.READ)) {
            assertThatThrownBy(() -> database.queryLong("SELECT length(zeroblob(300000000))"))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("too big");
        }
    }

    @Test
    void open_fileLeftInTheMiddleOfAWrite_undoesTheHalfAndReads() throws IOException {
        Path half = folder.resolve("half.db");
        try (Database writer = Database.open(folder.resolve("whole.db"), Access.RESUMABLE_BUILD)) {
            writer.execute("CREATE TABLE t (v)", "INSERT INTO t VALUES (1)", "PRAGMA cache_size=5");
            writer.begin("half");
            // More than the cache holds, so that pages of the unfinished transaction are in the file.
            writer.execute("""
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                    INSERT INTO t SELECT hex(zeroblob(200)) FROM n""");
            Files.copy(folder.resolve("whole.db"), half);
            Files.copy(folder.resolve("whole.db-journal"), folder.resolve("half.db-journal"));
        }

        try (Database database = Database.open(half, Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM t")).isOne();
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
        }
        assertThat(folder.resolve("half.db-journal")).doesNotExist();
    }

    private static void insert(java.sql.Connection open, int value) throws java.sql.SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute("INSERT INTO t (v) VALUES (" + value + ")");
        }
    }
}
