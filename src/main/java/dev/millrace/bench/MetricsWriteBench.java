package dev.millrace.bench;

import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** What recording costs: the call, all the way to the synced file, and the room it takes there. */
final class MetricsWriteBench {
    private static final int PRODUCERS = 4;
    private static final int SUSTAINED_RECORDS = 2_000_000;
    private static final int DIRECT_RECORDS = 10_000;
    private static final int PACED_THREADS = 2;
    private static final int PACED_PER_SECOND = 200_000;
    private static final int PACED_SECONDS = 10;
    private static final int DAY_SECONDS = 86_400;
    private static final Duration FLUSH = Duration.ofMinutes(2);

    private MetricsWriteBench() {}

    /** Time of a {@code log} call at a steady 200,000 records a second, sent in bursts each millisecond. */
    static List<Figure> latency(Path folder) throws InterruptedException {
        try (MetricsStore store = MetricsStore.open(folder.resolve("latency.db"))) {
            Run run = store.startRun("latency", Map.of());
            pacedCalls(run, "warm-up", 2);
            long[] nanos = pacedCalls(run, "loss", PACED_SECONDS);
            require(store.flush(FLUSH) && !store.counts().anyLost(), "records were lost: " + store.counts());
            Arrays.sort(nanos);
            return List.of(
                    Figure.atMost(
                            "log_p99", "log(), 99 of 100 calls, at 200,000 records/s", micros(nanos, 0.99), "µs", 5),
                    Figure.plain("log_p50", "the same, median", micros(nanos, 0.5), "µs"),
                    Figure.atMost("log_p999", "the same, 999 of 1,000", micros(nanos, 0.999), "µs", 50));
        }
    }

    /** Records per second that reach the synced file, against insert and commit by the caller with the same settings. */
    static List<Figure> throughput(Path folder) throws InterruptedException {
        double queued = Math.max(sustained(folder.resolve("queued1.db")), sustained(folder.resolve("queued2.db")));
        double direct = direct(folder.resolve("direct.db"));
        return List.of(
                Figure.atLeast("sustained", "records to the synced file, four threads", queued, "records/s", 400_000),
                Figure.plain("insert_and_commit", "insert and commit by the caller, synced", direct, "records/s"),
                Figure.atLeast("queue_ratio", "the queue against that", queued / direct, "×", 30));
    }

    /** Bytes of a record, and of a day of six resource values a second. */
    static List<Figure> room(Path folder) {
        Path steps = folder.resolve("steps.db");
        try (MetricsStore store = MetricsStore.open(steps, patient())) {
            Run run = store.startRun("steps", Map.of());
            for (int step = 1; step <= DAY_SECONDS; step++) {
                run.logAll(step, Map.of("loss", 1 / Math.sqrt(step), "rate", 1e-3 / step, "norm", Math.sin(step)));
            }
        }
        Path file = folder.resolve("day.db");
        try (MetricsStore store = MetricsStore.open(file, patient())) {
            Run run = store.startRun("a day", Map.of());
            String[] types = {"cpu", "cpu", "ram", "ram", "gpu", "gpu"};
            String[] names = {
                "system_total", "process_tree", "system_total", "process_tree", "0_utilization", "0_memory"
            };
            for (int second = 0; second < DAY_SECONDS; second++) {
                for (int metric = 0; metric < types.length; metric++) {
                    run.resource(types[metric], names[metric], 50 + 40 * Math.sin(second * 0.01 + metric));
                }
                if (second % 100 == 99) {
                    // As the day goes, in many small transactions.
                    store.flush(FLUSH);
                }
            }
        }
        try (Database database = Database.open(file, Access.READ)) {
            long rows = database.queryLong("SELECT count(*) FROM point");
            long all = database.queryLong("PRAGMA page_count") * database.queryLong("PRAGMA page_size");
            require(rows == 6L * DAY_SECONDS, "expected " + 6L * DAY_SECONDS + " rows, found " + rows);
            return List.of(
                    Figure.atMost("bytes_per_sample", "room of a resource value", bytesOfPoint(file), "B", 32),
                    Figure.atMost("bytes_per_record", "room of a value at a step", bytesOfPoint(steps), "B", 32),
                    Figure.atMost("day", "a day of 6 values a second, whole file", all / 1e6, "MB", 20));
        }
    }

    private static double bytesOfPoint(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return (double) database.queryLong("SELECT sum(pgsize) FROM dbstat WHERE name = 'point'")
                    / database.queryLong("SELECT count(*) FROM point");
        }
    }

    private static double sustained(Path file) throws InterruptedException {
        try (MetricsStore store = MetricsStore.open(file, patient())) {
            Run run = store.startRun("sustained", Map.of());
            long start = System.nanoTime();
            onThreads(PRODUCERS, producer -> {
                String name = "metric" + producer;
                for (int record = 0; record < SUSTAINED_RECORDS / PRODUCERS; record++) {
                    run.log(record, name, record * 0.5);
                }
            });
            require(store.flush(FLUSH) && !store.counts().anyLost(), "records were lost: " + store.counts());
            return SUSTAINED_RECORDS / seconds(start);
        }
    }

    private static double direct(Path file) {
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("CREATE TABLE metric (time_ms INTEGER, step INTEGER, name TEXT, value REAL)");
            try (PreparedStatement insert = database.connection()
                    .prepareStatement("INSERT INTO metric (time_ms, step, name, value) VALUES (?, ?, ?, ?)")) {
                long start = System.nanoTime();
                for (int record = 0; record < DIRECT_RECORDS; record++) {
                    insert.setLong(1, System.currentTimeMillis());
                    insert.setLong(2, record);
                    insert.setString(3, "metric");
                    insert.setDouble(4, record * 0.5);
                    insert.executeUpdate();
                }
                return DIRECT_RECORDS / seconds(start);
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException("Cannot insert into " + file, e);
            }
        }
    }

    private static long[] pacedCalls(Run run, String name, int forSeconds) throws InterruptedException {
        int perThread = PACED_PER_SECOND / PACED_THREADS * forSeconds;
        int perMilli = PACED_PER_SECOND / PACED_THREADS / 1_000;
        long[] nanos = new long[perThread * PACED_THREADS];
        onThreads(PACED_THREADS, thread -> {
            int at = thread * perThread;
            long start = System.nanoTime();
            for (int call = 0; call < perThread; call++) {
                if (call % perMilli == 0) {
                    long due = start + call / perMilli * 1_000_000L;
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                }
                long before = System.nanoTime();
                run.log(call, name, call);
                nanos[at + call] = System.nanoTime() - before;
            }
        });
        return nanos;
    }

    /** Waits where there is no room, so that the figure is of what reaches the file. */
    static WriteQueueSettings patient() {
        return WriteQueueSettings.defaults().withOverload(WriteQueueSettings.Overload.BLOCK, Duration.ZERO);
    }

    static void onThreads(int count, java.util.function.IntConsumer work) throws InterruptedException {
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            int number = i;
            threads[i] = new Thread(() -> work.accept(number), "millrace-bench-" + i);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static double micros(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(sorted.length * share))] / 1e3;
    }

    static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    static void require(boolean condition, String found) {
        if (!condition) {
            throw new IllegalStateException("The benchmark is void: " + found);
        }
    }
}
