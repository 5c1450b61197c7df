package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said when windows, sequences and configuration do not fit together, or are damaged. */
class WindowChecksTest {
    private static final int SIZE = 512;
    private static final int STRIDE = 400;

    @TempDir
    Path folder;

    private Path store = Path.of("");
    private Path sharded = Path.of("");
    private Path windows = Path.of("");
    private Map<String, String> contigs = Map.of();

    @BeforeEach
    void write() throws IOException {
        contigs = GenomeFixture.contigs(1, 600, 5_000, 40_000, 100, 16_384);
        WindowGeometry geometry = WindowGeometry.of(SIZE, STRIDE, 0);
        store = GenomeFixture.store(folder.resolve("store.db"), contigs, geometry);
        sharded = GenomeFixture.sharded(folder.resolve("samples"), contigs);
        windows = GenomeFixture.windows(folder.resolve("windows.db"), contigs, geometry);
    }

    @Test
    void open_otherSizeStrideAndThreshold_saysAllOfItAtOnce() {
        assertOpen(sharded, windows, 256, 300, 64)
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("window_size=512, stride=400")
                .hasMessageContaining("configured with window_size=256, stride=300")
                .hasMessageContaining("window_min_length_threshold=0")
                .hasMessageContaining("window_min_length_threshold=64")
                .hasMessageContaining(windows.toString());
        assertOpen(store, null, 256, 300, 64)
                .hasMessageContaining("window_size=512, stride=400")
                .hasMessageContaining("window_min_length_threshold=64");
    }

    @Test
    void open_prunedWindowsWithoutThreshold_saysHow() {
        Path pruned = GenomeFixture.windows(folder.resolve("pruned.db"), contigs, WindowGeometry.of(SIZE, STRIDE, 128));
        assertOpen(sharded, pruned, SIZE, STRIDE, 0)
                .hasMessageContaining("pruned")
                .hasMessageContaining("window_min_length_threshold=128")
                .hasMessageContaining("--window-min-length-threshold");
        assertOpen(sharded, pruned, SIZE, STRIDE, 64)
                .hasMessageContaining("window_min_length_threshold=128")
                .hasMessageContaining("window_min_length_threshold=64");
        try (WindowSource same = open(sharded, pruned, SIZE, STRIDE, 128);
                WindowSource any = open(sharded, pruned, SIZE, 0, -1)) {
            assertThat(same.size()).isEqualTo(any.size());
        }
    }

    @Test
    void open_missingKeysTablesOrFiles_namesThem() throws IOException {
        change(windows, "DELETE FROM metadata WHERE key IN ('total_windows', 'distinct_sequences')");
        assertOpen(sharded, windows, SIZE, STRIDE, 0)
                .hasMessageContaining("total_windows and distinct_sequences")
                .hasMessageContaining("not finished");
        change(windows, "DELETE FROM metadata WHERE key = 'stride'");
        assertOpen(sharded, windows, SIZE, STRIDE, 0).hasMessageContaining("expected the keys stride");
        change(windows, "UPDATE metadata SET value = 'many' WHERE key = 'window_size'");
        assertOpen(sharded, windows, SIZE, STRIDE, 0)
                .hasMessageContaining("window_size")
                .hasMessageContaining("text");
        change(windows, "DROP TABLE metadata");
        assertOpen(sharded, windows, SIZE, STRIDE, 0)
                .hasMessageContaining("metadata")
                .hasMessageContaining(windows.toString());

        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertOpen(empty, folder.resolve("none.db"), SIZE, STRIDE, 0)
                .hasMessageContaining("No SQLite files found in " + empty)
                .hasMessageContaining("none.db");
        assertOpen(sharded, null, SIZE, STRIDE, 0).hasMessageContaining("expected a window database");
        assertThatThrownBy(() -> WindowSource.open(options(store, null, Split.TRAIN, SIZE, STRIDE, 0)))
                .hasMessageContaining("'train'")
                .hasMessageContaining("[all]");
    }

    @Test
    void open_foreignFiles_namesThem() throws IOException {
        Path text = Files.writeString(folder.resolve("text.db"), "no database ".repeat(500));
        assertOpen(sharded, text, SIZE, STRIDE, 0)
                .isInstanceOf(CorruptDatabaseException.class)
                .hasMessageContaining(text.toString());
        assertOpen(text, null, SIZE, STRIDE, 0).hasMessageContaining(text.toString());
        assertOpen(windows, null, SIZE, STRIDE, 0)
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining(windows.toString());
        Path sample = sharded.resolve("S0").resolve("glm_dataset_S0.sqlite");
        change(sample, "DROP TABLE sequences");
        assertOpen(sharded, windows, SIZE, STRIDE, 0)
                .hasMessageContaining("sequences")
                .hasMessageContaining(sample.toString());
        Files.writeString(sample, "no database ".repeat(500));
        assertOpen(sharded, windows, SIZE, STRIDE, 0).hasMessageContaining(sample.toString());
    }

