package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.sqlite.SchemaUpgrade;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of version 1, as issues before this one wrote them. */
final class MetricsUpgradeTest {
    private static final long SEED = 20261123;

    @TempDir
    private Path folder;

    @Test
    void open_version1_isUpgradedWithACopyKept() {
        MetricsVersion1.write(file(), 1_000);
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("new", Map.of());
            assertThat(run.id()).isEqualTo(3);
            run.log(1, "loss", 1);
        }
        assertThat(MetricsVerification.verify(file()).faults()).isEmpty();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.runs()).extracting(RunInfo::name).containsExactly("old", "crashed", "new");
            assertThat(reader.runs()).extracting(RunInfo::uuid).doesNotHaveDuplicates();
            assertThat(reader.runs())
                    .extracting(RunInfo::status)
                    .containsExactly(RunStatus.FINISHED, RunStatus.CRASHED, RunStatus.INTERRUPTED);
            assertThat(reader.run(1).params()).containsEntry("lr", "0.1");
            assertThat(reader.series(1, "loss").size()).isEqualTo(990);
            assertThat(reader.summary().droppedCount()).isEqualTo(4);
            assertThat(reader.summary().rejectedCount()).isEqualTo(5);
            assertThat(reader.epochMetrics(1))
                    .singleElement()
                    .satisfies(point -> assertThat(point.metric().value()).isNaN());
            SeriesInfo loss = reader.seriesOf(1).stream()
                    .filter(series -> series.kind() == SeriesKind.STEP)
                    .findFirst()
                    .orElseThrow();
            Envelope envelope = reader.envelope(loss, Axis.STEP, 0, 1_000, 10);
            assertThat(java.util.Arrays.stream(envelope.counts()).sum()).isEqualTo(990);
            assertThat(java.util.Arrays.stream(envelope.max()).max().orElseThrow())
                    .isEqualTo(499.5);
        }
        try (Database upgraded = Database.open(file(), Access.READ);
                Database copy = Database.open(backup(), Access.READ)) {
            assertThat(upgraded.queryLong("SELECT count(*) FROM rollup")).isEqualTo(62 + 3);
            assertThat(upgraded.queryText("SELECT name FROM mine"))
                    .as("somebody's own view")
                    .isEqualTo("old");
            assertThat(copy.queryLong("PRAGMA user_version")).isEqualTo(1);
            assertThat(copy.queryLong("SELECT count(*) FROM point")).isEqualTo(1_001);
        }
    }

    @Test
    void upgrade_twice_doesNothingTheSecondTime() throws IOException {
        MetricsVersion1.write(file(), 100);
        assertThat(SchemaUpgrade.run(file(), MetricsSchema.SCHEMA)).contains(backup());
        assertThat(SchemaUpgrade.run(file(), MetricsSchema.SCHEMA)).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file(), backup());
        }
    }

    @Test
    void upgrade_anotherCopyThere_keepsBoth() {
        MetricsVersion1.write(file(), 100);
        MetricsVersion1.write(backup(), 10);
        Path second = folder.resolve("metrics.db.v1.backup2");
        assertThat(SchemaUpgrade.run(file(), MetricsSchema.SCHEMA)).contains(second);
        try (Database first = Database.open(backup(), Access.READ);
                Database copy = Database.open(second, Access.READ)) {
            assertThat(first.queryLong("SELECT count(*) FROM point")).isEqualTo(11);
            assertThat(copy.queryLong("SELECT count(*) FROM point")).isEqualTo(101);
        }
    }

    @Test
    void read_version1_saysHowToUpgrade() {
        MetricsVersion1.write(file(), 10);
        assertThatThrownBy(() -> MetricsReader.open(file()))
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("expected version 2 of kind 'metrics', found 1")
                .hasMessageContaining("millrace metrics verify " + file() + " --upgrade");
    }

    @Test
    void upgrade_newerForeignOrTampered_isRefusedAndLeftAlone() throws IOException {
        MetricsVersion1.write(file(), 10);
        change("PRAGMA user_version=3");
        assertRefused("expected version 2 of kind 'metrics', found 3");
        change("PRAGMA user_version=0");
        assertRefused("too old");
        change("PRAGMA user_version=1", "ALTER TABLE run ADD COLUMN extra TEXT");
        assertRefused("Unexpected table 'run'");
        change("PRAGMA application_id=7");
        assertRefused("Not a Millrace database");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(path -> path.toString().endsWith(".partial")))
                    .isEmpty();
        }
    }

    @Test
    void upgrade_whileSomebodyRecords_isRefused() {
        try (MetricsStore store = MetricsStore.open(file())) {
            assertThatThrownBy(() -> SchemaUpgrade.run(store.file(), MetricsSchema.SCHEMA))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("One writer at a time");
        }
    }

    @Test
    void upgrade_killedMeanwhile_leavesOldOrNew() throws Exception {
        killRepeatedly(4, 60_000);
    }

    @Test
    @Tag("campaign")
    void upgrade_killedOften_leavesOldOrNew() throws Exception {
        killRepeatedly(150, 300_000);
    }

    private void killRepeatedly(int kills, int points) throws Exception {
        Random random = new Random(SEED);
        Path original = folder.resolve("original.db");
        MetricsVersion1.write(original, points);
        for (int kill = 0; kill < kills; kill++) {
            // With its own neighbours: a journal left by the kill before belongs to another file.
            for (String leftover : List.of("", "-journal", "-wal", "-shm", ".v1.backup", ".lock")) {
                Files.deleteIfExists(folder.resolve("metrics.db" + leftover));
            }
            Files.copy(original, file());
            try (ChildJvm child = ChildJvm.start(folder, UpgradeChild.class, file().toString())) {
                assertThat(child.awaitLine("begin")).isTrue();
                Thread.sleep(random.nextInt(1_200));
                child.kill();
            }
            checkAfterKill(points, kill);
        }
    }

    private void checkAfterKill(int points, int kill) {
        long version;
        try (Database database = Database.open(file(), Access.READ)) {
            version = database.queryLong("PRAGMA user_version");
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
            assertThat(database.queryLong("SELECT count(*) FROM point")).isEqualTo(points + 1L);
            (version == 1 ? MetricsUpgrade.VERSION_1 : MetricsSchema.SCHEMA).check(database);
        }
        if (version == 2 || Files.exists(backup())) {
            try (Database copy = Database.open(backup(), Access.READ)) {
                MetricsUpgrade.VERSION_1.check(copy);
                assertThat(copy.queryLong("SELECT count(*) FROM point")).isEqualTo(points + 1L);
            }
        }
        SchemaUpgrade.run(file(), MetricsSchema.SCHEMA);
        assertThat(MetricsVerification.verify(file()).faults())
                .as("kill %d, seed %d", kill, SEED)
                .isEmpty();
        assertThat(folder.resolve("metrics.db.v1.backup2"))
                .as("the same copy once")
                .doesNotExist();
        assertThat(folder.resolve("metrics.db.v1.backup.partial")).doesNotExist();
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> SchemaUpgrade.run(file(), MetricsSchema.SCHEMA))
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining(reason);
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM point")).isEqualTo(11);
            assertThat(List.of(0L, 1L, 3L)).contains(database.queryLong("PRAGMA user_version"));
        }
    }

    private void change(String... statements) {
        try (Database database = Database.open(file(), Access.LIVE)) {
            database.execute(statements);
            database.execute("PRAGMA journal_mode=DELETE");
        }
    }

    private Path backup() {
        return folder.resolve("metrics.db.v1.backup");
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
