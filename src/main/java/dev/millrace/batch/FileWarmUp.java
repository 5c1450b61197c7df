package dev.millrace.batch;

import dev.millrace.Internal;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.ReadPool;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a table into the operating system's page cache by one sequential read, when a probe finds its rows on the disk and
 * they fit into free memory: millions of random reads from a disk take minutes, one pass takes seconds. Changes speed only.
 *
 * <p>Works once, through SQL. Thread-safe.
 */
@Internal
public final class FileWarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(FileWarmUp.class);
    private static final Path MEMORY_STATUS = Path.of("/proc/meminfo");
    private static final int PROBED_ROWS = 64;

    /* A row in the page cache takes 2 to 6 µs; one read from a fast disk 50 to 100. */
    private static final double COLD_ROW_NANOS = 20_000;
    private static final double SEQUENTIAL_BYTES_PER_NANO = 0.3;

    private final ReadPool pool;
    private final CheckedTable table;
    private final AtomicBoolean done = new AtomicBoolean();

    /** @param table whose rows are read at random */
    public FileWarmUp(ReadPool pool, CheckedTable table) {
        this.pool = pool;
        this.table = table;
    }

    /**
     * Probes and reads, the first time only.
     *
     * @param ids ascending ids that will be read
     */
    public void run(long[] ids) {
        if (ids.length == 0 || done.getAndSet(true)) {
            return;
        }
        try (ReadPool.Lease lease = pool.lease()) {
            Database database = lease.database();
            long fileBytes = Files.size(pool.file());
            double rowNanos = probe(database, ids);
            boolean worthwhile = rowNanos * ids.length > 2 * fileBytes / SEQUENTIAL_BYTES_PER_NANO;
            if (rowNanos < COLD_ROW_NANOS || !worthwhile) {
                return;
            }
            long free = freeMemoryBytes();
            if (fileBytes > free) {
                LOG.info(
                        "{} is not in memory and does not fit into it ({} MiB free): reading it at random. Layout"
                                + " blocks is made for this.",
                        pool.file(),
                        free >> 20);
                return;
            }
            long start = System.nanoTime();
            sum(database, rangeSql(table), Long.toString(ids[0]), Long.toString(ids[ids.length - 1]));
            LOG.info(
                    "Warmed up {} by one sequential read of {}: {} ms (a random row took {} µs)",
                    pool.file(),
                    table.name(),
                    (System.nanoTime() - start) / 1_000_000,
                    Math.round(rowNanos / 1e3));
        } catch (IOException e) {
            LOG.info("Cannot tell the size of {}: not warmed up", pool.file(), e);
        }
    }

    /** Nanoseconds of a row read at random. One statement, so that the JVM's own warm-up does not count. */
    private double probe(Database database, long[] ids) {
        SplittableRandom random = new SplittableRandom(ids.length);
        long[] chosen = new long[Math.min(PROBED_ROWS, ids.length)];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = ids[random.nextInt(ids.length)];
        }
        // Prepared, and the root pages read, before the clock starts.
        sum(database, probeSql(table), new IdText().of(chosen, 0));
        String text = new IdText().of(chosen);
        long start = System.nanoTime();
        sum(database, probeSql(table), text);
        return (double) (System.nanoTime() - start) / chosen.length;
    }

    /* Plan: SCAN of the id list, one SEARCH by INTEGER PRIMARY KEY per id. */
    static String probeSql(CheckedTable table) {
        return "SELECT sum(" + lengths(table) + ")\nFROM json_each(?) AS ids\nCROSS JOIN " + table.name()
                + " AS t ON t." + table.key() + " = ids.value";
    }

    /* Plan: SEARCH by a range of the INTEGER PRIMARY KEY, in the order of the pages. */
    static String rangeSql(CheckedTable table) {
        return "SELECT sum(" + lengths(table) + ")\nFROM " + table.name() + " AS t\nWHERE t." + table.key()
                + " BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER)";
    }

    private static String lengths(CheckedTable table) {
        return table.columns().stream()
                .map(column -> "ifnull(length(t." + column + "), 0)")
                .collect(Collectors.joining(" + "));
    }

    private static void sum(Database database, String sql, String... arguments) {
        try {
            PreparedStatement statement = database.prepared(sql);
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                result.next();
            }
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read ahead", database.file(), e);
        }
    }

    /** What the page cache may grow to: the system's estimate where it has one, and no more than a container allows. */
    static long freeMemoryBytes() {
        long all = Long.MAX_VALUE;
        long free = 0;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            all = system.getTotalMemorySize() - Runtime.getRuntime().totalMemory();
            free = system.getFreeMemorySize();
        }
        if (Files.isReadable(MEMORY_STATUS)) {
            try {
                List<String> lines = Files.readAllLines(MEMORY_STATUS);
                for (String line : lines) {
                    if (line.startsWith("MemAvailable:")) {
                        free = Long.parseLong(line.replaceAll("\\D", "")) << 10;
                    }
                }
            } catch (IOException | NumberFormatException e) {
                LOG.debug("Cannot read {}", MEMORY_STATUS, e);
            }
        }
        return Math.min(all, free);
    }
}