    @Test
    void open_contigsMissingOrOfOtherLength_listsThem() {
        change(
                windows,
                "UPDATE window_mappings SET sequence_id = 'BCR__EXT-S0__CT1-none' WHERE window_idx = 0",
                "UPDATE window_mappings SET sequence_id = 'BCR__EXT-S7__CT1-001' WHERE window_idx = 1");
        for (Path sequences : new Path[] {store, sharded}) {
            assertOpen(sequences, windows, SIZE, STRIDE, 0)
                    .hasMessageContaining("2 contigs")
                    .hasMessageContaining("CT1-none")
                    .hasMessageContaining("S7")
                    .hasMessageContaining(windows.toString());
        }
        assertOpen(sharded, windows, SIZE, STRIDE, 0)
                .hasMessageContaining("2 other samples")
                .hasMessageContaining("nearest is S")
                .hasMessageContaining(
                        "CT1-none of sample S0 (" + sharded.resolve("S0").resolve("glm_dataset_S0.sqlite") + ")");
        assertOpen(store, windows, SIZE, STRIDE, 0).hasMessageContaining("not in " + store);
    }

    @Test
    void open_contigShorterThanItsWindows_isRefused() {
        Path sample = sharded.resolve("S0").resolve("glm_dataset_S0.sqlite");
        change(
                sample,
                "UPDATE sequences SET nt_sequence = substr(nt_sequence, 1, 3000) WHERE length(nt_sequence) > 3000");
        assertOpen(sharded, windows, SIZE, STRIDE, 0)
                .hasMessageContaining("3000 bases: 7 windows, listed 99")
                .hasMessageContaining("another length");
    }

    @Test
    void read_contigChangedMeanwhile_isAnErrorNotPadding() {
        try (WindowSource source = open(sharded, windows, SIZE, STRIDE, 0);
                RowReader<Window> reader = source.openReader()) {
            Path sample = sharded.resolve("S0").resolve("glm_dataset_S0.sqlite");
            change(sample, "UPDATE sequences SET nt_sequence = 'ACGT'");
            assertThatThrownBy(() -> reader.read(all(source)))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("found a contig of 4 bases with 1 windows");
            change(sample, "UPDATE sequences SET nt_sequence = 'ACGÉ'");
            assertThatThrownBy(() -> reader.read(all(source))).isInstanceOf(CorruptDatabaseException.class);
            change(sample, "DELETE FROM sequences");
            assertThatThrownBy(() -> reader.read(all(source)))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("sample S0")
                    .hasMessageContaining("BCR__EXT-S0__CT1-")
                    .hasMessageContaining(sample.toString());
        }
    }

    @Test
    void read_damagedStoreRows_areNamed() {
        String[] damages = {
            "UPDATE chunks SET bases = CAST(replace(CAST(bases AS TEXT), 'AC', 'CA') AS BLOB) WHERE chunk_id = 2",
            "UPDATE chunks SET row_crc = row_crc + 1 WHERE chunk_id = 3",
            "DELETE FROM chunks WHERE chunk_id = 3",
            "UPDATE contigs SET length = length - 1 WHERE seq_id = 1",
            "UPDATE contigs SET first_chunk = first_chunk + 1 WHERE seq_id = 1",
        };
        for (int i = 0; i < damages.length; i++) {
            Path own = GenomeFixture.store(
                    folder.resolve("damaged" + i + ".db"), contigs, WindowGeometry.of(SIZE, STRIDE, 0));
            change(own, damages[i]);
            assertThatThrownBy(() -> {
                        try (WindowSource source = open(own, null, SIZE, STRIDE, 0);
                                RowReader<Window> reader = source.openReader()) {
                            reader.read(all(source));
                        }
                    })
                    .as(damages[i])
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining(own.toString());
        }
    }

    @Test
    void digest_otherContentOrFormat_differs() {
        try (WindowSource one = open(store, null, SIZE, STRIDE, 0);
                WindowSource again = open(store, null, SIZE, STRIDE, 0);
                WindowSource other = WindowSource.open(WindowSource.Options.of(
                        store,
                        null,
                        Split.ALL,
                        WindowFormat.builder(SIZE).optIncludeBos(false).build(),
                        STRIDE,
                        0))) {
            assertThat(one.digest()).isEqualTo(again.digest()).isNotEqualTo(other.digest());
        }
    }

    private static long[] all(WindowSource source) {
        return source.ids();
    }

    private static void change(Path file, String... statements) {
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute(statements);
        }
    }

    private static AbstractThrowableAssert<?, ?> assertOpen(
            Path sequences, @Nullable Path windows, int size, int stride, int minLength) {
        return assertThatThrownBy(
                () -> open(sequences, windows, size, stride, minLength).close());
    }

    private static WindowSource open(Path sequences, @Nullable Path windows, int size, int stride, int minLength) {
        return WindowSource.open(options(sequences, windows, Split.ALL, size, stride, minLength));
    }

    private static WindowSource.Options options(
            Path sequences, @Nullable Path windows, Split split, int size, int stride, int minLength) {
        return WindowSource.Options.of(
                sequences, windows, split, WindowFormat.builder(size).build(), stride, minLength);
    }
}
