package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.Split;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class StoreWindowsTest {
    private static final List<ContigLength> CONTIGS = List.of(
            new ContigLength("BCR__EXT-S2__CT1-2", 700),
            new ContigLength("BCR__EXT-S1__CT1-1", 128),
            new ContigLength("BCR__EXT-S1__CT1-10", 40),
            new ContigLength("BCR__EXT-S1__CT1-2", 0),
            new ContigLength("ABC__EXT-S3__CT1-2", 20_000));

    private static final WindowGeometry GEOMETRY = WindowGeometry.of(128, 100, 0);

    @TempDir
    Path folder;

    private Path store;

    @BeforeEach
    void build() {
        store = StoreFile.of(folder.resolve("store.db"), CONTIGS);
    }

    @ParameterizedTest
    @EnumSource(Tail.class)
    void set_hasTheWindowsOfTheWindowDatabase(Tail tail) throws IOException {
        WindowGeometry geometry = new WindowGeometry(128, 100, 41, tail);
        Path windows = folder.resolve("w.db");
        WindowIndexReport database =
                builder(CONTIGS, geometry).setOutput(windows).build();
        WindowIndexReport inStore = builder(CONTIGS, geometry).setOutput(store).build();

        assertThat(inStore.windows()).isEqualTo(database.windows());
        assertThat(inStore.lostBases()).isEqualTo(database.lostBases());
        List<String> expected = WindowDatabaseTest.rows(windows);
        assertThat(rows("all")).isEqualTo(expected);
        try (Database opened = Database.open(store, Access.READ)) {
            WindowSet set = WindowSet.find(opened, "all").orElseThrow();
            assertThat(set.geometry()).isEqualTo(geometry);
            assertThat(set.totalWindows()).isEqualTo(expected.size());
            assertThat(set.distinctSequences()).isEqualTo(database.distinctSequences());
            assertThat(set.source()).startsWith("test #");
        }
        assertThat(Verification.verify(store).faults()).isEmpty();
    }

    @Test
    void verify_findsAChangedWindowRow() throws IOException {
        builder(CONTIGS, GEOMETRY).setOutput(store).build();
        try (Database opened = Database.open(store, Access.AMEND)) {
            opened.execute("UPDATE window_contigs SET windows = windows + 1 WHERE first_window = 0");
        }

        assertThat(Verification.verify(store).faults())
                .anyMatch(fault -> fault.contains("Table window_contigs: expected 5 rows"));
        // Nor does the next set make the damage what is expected.
        assertThatThrownBy(() -> builder(CONTIGS, GEOMETRY)
                        .setOutput(store)
                        .optSplit(Split.TEST)
                        .build())
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContaining("Damaged table window_contigs");
    }

    @Test
    void setsOfSplits_lieBesideEachOther() throws IOException {
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST)) {
            builder(CONTIGS.subList(0, 3), GEOMETRY)
                    .setOutput(store)
                    .optSplit(split)
                    .build();
        }
        try (Database opened = Database.open(store, Access.READ)) {
            assertThat(WindowSet.all(opened)).extracting(WindowSet::split).containsExactly("train", "val", "test");
        }
        assertThat(rows("val")).isEqualTo(rows("train")).hasSize(8);
        assertThat(Verification.verify(store).isSound()).isTrue();
    }

    @Test
    void set_isReplacedOnlyWhenForced() throws IOException {
        builder(CONTIGS, GEOMETRY).setOutput(store).build();
        List<String> before = rows("all");

        assertThat(builder(CONTIGS, GEOMETRY).setOutput(store).build().upToDate())
                .isTrue();
        assertThatThrownBy(() -> builder(CONTIGS.subList(0, 2), GEOMETRY)
                        .setOutput(store)
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("--force");
        assertThatThrownBy(() -> builder(CONTIGS, WindowGeometry.of(128, 99, 0))
                        .setOutput(store)
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("stride=100");
        assertThat(rows("all")).isEqualTo(before);

        builder(CONTIGS.subList(0, 2), GEOMETRY).setOutput(store).optForce(true).build();
        assertThat(rows("all")).hasSize(7);
        assertThat(Verification.verify(store).faults()).isEmpty();
    }

    @Test
    void contigsThatTheStoreHasNot_areNamedAndNothingChanges() throws IOException {
        List<ContigLength> others = new ArrayList<>(CONTIGS);
        others.set(1, new ContigLength("BCR__EXT-S1__CT1-1", 129));
        others.add(new ContigLength("BCR__EXT-S9__CT1-1", 5));

        assertThatThrownBy(() -> builder(others, GEOMETRY).setOutput(store).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found 2 others")
                .hasMessageContaining("'BCR__EXT-S1__CT1-1' of length 129 (test, row 2), in the store it has 128")
                .hasMessageContaining("'BCR__EXT-S9__CT1-1' of length 5 (test, row 6), in the store there is none");
        try (Database opened = Database.open(store, Access.READ)) {
            assertThat(WindowSet.all(opened)).isEmpty();
        }
        assertThat(Verification.verify(store).isSound()).isTrue();
    }

    @Test
    void storeThatIsBeingRead_isNotChangedAndSaysWhy() throws IOException {
        try (Database reader = Database.open(store, Access.READ)) {
            reader.readTogether("Cannot read", connection -> {
                reader.queryLong("SELECT count(*) FROM contigs");
                assertThatThrownBy(() ->
                                builder(CONTIGS, GEOMETRY).setOutput(store).build())
                        .isInstanceOf(DatabaseException.class)
                        .hasMessageContaining("others are using the file")
                        .hasMessageContaining("try again");
                return reader;
            });
        }
        assertThat(folder.resolve("store.db-journal")).doesNotExist();
        builder(CONTIGS, GEOMETRY).setOutput(store).build();
        assertThat(Verification.verify(store).isSound()).isTrue();
    }

    @Test
    void absentFile_isNotCreatedByAmending() {
        Path absent = folder.resolve("none.db");

        assertThatThrownBy(() -> Database.open(absent, Access.AMEND)).hasMessageContaining("found none");
        assertThat(Files.exists(absent)).isFalse();
    }

    private static WindowIndexBuilder builder(List<ContigLength> contigs, WindowGeometry geometry) {
        return new WindowIndexBuilder().setGeometry(geometry).setContigs(ContigLengths.of("test", contigs));
    }

    private List<String> rows(String split) {
        String sql = """
                WITH RECURSIVE place (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM place WHERE i < 1000)
                SELECT w.first_window + i, c.contig_id, i
                  FROM window_sets s
                  JOIN window_contigs w ON w.set_id = s.set_id
                  JOIN contigs c ON c.seq_id = w.seq_id
                  JOIN place ON i < w.windows
                 WHERE s.split = ?
                 ORDER BY 1""";
        try (Database opened = Database.open(store, Access.READ)) {
            return opened.read("Cannot read", connection -> {
                List<String> found = new ArrayList<>();
                try (PreparedStatement select = connection.prepareStatement(sql)) {
                    select.setString(1, split);
                    try (ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            found.add(row.getLong(1) + "," + row.getString(2) + "," + row.getLong(3));
                        }
                    }
                }
                return found;
            });
        }
    }
}
