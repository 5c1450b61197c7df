package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit together is found and named: bases, samples, windows. */
final class GenomeVerificationTest {
    private static final Path REFERENCE = Path.of("../shared/data/genome/reference");

    @TempDir
    Path folder;

    @Test
    void reference_ofTheOriginal_isSoundInBothLayouts() throws Exception {
        assumeTrue(Files.isDirectory(REFERENCE), "reference data is not here");
        Path sharded = REFERENCE.resolve("sequence_db_dir");
        Path store = folder.resolve("store.db");
        new GenomeConvert(state -> {}).fromSharded(sharded, store, false);
        List<Path> windows = List.of(
                REFERENCE.resolve("windows_W128_S100_T128.db"),
                REFERENCE.resolve("windows_W8192_S7992_T0.db"),
                REFERENCE.resolve("windows_W8192_S7992_T10000.db"));

        GenomeVerification ofStore = GenomeVerification.verify(store, windows, state -> {});
        GenomeVerification ofFolder = GenomeVerification.verify(sharded, windows, state -> {});

        assertThat(ofStore.faults()).isEmpty();
        assertThat(ofFolder).isEqualTo(ofStore);
        assertThat(ofStore.windows()).isEqualTo(1_289 + 25);
    }

    @Test
    void windows_thatAreNotThoseOfTheContigs_areNamed() throws Exception {
        Path store = store();
        Path windows = folder.resolve("w.db");
        try (Database database = Database.open(windows, Access.BUILD)) {
            database.execute(
                    WindowDatabase.METADATA,
                    WindowDatabase.WINDOW_MAPPINGS,
                    "INSERT INTO metadata VALUES ('window_size', 10), ('stride', 10), ('total_windows', 9),"
                            + " ('distinct_sequences', 3)",
                    "INSERT INTO window_mappings VALUES (0, 'b', 0), (1, 'b', 2), (3, 'a', 0), (4, 'nobody', 0)");
        }

        GenomeVerification found = GenomeVerification.verify(store, List.of(windows), state -> {});

        assertThat(found.faults())
                .anyMatch(fault -> fault.contains("window_in_seq_idx of window 1: expected 1, found 2"))
                .anyMatch(fault -> fault.contains("window_idx: expected 2, found 3"))
                .anyMatch(fault -> fault.contains("found a after b"))
                .anyMatch(fault -> fault.contains("Windows of contig b: expected 3 for 30 bases, found 2"))
                .anyMatch(fault -> fault.contains("Contig nobody has 1 windows, but is not"))
                .anyMatch(fault -> fault.contains("expected total_windows 9, found 5"))
                .allMatch(fault -> fault.contains("w.db"));
    }

    @Test
    void windows_ofAFileThatIsNone_areAFault() throws Exception {
        Path store = store();
        Path text = Files.writeString(folder.resolve("text.db"), "no database at all, but long enough".repeat(50));

        assertThat(GenomeVerification.verify(store, List.of(text), state -> {}).faults())
                .singleElement()
                .asString()
                .contains("text.db");
        assertThatThrownBy(() -> GenomeOverview.read(store.resolveSibling("text.db")))
                .hasMessageContaining("text.db");
    }

    @Test
    void contig_whoseBasesOrRowsChanged_isNamed() throws Exception {
        Path store = store();
        try (Database database = Database.open(store, Access.BUILD)) {
            database.execute("UPDATE chunks SET bases = CAST('CCCC' AS BLOB) WHERE chunk_id = 1");
            database.execute("INSERT INTO chunks VALUES (99, x'41', 0)");
        }

        GenomeVerification found = GenomeVerification.verify(store, List.of(), state -> {});

        assertThat(found.isSound()).isFalse();
        assertThat(found.faults())
                .anyMatch(fault -> fault.contains("chunk_id=1 of contig b"))
                .anyMatch(fault -> fault.contains("expected 2 rows for all contigs, found 3"));
    }

    @Test
    void contig_inAnothersFile_isWhereNobodyLooks() throws Exception {
        ShardedWriter.write(folder, "S1", Map.of("A__B-S2__1", new byte[] {'A'}));
        ShardedWriter.write(folder, "S2", Map.of("odd", new byte[] {'A'}));

        assertThat(GenomeVerification.verify(folder, List.of(), state -> {}).faults())
                .anyMatch(fault -> fault.contains("A__B-S2__1") && fault.contains("in sample S2, found in S1"))
                .anyMatch(fault -> fault.contains("'odd'"));
    }

    @Test
    void overview_ofAStore_countsLettersAndLengths() throws Exception {
        GenomeOverview overview = GenomeOverview.read(store());

        assertThat(overview.contigs()).isEqualTo(2);
        Composition letters = java.util.Objects.requireNonNull(overview.composition());
        assertThat(letters.total()).isEqualTo(45);
        assertThat(letters.unknown()).isEqualTo(5);
        assertThat(letters.lower()).isEqualTo(10);
        assertThat(letters.other()).isEqualTo(10);
        assertThat(overview.lengths())
                .containsExactly(new LengthHistogram.Bin(10, 19, 1, 15), new LengthHistogram.Bin(20, 49, 1, 30));
    }

    private Path store() throws IOException {
        Path file = folder.resolve("store.db");
        byte[] bases = new byte[30];
        Arrays.fill(bases, 0, 15, (byte) 'A');
        Arrays.fill(bases, 15, 20, (byte) 'N');
        Arrays.fill(bases, 20, 30, (byte) 'r');
        byte[] other = new byte[15];
        Arrays.fill(other, (byte) 'G');
        try (GenomeStoreWriter writer = GenomeStoreWriter.begin(file)) {
            writer.add("b", "S", bases);
            writer.add("a", "S", other);
            writer.publish();
        }
        return file;
    }
}
