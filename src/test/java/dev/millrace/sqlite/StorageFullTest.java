package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No room left: a clear error, nothing half kept, reading goes on, and writing too once there is room. */
class StorageFullTest {
    @TempDir
    Path folder;

    @Test
    void write_pageLimitReached_keepsCommittedRowsAndGoesOnWhenThereIsRoom() {
        Path file = folder.resolve("full.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE t (v INTEGER PRIMARY KEY, w BLOB)", "PRAGMA max_page_count=50");
            int kept = fillUntilFull(database, file);

            assertThat(rows(database)).isEqualTo(kept);
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");

            database.execute("PRAGMA max_page_count=200");
            insertTen(database, kept);
            assertThat(rows(database)).isEqualTo(kept + 10);
        }
    }

    @Test
    void insert_pageLimitReachedInABulkWriter_givesUpTheOpenBatchOnly() {
        Path file = folder.resolve("bulk.db");
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE t (v INTEGER PRIMARY KEY, w BLOB)", "PRAGMA max_page_count=50");
            try (BulkWriter writer = new BulkWriter(database, 10)) {
                assertFull(
                        () -> {
                            for (int v = 0; ; v++) {
                                writer.insert("INSERT INTO t (v, w) VALUES (?, ?)", v, new byte[1000]);
                            }
                        },
                        file);
            }
            assertThat(rows(database)).isPositive().isLessThan(200);
            assertThat(rows(database) % 10).isZero();
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
        }
    }

    @Test
    void fill_pageLimitReachedInABuild_leavesTheOldTarget() {
        Path target = folder.resolve("built.db");
        SampleFile.write(target, 10);

        assertFull(
                () -> {
                    try (DatabaseBuild build = DatabaseBuild.begin(target, SampleFile.SCHEMA)) {
                        build.database().execute("PRAGMA max_page_count=30");
                        SampleFile.fill(build, 5_000);
                        build.publish();
                    }
                },
                folder.resolve("built.db.partial"));

        assertThat(Verification.verify(target).rows()).containsEntry("items", 10L);
        assertThat(folder.toFile().list()).containsExactly("built.db");
    }

    @Test
    void write_diskFull_keepsCommittedRowsAndGoesOnWhenThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path file = disk.folder().resolve("full.db");
            Path ballast = Files.write(disk.folder().resolve("ballast"), new byte[1 << 20]);
            try (Database database = Database.open(file, Access.LIVE)) {
                database.execute("CREATE TABLE t (v INTEGER PRIMARY KEY, w BLOB)");
                int kept = fillUntilFull(database, file);
                assertThat(rows(database)).isEqualTo(kept);

                Files.delete(ballast);
                insertTen(database, kept);
                assertThat(rows(database)).isEqualTo(kept + 10);
                assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
            }
        }
    }

    @Test
    void publish_diskFull_leavesTheOldTargetAndTheNextBuildWorks() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path target = disk.folder().resolve("built.db");
            SampleFile.write(target, 10);
            Path ballast = Files.write(disk.folder().resolve("ballast"), new byte[2 << 20]);

            assertThatThrownBy(() -> SampleFile.write(target, 30_000))
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContaining(disk.folder().toString())
                    .hasMessageContaining("bytes free");
            assertThat(Verification.verify(target).rows()).containsEntry("items", 10L);
            assertThat(disk.folder().toFile().list()).containsExactlyInAnyOrder("built.db", "ballast");

            Files.delete(ballast);
            SampleFile.write(target, 2_000);
            assertThat(Verification.verify(target).isSound()).isTrue();
        }
    }

    /** Writes transactions of ten rows until one fails; the number of rows kept. */
    private static int fillUntilFull(Database database, Path file) {
        int[] kept = {0};
        assertFull(
                () -> {
                    while (true) {
                        insertTen(database, kept[0]);
                        kept[0] += 10;
                    }
                },
                file);
        assertThat(kept[0]).isPositive();
        return kept[0];
    }

    private static void insertTen(Database database, int first) {
        database.write("Cannot store rows", open -> {
            try (var insert = open.prepareStatement("INSERT INTO t (v, w) VALUES (?, zeroblob(1000))")) {
                for (int v = first; v < first + 10; v++) {
                    insert.setInt(1, v);
                    insert.executeUpdate();
                }
            }
        });
    }

    private static void assertFull(ThrowingCallable work, Path file) {
        assertThatThrownBy(work)
                .isInstanceOf(StorageFullException.class)
                .hasMessageContaining("no space left for " + file)
                .hasMessageMatching("(?s).*\\d+ bytes free.*Free some space.*");
    }

    private static long rows(Database database) {
        return database.queryLong("SELECT count(*) FROM t");
    }
}
