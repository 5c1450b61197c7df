package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build that is interrupted goes on with the rows and the progress of one commit. */
class ResumableBuildTest {
    private static final String INSERT = "INSERT INTO nuts (id, kernel, row_crc) VALUES (?, ?, ?)";
    private static final CheckedTable NUTS = new CheckedTable("nuts", "id", List.of("kernel"));
    private static final CheckedTable ALL_COLUMNS = new CheckedTable("nuts", "id", List.of("id", "kernel"));
    private static final Schema SCHEMA = new Schema(
            "walnuts",
            1,
            java.util.stream.Stream.concat(
                            java.util.stream.Stream.of(
                                    "CREATE TABLE nuts (id INTEGER PRIMARY KEY, kernel REAL, row_crc INTEGER NOT NULL)"),
                            Manifest.TABLES.stream())
                    .toList(),
            List.of("CREATE INDEX nuts_kernel ON nuts (kernel)"));

    @TempDir
    Path folder;

    private Path target;
    private final ManifestSums sums = new ManifestSums();

    @BeforeEach
    void choose() {
        target = folder.resolve("nuts.db");
    }

    @Test
    void beginFrom_finishedFile_hasItsRowsAndReplacesItOnlyWhenPublished() {
        build();
        ManifestSums more = new ManifestSums();
        try (DatabaseBuild build = DatabaseBuild.beginFrom(target, SCHEMA, info())) {
            assertThat(build.isFinished()).isFalse();
            assertThat(build.database().queryLong("SELECT count(*) FROM nuts")).isEqualTo(3);
            // Given up: the partial file stays, the target too.
        }
        assertThat(DatabaseBuild.hasPartial(target)).isTrue();
        assertThat(Verification.verify(target).faults()).isEmpty();
        try (DatabaseBuild build = DatabaseBuild.beginFrom(target, SCHEMA, info())) {
            build.database().execute("DELETE FROM nuts");
            BulkWriter rows = new BulkWriter(build.database(), Integer.MAX_VALUE);
            build.save(rows, Map.of("done", 1L));
            Manifest.write(build.database(), List.of(NUTS), Map.of("train", new long[0]), more);
            build.publish();
        }
        assertThat(Verification.verify(target).rows()).containsEntry("nuts", 0L);
        assertThat(folder).isDirectoryNotContaining("glob:**.partial*");
    }

    @Test
    void beginFrom_targetThatChangedSinceItWasRead_isRefusedAndStays() {
        build();
        Map<String, String> asRead = info();
        try (Database other = Database.open(target, Access.AMEND)) {
            Schema.putInfo(other, Map.of("appends", "1"));
        }

        assertThatThrownBy(() -> DatabaseBuild.beginFrom(target, SCHEMA, asRead))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("found it changed by another command. Run this one again.");
        assertThatThrownBy(() -> DatabaseBuild.beginAppend(target, SCHEMA, asRead))
                .isInstanceOf(DatabaseException.class);
        assertThat(info()).containsEntry("appends", "1");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial*");
    }

    @Test
    void beginAppend_indexAndViewOfSomebodyElse_stay() {
        build();
        try (Database other = Database.open(target, Access.AMEND)) {
            other.execute(
                    "CREATE INDEX \"my index\" ON nuts (id)",
                    "CREATE VIEW \"my view\" AS SELECT count(*) AS n FROM nuts");
        }
        try (DatabaseBuild build = DatabaseBuild.beginAppend(target, SCHEMA, info())) {
            build.publish();
        }
        try (Database read = Database.open(target, Access.READ)) {
            assertThat(read.queryLong("SELECT count(*) FROM sqlite_schema WHERE name = 'my index'"))
                    .isOne();
            assertThat(read.queryLong("SELECT n FROM \"my view\"")).isEqualTo(3);
        }
    }

    private void build() {
        try (DatabaseBuild build = DatabaseBuild.beginResumable(target, SCHEMA)) {
            BulkWriter rows = new BulkWriter(build.database(), Integer.MAX_VALUE);
            insert(rows, 1, 3);
            build.save(rows, Map.of());
            finish(build, sums);
        }
    }

    private Map<String, String> info() {
        try (Database database = Database.open(target, Access.READ)) {
            return Schema.info(database);
        }
    }

