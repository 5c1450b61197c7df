package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The original's file of windows: one row per window. Its tables, their statements and the order of writing are the original's;
 * keys of our own in {@code metadata} are integers too, as its column says, and the original passes them over.
 *
 * <pre>
 *   metadata         window_size, stride, window_min_length_threshold; at the very end total_windows, distinct_sequences
 *   own keys         millrace_version, tail_policy (0 drop, 1 keep, 2 shift), source_fingerprint (first 8 bytes of SHA-256 over
 *                    names and lengths), created_utc (seconds since 1970)
 *   window_mappings  window_idx from 0 without gaps, contigs in the order of the bytes of their names
 * </pre>
 */
final class WindowDatabase {
    static final String METADATA = """
            CREATE TABLE metadata (
                key TEXT PRIMARY KEY,
                value INTEGER NOT NULL
            )""";

    static final String WINDOW_MAPPINGS = """
            CREATE TABLE window_mappings (
                window_idx INTEGER PRIMARY KEY,
                sequence_id TEXT NOT NULL,
                window_in_seq_idx INTEGER NOT NULL
            )""";

    static final String INDEX = "CREATE INDEX idx_sequence_id ON window_mappings(sequence_id)";

    static final String VERSION_KEY = "millrace_version";
    static final String TAIL_KEY = "tail_policy";
    static final String SOURCE_KEY = "source_fingerprint";
    static final String CREATED_KEY = "created_utc";

    /** As the original asks: at least so many rows in a transaction. */
    static final int ROWS_PER_TRANSACTION = 20_000;

    private static final int VERSION = 1;

    /** From so many windows of a contig on SQLite counts them itself, which takes less than handing over each. */
    private static final long FEW = 4;

    private static final long MOST_AT_ONCE = 1 << 16;

    private static final String INSERT_METADATA = "INSERT INTO metadata (key, value) VALUES (?, ?)";

    private static final String INSERT_WINDOW =
            "INSERT INTO window_mappings (window_idx, sequence_id, window_in_seq_idx) VALUES (?, ?, ?)";

    private static final String INSERT_WINDOWS = """
            INSERT INTO window_mappings (window_idx, sequence_id, window_in_seq_idx)
            WITH RECURSIVE place (i) AS (VALUES (?1) UNION ALL SELECT i + 1 FROM place WHERE i < ?2)
            SELECT ?3 + i, ?4, i FROM place""";

    private WindowDatabase() {}

    /** Builds the file, beside {@code target} first. */
    static WindowIndexReport build(
            Path target,
            WindowGeometry geometry,
            ContigLengths contigs,
            WindowIndexBuilder.Rules rules,
            BuildProgress progress)
            throws IOException {
        long start = System.nanoTime();
        boolean exists = Files.exists(target) && Files.size(target) > 0;
        Map<String, Long> found = exists ? requireReplaceable(target, geometry, rules) : Map.of();
        try (DatabaseBuild build = DatabaseBuild.beginForeign(target)) {
            Database database = build.database();
            GenomeSpace.Windows measured = new GenomeSpace.Windows(contigs, geometry);
            SortedContigs sorted = SortedContigs.load(database, measured, progress);
            if (rules.checksSpace()) {
                DiskSpace.require(target, measured.bytes());
            }
            database.execute(METADATA, WINDOW_MAPPINGS);
            WindowTotals totals = fill(database, geometry, sorted, progress);
            rules.requireWindows(geometry, totals.windows(), contigs);
            if (!rules.force() && exists) {
                if (!isSame(found, totals)) {
                    throw exists(target, "of other contigs or lengths");
                }
                return totals.report(target.toString(), "", true, start);
            }
            sorted.drop();
            database.execute(INDEX);
            finish(database, totals);
            build.publish();
            return totals.report(target.toString(), "", false, start);
        }
    }

