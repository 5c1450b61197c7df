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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The target is absent, the old one, or complete; and nothing else is left behind. */
class DatabaseBuildTest {
    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void choose() {
        target = folder.resolve("data.db");
    }

    @Test
    void publish_newTarget_isSoundAndReadableFromAReadOnlyPlace() {
        SampleFile.write(target, 30);

        assertThat(Verification.verify(target).isSound()).isTrue();
        assertThat(names()).containsExactly("data.db");
        try (Database database = Database.open(target, Access.READ)) {
            assertThat(database.queryText("PRAGMA journal_mode")).isEqualTo("delete");
            assertThat(database.queryLong("SELECT count(*) FROM sqlite_stat1")).isPositive();
            assertThat(database.queryText(
                            "SELECT name FROM sqlite_schema WHERE type = 'index' AND name = 'notes_note'"))
                    .isEqualTo("notes_note");
        }
    }

    @Test
    void publish_existingTarget_replacesItWhole() {
        SampleFile.write(target, 30);
        SampleFile.write(target, 40);

        assertThat(Verification.verify(target).rows()).containsEntry("items", 40L);
        assertThat(names()).containsExactly("data.db");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void close_withoutPublish_leavesTheTargetAsItWas(boolean existed) throws IOException {
        if (existed) {
            SampleFile.write(target, 30);
        }
        byte[] before = existed ? Files.readAllBytes(target) : new byte[0];

        try (DatabaseBuild build = DatabaseBuild.begin(target, SampleFile.SCHEMA)) {
            SampleFile.fill(build, 50);
        }

        assertThat(names()).isEqualTo(existed ? List.of("data.db") : List.of());
        if (existed) {
            assertThat(Files.readAllBytes(target)).isEqualTo(before);
        }
    }

    @Test
    void begin_schemaThatFails_leavesNothingAndTheNextBuildWorks() {
        Schema broken = new Schema("sample", 1, List.of("CREATE TABLE items (id INTEGER PRIMARY"), List.of());

        assertThatThrownBy(() -> DatabaseBuild.begin(target, broken)).isInstanceOf(DatabaseException.class);

        assertThat(names()).isEmpty();
        SampleFile.write(target, 10);
        assertThat(Verification.verify(target).isSound()).isTrue();
    }

    @Test
    void publish_indexThatFails_leavesTheOldTarget() {
        SampleFile.write(target, 10);
        Schema unique =
                new Schema("sample", 3, SampleFile.SCHEMA.tables(), List.of("CREATE UNIQUE INDEX one ON notes (note)"));

        try (DatabaseBuild build = DatabaseBuild.begin(target, unique)) {
            SampleFile.fill(build, 30);
            assertThatThrownBy(build::publish)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("UNIQUE");
        }

        assertThat(Verification.verify(target).rows()).containsEntry("items", 10L);
        assertThat(names()).containsExactly("data.db");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not a database at all", "SQLite format 3\u0000"})
    void begin_leftoverOfAKilledBuild_startsAnew(String leftover) throws IOException {
        Files.writeString(folder.resolve("data.db.partial"), leftover);
        Files.writeString(folder.resolve("data.db.partial.lock"), "");

        SampleFile.write(target, 10);

        assertThat(Verification.verify(target).isSound()).isTrue();
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void begin_sameTargetTwiceAtATime_secondIsRefusedAndFirstFinishes() {
        try (DatabaseBuild first = DatabaseBuild.begin(target, SampleFile.SCHEMA)) {
            SampleFile.fill(first, 20);
            assertThatThrownBy(() -> DatabaseBuild.begin(target, SampleFile.SCHEMA))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("this process already is building it")
                    .hasMessageContaining("data.db");
            first.publish();
        }

        assertThat(Verification.verify(target).rows()).containsEntry("items", 20L);
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void begin_otherProcessBuildsTheTarget_isRefusedUntilThatEnds() throws Exception {
        ChildJvm builder = ChildJvm.start(BuildMain.class, target.toString(), "20", "hold");
        try {
            builder.awaitLine("filled");
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> DatabaseBuild.begin(target, SampleFile.SCHEMA))
                        .isInstanceOf(DatabaseException.class)
                        .hasMessageMatching(".*: process \\d+ is building it.*");
            }
        } finally {
            builder.kill();
        }

        SampleFile.write(target, 10);
        assertThat(Verification.verify(target).rows()).containsEntry("items", 10L);
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void build_targetIsAFolder_isRefusedBeforeAnyWork() throws IOException {
        Files.createDirectories(target.resolve("inside"));

        assertThatThrownBy(() -> SampleFile.write(target, 10))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("expected a file or none, found something else");
        assertThat(names()).containsExactly("data.db");
    }

    @Test
    void begin_missingFolder_saysSo() {
        assertThatThrownBy(() -> SampleFile.write(folder.resolve("none/data.db"), 10))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("folder exists");
        assertThat(names()).isEmpty();
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void foreignFile_hasNothingButWhatItsMakerCreates() {
        Path target = folder.resolve("foreign.db");
        try (DatabaseBuild build = DatabaseBuild.beginForeign(target)) {
            build.database().execute("CREATE TABLE t (a INTEGER PRIMARY KEY)");
            build.publish();
        }
        try (Database database = Database.open(target, Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM sqlite_schema")).isEqualTo(1);
            assertThat(database.queryLong("PRAGMA application_id")).isZero();
        }
    }
}
