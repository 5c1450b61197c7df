package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands that take a file of any kind. */
class DatabaseCommandsTest {
    private static final Schema SCHEMA =
            new Schema("walnuts", 3, List.of("CREATE TABLE nuts (id INTEGER PRIMARY KEY, kernel BLOB)"), List.of());

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void build() {
        file = folder.resolve("nuts %23?x.db");
        try (DatabaseBuild build = DatabaseBuild.begin(file, SCHEMA)) {
            Schema.putInfo(build.database(), Map.of("seed", "42"));
            try (BulkWriter writer = new BulkWriter(build.database(), 100)) {
                for (int i = 1; i <= 500; i++) {
                    writer.insert("INSERT INTO nuts (id, kernel) VALUES (?, ?)", i, new byte[1000]);
                }
            }
            // Leaves holes, for optimize to remove.
            build.database().execute("DELETE FROM nuts WHERE id > 100");
            build.publish();
        }
    }

    @Test
    void inspect_anyKind_tellsKindInfoAndCountsAsJson() {
        Shell shell = Shell.millrace("inspect", file, "--json");

        assertThat(shell.code()).isZero();
        JsonNode json = JsonMapper.shared().readTree(shell.out());
        assertThat(json.get("kind").asString()).isEqualTo("walnuts");
        assertThat(json.get("version").asInt()).isEqualTo(3);
        assertThat(json.get("dataset_info").get("seed").asString()).isEqualTo("42");
        assertThat(json.get("tables").get("nuts").asInt()).isEqualTo(100);
    }

    @Test
    void benchLoader_otherKind_isRefusedByName() {
        Shell shell = Shell.millrace("bench", "loader", "--db", file, "--json");

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("expected a spectra or pcqm database, found one of kind walnuts");
    }

    @Test
    void inspect_asText_namesTheTables() {
        Shell shell = Shell.millrace("inspect", file);

        assertThat(shell.code()).isZero();
        assertThat(shell.out()).contains("walnuts, version 3").containsPattern("nuts +100");
    }

    @Test
    void inspect_anotherProgramsFile_isCodeFour() {
        Path foreign = folder.resolve("foreign.db");
        try (Database database = Database.open(foreign, Access.BUILD)) {
            database.execute("CREATE TABLE t (x)");
        }

        Shell shell = Shell.millrace("inspect", foreign);

        assertThat(shell.code()).isEqualTo(4);
        assertThat(shell.errorLines()).singleElement().asString().contains("Not a Millrace database");
    }

    @Test
    void optimize_fileWithHoles_isSmallerAndSaysTheSame() throws Exception {
        long before = Files.size(file);

        Shell shell = Shell.millrace("optimize", file);

        assertThat(shell.error()).isEmpty();
        assertThat(shell.code()).isZero();
        assertThat(Files.size(file)).isLessThan(before / 2);
        assertThat(folder.resolve(file.getFileName() + ".partial")).doesNotExist();
        try (Database database = Database.open(file, Access.READ)) {
            SCHEMA.check(database);
            assertThat(database.queryLong("SELECT count(*) FROM nuts")).isEqualTo(100);
            assertThat(database.queryText("PRAGMA journal_mode")).isEqualTo("delete");
        }
    }

    @Test
    void optimize_fileBeingWritten_isRefusedAndLeftAlone() {
        try (Database writer = Database.open(file, Access.LIVE)) {
            Shell shell = Shell.millrace("optimize", file);

            assertThat(shell.code()).isEqualTo(2);
            assertThat(shell.error()).contains("wal");
            assertThat(writer.queryLong("SELECT count(*) FROM nuts")).isEqualTo(100);
        }
    }
}