    private static WindowTotals fill(
            Database database, WindowGeometry geometry, SortedContigs sorted, BuildProgress progress) {
        WindowTotals totals = new WindowTotals(geometry);
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "windows", sorted.count());
        try (BulkWriter rows = new BulkWriter(database, ROWS_PER_TRANSACTION)) {
            rows.insert(INSERT_METADATA, "window_size", geometry.windowSize());
            rows.insert(INSERT_METADATA, "stride", geometry.stride());
            rows.insert(INSERT_METADATA, "window_min_length_threshold", geometry.minLength());
            rows.insert(INSERT_METADATA, VERSION_KEY, VERSION);
            rows.insert(INSERT_METADATA, TAIL_KEY, code(geometry.tail()));
            long[] done = new long[1];
            sorted.forEach(false, (contigId, utf8, length, row, stored) -> {
                long first = totals.windows();
                long count = totals.add(utf8, length);
                totals.tag(contigId);
                insert(rows, contigId, first, count);
                meter.advanceTo(++done[0]);
            });
        }
        meter.finish();
        return totals;
    }

    private static void insert(BulkWriter rows, String contigId, long first, long count) {
        if (count <= FEW) {
            for (long i = 0; i < count; i++) {
                rows.insert(INSERT_WINDOW, first + i, contigId, i);
            }
            return;
        }
        for (long from = 0; from < count; from += MOST_AT_ONCE) {
            SortedContigs.stopIfInterruptedUnchecked();
            rows.insert(INSERT_WINDOWS, from, Math.min(from + MOST_AT_ONCE, count) - 1, first, contigId);
        }
    }

    /** The totals tell that all the rest is there. */
    private static void finish(Database database, WindowTotals totals) {
        try (BulkWriter rows = new BulkWriter(database, ROWS_PER_TRANSACTION)) {
            rows.insert(INSERT_METADATA, SOURCE_KEY, totals.fingerprint());
            rows.insert(INSERT_METADATA, CREATED_KEY, Instant.now().getEpochSecond());
            rows.insert(INSERT_METADATA, "total_windows", totals.windows());
            rows.insert(INSERT_METADATA, "distinct_sequences", totals.distinct());
        }
    }

    /** What a file says of itself; throws unless it is a file of windows that may be replaced or be left as it is. */
    private static Map<String, Long> requireReplaceable(
            Path target, WindowGeometry geometry, WindowIndexBuilder.Rules rules) {
        Map<String, Long> found;
        try (Database database = Database.open(target, Access.READ)) {
            if (database.queryLong("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                            + " AND name IN ('metadata', 'window_mappings')")
                    < 2) {
                throw notWindows(target, "a database without tables metadata and window_mappings", null);
            }
            found = metadata(database);
        } catch (DatabaseException e) {
            throw notWindows(target, String.valueOf(e.getMessage()), e);
        }
        if (!rules.force() && !isOf(found, geometry)) {
            throw exists(target, "with " + found);
        }
        return found;
    }

    /** As {@link #TAIL_KEY} has it. */
    static int code(Tail tail) {
        return switch (tail) {
            case DROP -> 0;
            case KEEP -> 1;
            case SHIFT -> 2;
        };
    }

    private static boolean isOf(Map<String, Long> found, WindowGeometry geometry) {
        return is(found, "window_size", geometry.windowSize())
                && is(found, "stride", geometry.stride())
                && is(found, "window_min_length_threshold", geometry.minLength())
                && is(found, TAIL_KEY, code(geometry.tail()));
    }

    private static boolean isSame(Map<String, Long> found, WindowTotals totals) {
        return is(found, SOURCE_KEY, totals.fingerprint())
                && is(found, "total_windows", totals.windows())
                && is(found, "distinct_sequences", totals.distinct());
    }

    private static boolean is(Map<String, Long> found, String key, long expected) {
        return Long.valueOf(expected).equals(found.get(key));
    }

    /** Keys and values of {@code metadata}. */
    static Map<String, Long> metadata(Database database) {
        return database.read("Cannot read metadata", connection -> {
            Map<String, Long> entries = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT key, value FROM metadata");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    entries.put(String.valueOf(rows.getString(1)), rows.getLong(2));
                }
            }
            return entries;
        });
    }

    private static OutdatedDatabaseException exists(Path target, String what) {
        return new OutdatedDatabaseException(
                "Cannot write " + target + ": expected no file, or one of the same contigs and settings, found windows "
                        + what + ". Use --force to replace them, or choose another name.",
                target);
    }

    private static OutdatedDatabaseException notWindows(
            Path target, String found, @org.jspecify.annotations.Nullable Throwable cause) {
        OutdatedDatabaseException refusal = new OutdatedDatabaseException(
                "Cannot write " + target + ": expected no file, a window database or a genome store, found " + found
                        + ". Remove it, or choose another name.",
                target);
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }
}
