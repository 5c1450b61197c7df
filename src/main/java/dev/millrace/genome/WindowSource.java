package dev.millrace.genome;

import dev.millrace.Internal;
import dev.millrace.batch.RowReader;
import dev.millrace.batch.RowSource;
import dev.millrace.batch.SampleTables;
import dev.millrace.batch.Split;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The windows of one split: of a store by its own index, of a store by a window database, or of a sharded folder by a window
 * database. A window is the same from each of them. Ids are positions: {@code window_idx}, from 0.
 *
 * <p>Thread-safe; who opens it closes it, after its readers. Memory does not depend on the number of windows or contigs.
 */
@Internal
public final class WindowSource implements RowSource<Window> {
    /** Sample files of a sharded folder that are open at a time, if not said otherwise. */
    static final int DEFAULT_SAMPLE_CONNECTIONS = 64;

    /** Bases of a contig from which on a sharded folder is slow enough to say so. */
    static final long LONG_CONTIG = 2_000_000;

    /* The index of a store has a row per contig. Plan: SEARCH of window_contigs by set_id, of contigs by INTEGER PRIMARY KEY. */
    private static final String WINDOWS_OF_A_STORE = """
            window_numbers(window_idx, seq_id, window_in_seq_idx, windows) AS (
              SELECT first_window, seq_id, 0, windows FROM window_contigs WHERE set_id = %d
              UNION ALL
              SELECT window_idx + 1, seq_id, window_in_seq_idx + 1, windows FROM window_numbers
              WHERE window_in_seq_idx + 1 < windows
            ),
            window_mappings(window_idx, sequence_id, window_in_seq_idx) AS (
              SELECT n.window_idx, c.contig_id, n.window_in_seq_idx
              FROM window_numbers AS n CROSS JOIN contigs AS c ON c.seq_id = n.seq_id
            )""";

    private static final Logger LOG = LoggerFactory.getLogger(WindowSource.class);

    private final ReadPool pool;
    private final WindowTable table;
    private final Options options;
    private final String digest;
    private final @Nullable ShardedFolder sharded;
    private final SampleConnections connections;
    private final SequenceCache<String> cache;

    private WindowSource(
            ReadPool pool,
            WindowTable table,
            Options options,
            String digest,
            @Nullable ShardedFolder sharded,
            SampleConnections connections) {
        this.pool = pool;
        this.table = table;
        this.options = options;
        this.digest = digest;
        this.sharded = sharded;
        this.connections = connections;
        this.cache = new SequenceCache<>(options.cacheBytes);
    }

    /**
     * What to open.
     *
     * @param sequences a store, or a sharded folder
     * @param windows a window database; null for the windows of the store itself
     * @param split which windows of the store itself
     * @param format how windows become tokens; windows of another size are refused
     * @param stride bases between starts of windows; others are refused; 0 takes what the windows have
     * @param minLength the threshold; other windows are refused; −1 takes what the windows have
     * @param readers most readers at a time
     * @param mapped whether to read through mmap
     * @param sampleConnections sample files open at a time
     * @param cacheBytes contigs of a sharded folder to keep in memory; 0 keeps none
     */
    public record Options(
            Path sequences,
            @Nullable Path windows,
            Split split,
            WindowFormat format,
            int stride,
            int minLength,
            int readers,
            boolean mapped,
            int sampleConnections,
            long cacheBytes) {
        /** With few readers, no mmap, no cache. */
        public static Options of(
                Path sequences, @Nullable Path windows, Split split, WindowFormat format, int stride, int minLength) {
            return new Options(
                    sequences, windows, split, format, stride, minLength, 4, false, DEFAULT_SAMPLE_CONNECTIONS, 0);
        }

        private Access access() {
            return mapped ? Access.READ_MAPPED : Access.READ;
        }
    }

