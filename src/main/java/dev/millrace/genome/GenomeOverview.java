package dev.millrace.genome;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is in a genome store, in a folder of the original's files of samples, or in a file of windows. Immutable.
 *
 * @param layout {@code store}, {@code sharded} or {@code windows}
 * @param contigs contigs; for a file of windows, those with windows
 * @param samples samples; 0 for a file of windows
 * @param composition bases by letter; null for a file of windows, which has none
 * @param lengths contigs by length; empty for a file of windows
 * @param windows the sets of windows
 * @param info what the file says about itself: {@code dataset_info} or {@code metadata}
 */
public record GenomeOverview(
        String layout,
        long contigs,
        long samples,
        @Nullable Composition composition,
        List<LengthHistogram.Bin> lengths,
        List<Windows> windows,
        Map<String, String> info) {
    private static final String SET_CONTIGS = """
            SELECT contigs.length, window_contigs.windows
            FROM window_contigs
            JOIN contigs ON contigs.seq_id = window_contigs.seq_id
            WHERE window_contigs.set_id = ?
            ORDER BY window_contigs.first_window""";

    public GenomeOverview {
        lengths = List.copyOf(lengths);
        windows = List.copyOf(windows);
        info = new TreeMap<>(info);
    }

    /**
     * One set of windows.
     *
     * @param split of which split; empty for a file of windows
     * @param geometry where they lie
     * @param totalWindows how many there are
     * @param distinctSequences contigs with windows
     * @param lostBases bases of those contigs that are in no window; −1 where lengths are not known
     */
    public record Windows(
            String split, WindowGeometry geometry, long totalWindows, long distinctSequences, long lostBases) {}

    /**
     * Looks at a store, a folder or a file of windows. A store is looked at in moments; all bases of a folder are read.
     *
     * @throws IllegalArgumentException if it is neither
     * @throws dev.millrace.sqlite.DatabaseException if it is damaged or cannot be read
     */
    public static GenomeOverview read(Path path) throws IOException {
        if (java.nio.file.Files.isDirectory(path)) {
            return ofFolder(ShardedFolder.open(path));
        }
        return GenomeStore.isStore(path) ? ofStore(path) : ofWindows(path);
    }

    private static GenomeOverview ofStore(Path file) throws IOException {
        try (GenomeStore store = GenomeStore.open(file)) {
            Map<String, String> info = store.info();
            LengthHistogram lengths = new LengthHistogram();
            long[] contigs = new long[1];
            store.forEachContig(contig -> {
                lengths.add(contig.length());
                contigs[0]++;
            });
            List<Windows> windows = new ArrayList<>();
            for (WindowSet set : WindowSet.all(store.database())) {
                windows.add(new Windows(
                        set.split(),
                        set.geometry(),
                        set.totalWindows(),
                        set.distinctSequences(),
                        lostBases(store.database(), set)));
            }
            return new GenomeOverview(
                    "store",
                    contigs[0],
                    store.database().queryLong("SELECT count(DISTINCT sample_id) FROM contigs"),
                    Composition.parse(info.getOrDefault(GenomeStoreWriter.COMPOSITION, "")),
                    lengths.bins(),
                    windows,
                    info);
        }
    }

    private static long lostBases(Database store, WindowSet set) {
        return store.read("Cannot read window_contigs", connection -> {
            long lost = 0;
            try (PreparedStatement select = connection.prepareStatement(SET_CONTIGS)) {
                select.setLong(1, set.setId());
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        long length = row.getLong(1);
                        lost += length
                                - WindowTotals.covered(
                                        set.geometry(),
                                        length,
                                        row.getLong(2),
                                        set.geometry().windowSize());
                    }
                }
            }
            return lost;
        });
    }

    private static GenomeOverview ofFolder(ShardedFolder folder) throws IOException {
        LengthHistogram lengths = new LengthHistogram();
        long[] letters = new long[256];
        long[] contigs = new long[1];
        for (Path file : folder.files().values()) {
            try (ShardedFile sample = ShardedFile.open(file)) {
                sample.forEach((contigId, bases) -> {
                    lengths.add(bases.length);
                    contigs[0]++;
                    for (byte base : bases) {
                        letters[base & 0xFF]++;
                    }
                });
            }
        }
        return new GenomeOverview(
                "sharded",
                contigs[0],
                folder.files().size(),
                Composition.of(letters),
                lengths.bins(),
                List.of(),
                Map.of());
    }

    private static GenomeOverview ofWindows(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            WindowFile windows = WindowFile.of(database);
            Map<String, String> info = new TreeMap<>();
            WindowDatabase.metadata(database).forEach((key, value) -> info.put(key, String.valueOf(value)));
            return new GenomeOverview(
                    "windows",
                    windows.distinctSequences(),
                    0,
                    null,
                    List.of(),
                    List.of(new Windows(
                            "", windows.geometry(), windows.totalWindows(), windows.distinctSequences(), -1)),
                    info);
        }
    }
}
