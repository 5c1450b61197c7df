package dev.millrace.dashboard;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunHeadline;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.RunStatus;
import dev.millrace.metrics.SeriesInfo;
import dev.millrace.sqlite.SchemaMismatchException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One metrics file, opened when asked for and again when another one is put in its place. Thread-safe: requests for one file
 * take turns.
 */
final class MetricsFile implements AutoCloseable {
    /** Longest time that a request may read. */
    static final Duration READ_LIMIT = Duration.ofSeconds(5);

    private final int index;
    private final Path path;
    private final boolean named;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, List<SeriesInfo>> series = new HashMap<>();
    private @Nullable MetricsReader reader;
    private FileStamp openedAs = FileStamp.of(Path.of(""));
    private FileStamp listedAs = openedAs;
    private @Nullable RunList list;
    private String version = "";
    private long opened;
    private volatile long lastUsedNanos;

    /**
     * @param index by which the page asks for it
     * @param named whether a person named it, so that it is shown whatever it is
     */
    MetricsFile(int index, Path path, boolean named) {
        this.index = index;
        this.path = path;
        this.named = named;
    }

    int index() {
        return index;
    }

    Path path() {
        return path;
    }

    long lastUsedNanos() {
        return lastUsedNanos;
    }

    boolean isOpen() {
        return reader != null;
    }

    /** The folder of the run if the file is called as it is called there, else its own name. */
    String label() {
        Path folder = path.getParent() == null ? null : path.getParent().getFileName();
        Path name = path.getFileName();
        Path shown = name.toString().equals("metrics.db") && folder != null ? folder : name;
        return shown.toString();
    }

    /**
     * Reads, for at most {@link #READ_LIMIT}.
     *
     * @throws BadRequestException if that was not enough
     * @throws dev.millrace.sqlite.DatabaseException if the file cannot be read
     */
    <T> T read(Function<MetricsReader, T> work) {
        lockInTime();
        long started = System.nanoTime();
        try {
            MetricsReader open = open();
            open.limitTime(READ_LIMIT);
            T result = work.apply(open);
            lastUsedNanos = System.nanoTime();
            return result;
        } catch (BadRequestException | IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            // Whatever is wrong with this connection, the next request gets a new one.
            shut();
            if (System.nanoTime() - started >= READ_LIMIT.toNanos()) {
                throw new BadRequestException(
                        504, "Reading took longer than " + READ_LIMIT.toSeconds() + " s. Choose less at once.");
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** The series of a run; as long as the file does not change, they are read once. */
    List<SeriesInfo> seriesOf(long runId) {
        return read(open -> {
            refreshVersion(open);
            return series.computeIfAbsent(runId, open::seriesOf);
        });
    }

    /** Changes whenever the file does. */
    String version() {
        return read(open -> {
            refreshVersion(open);
            return version;
        });
    }

    /** The runs of the file. Not opened for this if nothing changed since and nothing runs. */
    RunList runs() {
        FileStamp now = FileStamp.of(path);
        lockInTime();
        try {
            RunList known = list;
            if (known != null && !known.isRunning() && listedAs.equals(now) && listedAs.isSettled()) {
                return known;
            }
            RunList read = now.isAbsent() ? RunList.unreadable("The file is gone.") : readRuns();
            list = read;
            listedAs = read.problem() == null || now.isAbsent() ? FileStamp.of(path) : now;
            return read;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            shut();
        } finally {
            lock.unlock();
        }
    }

    /** Closes it unless somebody is reading. */
    void closeIfIdle() {
        if (lock.tryLock()) {
            try {
                shut();
            } finally {
                lock.unlock();
            }
        }
    }

    private RunList readRuns() {
        try {
            return read(open -> new RunList(open.runs(), open.headlines(), open.lostRecords(), null, false));
        } catch (SchemaMismatchException e) {
            // A folder of runs has data sets and models beside them; one that was named must not just be missing.
            return new RunList(List.of(), Map.of(), 0, String.valueOf(e.getMessage()), !named);
        } catch (RuntimeException e) {
            return RunList.unreadable(String.valueOf(e.getMessage()));
        }
    }

    private MetricsReader open() {
        FileStamp now = FileStamp.of(path);
        MetricsReader open = reader;
        if (open != null && now.isSameFileAs(openedAs)) {
            return open;
        }
        shut();
        MetricsReader fresh = MetricsReader.open(path);
        reader = fresh;
        openedAs = now;
        opened++;
        return fresh;
    }

    private void refreshVersion(MetricsReader open) {
        String now = opened + "." + open.dataVersion();
        if (!now.equals(version)) {
            series.clear();
            version = now;
        }
    }

    private void shut() {
        MetricsReader open = reader;
        reader = null;
        series.clear();
        if (open != null) {
            open.close();
        }
    }

    private void lockInTime() {
        try {
            if (lock.tryLock(READ_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BadRequestException(503, "Other requests keep this file busy. Try again.");
    }

    /**
     * What the list of runs says of one file.
     *
     * @param lost records that are missing in it
     * @param problem why it cannot be read; null if it can
     * @param isForeign whether it is not to be shown at all
     */
    record RunList(
            List<RunInfo> runs,
            Map<Long, RunHeadline> headlines,
            long lost,
            @Nullable String problem,
            boolean isForeign) {
        static RunList unreadable(String problem) {
            return new RunList(List.of(), Map.of(), 0, problem, false);
        }

        boolean isRunning() {
            return runs.stream().anyMatch(run -> run.status() == RunStatus.RUNNING);
        }
    }
}
