package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class WindowDatabaseTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "128,100,0",
        "128,100,128",
        "1024,896,0",
        "8192,7992,0",
        "8192,7992,5000",
        "8192,7992,10000",
        "512,512,0"
    })
    void windows_ofTheReference_equalTheOriginals(int windowSize, int stride, int threshold) throws IOException {
        List<ContigLength> contigs = new ArrayList<>(GenomeReference.contigs());
        Collections.shuffle(contigs, new Random(1));
        String name = "W" + windowSize + "_S" + stride + "_T" + threshold;
        JsonNode expected = GenomeReference.json("window_metadata.json").get(name);

        Path built = folder.resolve("windows.db");
        WindowIndexReport report = builder(contigs, WindowGeometry.of(windowSize, stride, threshold))
                .setOutput(built)
                .optAllowEmpty(true)
                .build();

        assertThat(report.windows()).isEqualTo(expected.get("rows").asLong());
        Map<String, Long> metadata = metadata(built);
        expected.get("metadata")
                .properties()
                .forEach(entry -> assertThat(metadata)
                        .containsEntry(entry.getKey(), entry.getValue().asLong()));
        if (!name.equals("W1024_S896_T0")) {
            List<String> rows = Files.readAllLines(GenomeReference.file("windows_" + name + ".csv"));
            assertThat(rows(built)).isEqualTo(rows.subList(1, rows.size()));
            assertThat(rows(built)).isEqualTo(rows(GenomeReference.file("windows_" + name + ".db")));
        }
    }

    @Test
    void file_hasTheOriginalsTablesAndNoOthers() throws IOException {
        Path built = build("a", 300);

        try (Database ours = Database.open(built, Access.READ);
                Database original = Database.open(GenomeReference.file("windows_W128_S100_T0.db"), Access.READ)) {
            assertThat(schema(ours)).isEqualTo(schema(original));
            assertThat(ours.queryText("PRAGMA integrity_check")).isEqualTo("ok");
            assertThat(ours.queryText("PRAGMA journal_mode")).isEqualTo("delete");
        }
    }

    @Test
    void contigs_areOrderedByTheirBytes() throws IOException {
        // Java's own order puts U+FF5E before the character beyond the basic plane, as UTF-16 has it as surrogates.
        List<String> names =
                List.of("b", "a\u00e9", "aZ", "a", "\uff5e", new String(Character.toChars(0x10000)), "B", "a-");
        List<ContigLength> contigs =
                names.stream().map(name -> new ContigLength(name, 10)).toList();

        Path built = folder.resolve("w.db");
        builder(contigs, WindowGeometry.of(8, 8, 0)).setOutput(built).build();

        List<String> expected = names.stream()
                .sorted((x, y) -> java.util.Arrays.compareUnsigned(
                        x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)))
                .toList();
        assertThat(rows(built)).hasSize(names.size());
        for (int i = 0; i < names.size(); i++) {
            assertThat(rows(built).get(i)).isEqualTo(i + "," + expected.get(i) + ",0");
        }
    }

    @Test
    void contigOfManyWindows_hasThemAllInOrder() throws IOException {
        // More than one statement's worth of windows.
        Path built = folder.resolve("w.db");
        WindowIndexReport report = builder(
                        List.of(new ContigLength("a", 200_001), new ContigLength("b", 3)), WindowGeometry.of(3, 2, 0))
                .setOutput(built)
                .build();

        assertThat(report.windows()).isEqualTo(100_001);
        try (Database database = Database.open(built, Access.READ)) {
            assertThat(database.queryLong("SELECT count(*) FROM window_mappings WHERE sequence_id = 'a'"
                            + " AND window_idx = window_in_seq_idx"))
                    .isEqualTo(100_000);
            assertThat(database.queryText(
                            "SELECT sequence_id || window_in_seq_idx FROM window_mappings WHERE window_idx = 100000"))
                    .isEqualTo("b0");
        }
    }

    @Test
    void contigGivenTwice_isRefusedWithBothPlaces() {
        List<ContigLength> contigs =
                List.of(new ContigLength("x", 5), new ContigLength("y", 6), new ContigLength("x", 5));
        Path built = folder.resolve("w.db");

        assertThatThrownBy(() -> builder(contigs, WindowGeometry.of(4, 4, 0))
                        .setOutput(built)
                        .build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("'x' twice (test, row 1 and test, row 3)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void lengthsThatNoneHas_andMissingNames_areRefused() {
        for (ContigLength wrong :
                List.of(new ContigLength("x", -1), new ContigLength("x", Long.MAX_VALUE), new ContigLength("", 3))) {
            assertThatThrownBy(() -> builder(List.of(wrong), WindowGeometry.of(4, 4, 0))
                            .setOutput(folder.resolve("w.db"))
                            .build())
                    .isInstanceOf(RejectedInputException.class)
                    .hasMessageContaining("test, row 1");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void splitWithoutWindows_isAnErrorUnlessAllowed() throws IOException {
        Path built = folder.resolve("w.db");
        WindowIndexBuilder pruned = builder(List.of(new ContigLength("x", 90)), WindowGeometry.of(100, 50, 100));

        assertThatThrownBy(() -> pruned.setOutput(built).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("--allow-empty");
        assertThatThrownBy(() -> builder(List.of(new ContigLength("x", 500)), WindowGeometry.of(100, 50, 101))
                        .setOutput(built)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most the window size 100, found 101");
        assertThat(folder).isEmptyDirectory();

        WindowIndexReport report = pruned.optAllowEmpty(true).build();
        assertThat(report.windows()).isZero();
        assertThat(report.skippedContigs()).isEqualTo(1);
        assertThat(report.skippedWindows()).isEqualTo(1);
        assertThat(report.lostBases()).isEqualTo(90);
        assertThat(metadata(built)).containsEntry("total_windows", 0L).containsEntry("distinct_sequences", 0L);
    }

    @Test
    void existingFile_isKeptUnlessForced() throws IOException {
        Path built = build("a", 300);
        byte[] before = Files.readAllBytes(built);

        assertThat(builder(List.of(new ContigLength("a", 300)), WindowGeometry.of(128, 100, 0))
                        .setOutput(built)
                        .build()
                        .upToDate())
                .isTrue();
        assertThatThrownBy(() -> builder(List.of(new ContigLength("a", 301)), WindowGeometry.of(128, 100, 0))
                        .setOutput(built)
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("--force");
        assertThatThrownBy(() -> builder(List.of(new ContigLength("a", 300)), WindowGeometry.of(128, 101, 0))
                        .setOutput(built)
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("stride=100");
        assertThat(built).hasBinaryContent(before);

        builder(List.of(new ContigLength("b", 129)), WindowGeometry.of(128, 1, 0))
                .setOutput(built)
                .optForce(true)
                .build();
        assertThat(rows(built)).containsExactly("0,b,0", "1,b,1");
    }

    @Test
    void fileOfAnotherKind_isNeverReplaced() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.txt"), "not to be lost");
        for (boolean force : new boolean[] {false, true}) {
            assertThatThrownBy(() -> builder(List.of(new ContigLength("a", 300)), WindowGeometry.of(128, 100, 0))
                            .setOutput(text)
                            .optForce(force)
                            .build())
                    .isInstanceOf(OutdatedDatabaseException.class)
                    .hasMessageContaining("notes.txt");
        }
        assertThat(text).hasContent("not to be lost");
    }

    @Test
    void failureInTheMiddle_leavesTheOldFile() throws IOException {
        Path built = build("a", 300);
        byte[] before = Files.readAllBytes(built);
        ContigLengths failing = new ContigLengths() {
            @Override
            public void forEach(Sink sink) throws IOException {
                sink.add("a", 500, 1);
                throw new IOException("the disk went away");
            }

            @Override
            public String description() {
                return "failing";
            }
        };

        assertThatThrownBy(() -> new WindowIndexBuilder()
                        .setGeometry(WindowGeometry.of(128, 100, 0))
                        .setContigs(failing)
                        .setOutput(built)
                        .optForce(true)
                        .build())
                .isInstanceOf(IOException.class);
        assertThat(built).hasBinaryContent(before);
        assertThat(folder.toFile().list()).containsExactly("windows.db");
    }

    /** What the original asks of a file of windows, in Python's own SQLite. */
    @Test
    void pythonsQueries_ofTheOriginal_findOurWindows() throws Exception {
        assumeTrue(hasPython(), "python3 is not here");
        Path built = build("BCR__EXT-S1__CT1-1", 300);
        String script = """
                import sqlite3, sys
                c = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
                print(c.execute("SELECT name FROM sqlite_master WHERE type='table' AND name='metadata'").fetchone()[0])
                m = dict(c.execute("SELECT key, value FROM metadata").fetchall())
                print([m[k] for k in ("window_size", "stride", "window_min_length_threshold", "total_windows",
                                      "distinct_sequences")], all(type(v) is int for v in m.values()))
                print(c.execute("SELECT COUNT(*), COUNT(DISTINCT sequence_id) FROM window_mappings").fetchone())
                print(c.execute("SELECT sequence_id, window_in_seq_idx FROM window_mappings WHERE window_idx = ?",
                                (1,)).fetchone())
                print(c.execute("SELECT DISTINCT sequence_id FROM window_mappings").fetchall())
                print(c.execute("PRAGMA integrity_check").fetchone()[0])
                """;
        Process python = new ProcessBuilder("python3", "-c", script, built.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(python.waitFor()).as(said).isZero();
        assertThat(said.lines())
                .containsExactly(
                        "metadata",
                        "[128, 100, 0, 2, 1] True",
                        "(2, 1)",
                        "('BCR__EXT-S1__CT1-1', 1)",
                        "[('BCR__EXT-S1__CT1-1',)]",
                        "ok");
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import sqlite3").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Path build(String contigId, long length) throws IOException {
        Path built = folder.resolve("windows.db");
        builder(List.of(new ContigLength(contigId, length)), WindowGeometry.of(128, 100, 0))
                .setOutput(built)
                .build();
        return built;
    }

    private static WindowIndexBuilder builder(List<ContigLength> contigs, WindowGeometry geometry) {
        return new WindowIndexBuilder().setGeometry(geometry).setContigs(ContigLengths.of("test", contigs));
    }

    private static Map<String, Long> metadata(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return WindowDatabase.metadata(database);
        }
    }

    static List<String> rows(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.read("Cannot read", connection -> {
                List<String> found = new ArrayList<>();
                try (PreparedStatement select = connection.prepareStatement("SELECT window_idx, sequence_id,"
                                + " window_in_seq_idx FROM window_mappings ORDER BY window_idx");
                        ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        found.add(row.getLong(1) + "," + row.getString(2) + "," + row.getLong(3));
                    }
                }
                return found;
            });
        }
    }

    private static List<String> schema(Database database) {
        return database.read("Cannot read", connection -> {
            List<String> found = new ArrayList<>();
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT type, name, coalesce(sql, '') FROM sqlite_schema");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(row.getString(1) + " " + row.getString(2) + " "
                            + row.getString(3).replaceAll("\\s+", " "));
                }
            }
            return found;
        });
    }
}