    /**
     * Opens sequences and windows, and compares them with each other and with what was configured.
     *
     * @throws SchemaMismatchException telling everything that does not fit together
     * @throws dev.millrace.sqlite.DatabaseException if a file cannot be read
     */
    public static WindowSource open(Options options) {
        List<String> faults = new ArrayList<>();
        boolean folder = Files.isDirectory(options.sequences);
        if (!folder && !Files.isRegularFile(options.sequences)) {
            faults.add("Sequences: expected a genome store or a folder of samples, found nothing at "
                    + options.sequences + ".");
        }
        if (options.windows != null && !Files.isRegularFile(options.windows)) {
            faults.add("Windows: expected a window database, found none at " + options.windows
                    + ". Make it with 'millrace genome precompute'.");
        }
        if (folder && options.windows == null) {
            faults.add("Windows: expected a window database for the sharded folder " + options.sequences
                    + ", found none given. Make it with 'millrace genome precompute'.");
        }
        ShardedFolder sharded = null;
        if (folder) {
            try {
                sharded = ShardedFolder.open(options.sequences);
            } catch (IllegalArgumentException e) {
                faults.add(e.getMessage());
            } catch (IOException e) {
                faults.add("Sequences: cannot list " + options.sequences + ": " + e.getMessage());
            }
        }
        Path main = folder ? options.windows : options.sequences;
        if (main == null
                || !Files.isRegularFile(main)
                || (options.windows != null && !Files.isRegularFile(options.windows))) {
            throw unfit(faults, options.sequences);
        }
        ReadPool pool = new ReadPool(main, options.access(), options.readers);
        SampleConnections connections =
                new SampleConnections(options.access(), Math.max(options.readers, options.sampleConnections));
        try {
            return open(options, pool, sharded, connections, faults);
        } catch (RuntimeException | Error e) {
            connections.close();
            pool.close();
            throw e;
        }
    }

    private static WindowSource open(
            Options options,
            ReadPool pool,
            @Nullable ShardedFolder sharded,
            SampleConnections connections,
            List<String> faults) {
        WindowTable.Expected expected =
                new WindowTable.Expected(options.format.windowSize(), options.stride, options.minLength);
        try (ReadPool.Lease lease = pool.lease()) {
            Database database = lease.database();
            if (!Files.isDirectory(options.sequences)) {
                GenomeSchema.SCHEMA.check(database);
            }
            WindowTable table;
            if (options.windows == null) {
                table = WindowTable.ofStore(database, options.split.id(), expected, faults);
            } else {
                try (Database windows = Database.open(options.windows, Access.READ)) {
                    table = WindowTable.ofDatabase(windows, expected, faults);
                }
            }
            if (table == null || !faults.isEmpty()) {
                throw unfit(faults, options.windows == null ? options.sequences : options.windows);
            }
            if (table.windows() > Integer.MAX_VALUE) {
                throw unfit(
                        List.of("Expected at most " + Integer.MAX_VALUE + " windows, found " + table.windows() + " ("
                                + table.file() + "). Divide the split."),
                        table.file());
            }
            WindowChecks checks = new WindowChecks(table);
            faults.addAll(compare(options, database, sharded, connections, checks));
            if (!faults.isEmpty()) {
                throw unfit(faults, table.file());
            }
            if (sharded != null && checks.longest() > LONG_CONTIG) {
                LOG.warn(
                        "{} has a contig of {} Mb: SQLite reads all of it for any window. 'millrace genome convert' makes a"
                                + " store, in which the length of a contig costs nothing.",
                        sharded.folder(),
                        checks.longest() / 1_000_000);
            }
            String content = sharded == null ? content(database) : "sharded";
            String digest = content + " " + table.geometry() + " windows=" + table.windows() + ":" + checks.digest()
                    + " " + options.format;
            return new WindowSource(pool, table, options, digest, sharded, connections);
        }
    }