    @Test
    void resume_afterUnsavedRows_findsTheLastSave() {
        try (DatabaseBuild build = DatabaseBuild.beginResumable(target, SCHEMA)) {
            BulkWriter rows = new BulkWriter(build.database(), Integer.MAX_VALUE);
            insert(rows, 1, 3);
            build.save(rows, Map.of("done", 3L, "sums", sums.save()));
            insert(rows, 4, 5);
            // Not closed: its transaction goes with the connection.
        }
        assertThat(DatabaseBuild.hasPartial(target)).isTrue();

        ManifestSums restored = new ManifestSums();
        try (DatabaseBuild build = DatabaseBuild.resume(target, SCHEMA)) {
            assertThat(build.isFinished()).isFalse();
            assertThat(((Number) build.saved().get("done")).longValue()).isEqualTo(3);
            restored.restore(String.valueOf(build.saved().get("sums")));
            assertThat(build.database().queryLong("SELECT count(*) FROM nuts")).isEqualTo(3);
            finish(build, restored);
        }

        assertThat(Verification.verify(target).faults()).isEmpty();
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void resume_afterAKillDuringTheEnd_finishesAgain() {
        try (DatabaseBuild build = DatabaseBuild.beginResumable(target, SCHEMA);
                BulkWriter rows = new BulkWriter(build.database(), Integer.MAX_VALUE)) {
            insert(rows, 1, 10);
            build.save(rows, Map.of("done", 10L));
            Manifest.write(build.database(), List.of(NUTS), Map.of("train", new long[] {1, 2}));
            SCHEMA.finish(build.database());
            build.database().execute("ANALYZE");
        }
        try (DatabaseBuild build = DatabaseBuild.resume(target, SCHEMA)) {
            Manifest.write(build.database(), List.of(NUTS), Map.of("train", new long[] {1, 2}));
            build.publish();
        }
        assertThat(Verification.verify(target).faults()).isEmpty();
    }

    @Test
    void resume_withoutAnything_begins() {
        try (DatabaseBuild build = DatabaseBuild.resume(target, SCHEMA)) {
            assertThat(build.saved()).isEmpty();
        }
        assertThat(DatabaseBuild.hasPartial(target)).isFalse();
    }

    @Test
    void resume_fileOfAnotherKind_isRefusedAndStays() {
        try (Database other = Database.open(folder.resolve("nuts.db.partial"), Access.BUILD)) {
            other.execute("CREATE TABLE mine (id INTEGER)");
        }
        assertThatThrownBy(() -> DatabaseBuild.resume(target, SCHEMA)).isInstanceOf(SchemaMismatchException.class);
        assertThat(folder.resolve("nuts.db.partial")).exists();
    }

    @Test
    void discard_leavesNothing() {
        try (DatabaseBuild build = DatabaseBuild.beginResumable(target, SCHEMA);
                BulkWriter rows = new BulkWriter(build.database(), Integer.MAX_VALUE)) {
            insert(rows, 1, 3);
            build.save(rows, Map.of("done", 3L));
            build.discard();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void manifestSums_madeWhileRowsGoIn_areThoseOfAScan() {
        long[] train = {1, 2, 5};
        Map<String, long[]> splits = Map.of("train", train);
        List<List<String>> found = new java.util.ArrayList<>();
        for (boolean summed : new boolean[] {true, false}) {
            Path file = folder.resolve("summed" + summed + ".db");
            try (DatabaseBuild build = DatabaseBuild.begin(file, SCHEMA);
                    BulkWriter rows = new BulkWriter(build.database(), 100)) {
                insert(rows, 1, 6);
                rows.flush();
                if (summed) {
                    Manifest.write(build.database(), List.of(NUTS), splits, sums);
                } else {
                    Manifest.write(build.database(), List.of(NUTS), splits);
                }
                build.publish();
            }
            try (Database database = Database.open(file, Access.READ)) {
                found.add(List.of(
                        Manifest.digest(database, "train"),
                        String.valueOf(database.queryText(
                                "SELECT group_concat(table_name || split || row_count || digest) FROM manifest"))));
            }
        }
        assertThat(found.get(0)).isEqualTo(found.get(1));
    }

    @Test
    void manifestSums_ofOtherColumns_areRefused() {
        ManifestSums wrong = new ManifestSums();
        wrong.of(new CheckedTable("nuts", "id", List.of("kernel", "id")));
        try (DatabaseBuild build = DatabaseBuild.begin(target, SCHEMA)) {
            assertThatThrownBy(() -> Manifest.write(build.database(), List.of(NUTS), Map.of(), wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private void finish(DatabaseBuild build, ManifestSums restored) {
        Manifest.write(build.database(), List.of(NUTS), Map.of("train", new long[] {1, 2}), restored);
        build.publish();
    }

    private void insert(BulkWriter rows, int from, int to) {
        RowDigest digest = new RowDigest(NUTS);
        RowSum sum = new RowSum(ALL_COLUMNS);
        for (int id = from; id <= to; id++) {
            Double kernel = id % 3 == 0 ? null : id / 2.0;
            long crc = digest.of(id, kernel);
            rows.insert(INSERT, id, kernel, crc);
            sums.of(ALL_COLUMNS).add(sum.of(id, id, kernel));
            if (id == 1 || id == 2 || id == 5) {
                sums.of(NUTS, "train").add(RowSum.covered(id, crc));
            }
        }
    }
}