    private static List<String> compare(
            Options options,
            Database database,
            @Nullable ShardedFolder sharded,
            SampleConnections connections,
            WindowChecks checks) {
        if (options.windows == null) {
            return checks.own(database);
        }
        if (sharded == null) {
            try (Database windows = Database.open(options.windows, Access.READ)) {
                return checks.others(
                        windows, database.file(), null, (any, contigs) -> WindowChecks.stored(database, contigs));
            }
        }
        return checks.others(database, sharded.folder(), sharded, (sample, contigs) -> {
            try (SampleConnections.Lease lease = connections.lease(sharded.fileOf(contigs.get(0)))) {
                return lengths(lease.database(), contigs);
            }
        });
    }

    private static Map<String, Long> lengths(Database sample, List<String> contigs) {
        if (!WindowTable.hasTable(sample, "sequences")) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_TABLES,
                    "Could not find the table sequences in " + sample.file()
                            + ": expected the sequences of a sample. Import them again.",
                    sample.file());
        }
        return WindowChecks.sharded(sample, contigs);
    }

    /* What the manifest says of contigs and chunks: splits and windows that are added later do not change it. */
    private static String content(Database store) {
        return store.read("Cannot read the manifest", connection -> {
            StringBuilder content = new StringBuilder("genome");
            try (PreparedStatement select = connection.prepareStatement("""
                            SELECT table_name, row_count, digest FROM manifest
                            WHERE table_name IN ('contigs', 'chunks') ORDER BY table_name""");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    content.append(' ').append(row.getLong(2)).append(':').append(Long.toHexString(row.getLong(3)));
                }
            }
            return content.toString();
        });
    }

    static SchemaMismatchException unfit(List<String> faults, Path file) {
        String message = faults.size() == 1
                ? faults.get(0)
                : faults.size() + " things do not fit:\n- " + String.join("\n- ", faults);
        return new SchemaMismatchException(SchemaMismatchException.Kind.OTHER_SETTINGS, message, file);
    }

    /** Where the windows lie in their contigs. */
    WindowGeometry geometry() {
        return table.geometry();
    }

    /** How many windows there are. */
    @Override
    public int size() {
        return (int) table.windows();
    }

    /** Contigs with windows. */
    long contigs() {
        return table.contigs();
    }

    @Override
    public long id(int position) {
        WindowIds.requireInside(position, table.windows(), table.file());
        return position;
    }

    /** Made when asked for: all numbers from 0. */
    @Override
    public long[] ids() {
        return java.util.stream.LongStream.range(0, size()).toArray();
    }

    /** Windows are called the same wherever they lie: {@code window_mappings}, as the original's file has them. */
    @Override
    public SampleTables tables() {
        return new SampleTables(
                () -> {
                    ReadPool.Lease lease = pool.lease();
                    try {
                        attachWindows(lease);
                        return lease;
                    } catch (RuntimeException | Error e) {
                        lease.close();
                        throw e;
                    }
                },
                table.setId() == WindowTable.NO_SET ? "" : WINDOWS_OF_A_STORE.formatted(table.setId()));
    }

    private void attachWindows(ReadPool.Lease lease) {
        if (sharded == null && options.windows != null) {
            lease.database().attach(options.windows, StoreWindowReader.ATTACHED);
        }
    }

    @Override
    public RowReader<Window> openReader() {
        return openReader(0);
    }

    @Override
    public RowReader<Window> openReader(long epoch) {
        WindowReading reading = new WindowReading(table, options.format, epoch);
        ReadPool.Lease lease = pool.lease();
        try {
            if (sharded != null) {
                return new ShardedWindowReader(lease, sharded, connections, cache, reading);
            }
            attachWindows(lease);
            return new StoreWindowReader(lease, reading);
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /** Use of the files of samples; nothing of a store. */
    SampleConnections.Counts connections() {
        return connections.counts();
    }

    /** Use of the cache of contigs. */
    SequenceCache.Counts cache() {
        return cache.counts();
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public void close() {
        connections.close();
        pool.close();
    }
}
