package dev.millrace.central;

import dev.millrace.sqlite.DatabaseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a central database up to date with a metrics file, in a thread of its own.
 *
 * {@snippet :
 * try (CentralSink central = CentralSink.start(store.file(), CentralSettings.of(url).withPassword(secret))) {
 *     train();
 * }
 * }
 *
 * <p>It reads the file as any reader does, so that who records never waits for it. While the database is away it tries again in
 * growing pauses; the file keeps what is to come. An outage is logged once, and once when it is over. Thread-safe; who starts it
 * closes it, after the store, so that the end of the run is copied too.
 */
public final class CentralSink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CentralSink.class);
    private static final Duration LAST_ATTEMPT = Duration.ofSeconds(10);

    private final Path file;
    private final CentralSettings settings;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile CentralCounts counts = CentralCounts.NONE;
    private volatile @Nullable PostgresLink link;
    private volatile @Nullable Throwable failure;
    private volatile boolean abandoned;
    private @Nullable MetricsFile source;
    private @Nullable CentralPush push;
    private long outageBegan;
    private Duration pause;

    private CentralSink(Path file, CentralSettings settings) {
        this.file = file;
        this.settings = settings;
        this.pause = settings.interval();
        this.thread = new Thread(this::run, "millrace-central");
        this.thread.setDaemon(true);
    }

    /** Starts to copy; the file need not be complete, or even there. */
    public static CentralSink start(Path file, CentralSettings settings) {
        CentralSink sink = new CentralSink(file, settings);
        sink.thread.start();
        return sink;
    }

    /** What was copied so far. */
    public CentralCounts counts() {
        return counts;
    }

    /** Why nothing can be copied at the moment; null while all is well. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Copies what is there and ends; gives up after ten seconds, or at once while the database is away. Harmless when repeated. */
    @Override
    public void close() {
        stop.countDown();
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + LAST_ATTEMPT.toNanos();
        while (thread.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (thread.isAlive()) {
            abandoned = true;
            PostgresLink open = link;
            if (open != null) {
                open.abort();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            boolean last;
            do {
                // Asked before the round: what was recorded before the end is then in this one.
                last = stop.getCount() == 0;
                boolean copied = copy();
                if (!last) {
                    // Ends early when this is closed; one round more follows.
                    stop.await(nextPause(copied).toNanos(), TimeUnit.NANOSECONDS);
                }
            } while (!last && !abandoned);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            letGo();
        }
        if (failure != null) {
            LOG.warn(
                    "{} is not copied to {} completely; 'millrace metrics push' does it later.",
                    file,
                    settings.place());
        }
    }

    /** Copies until the database has everything; false if it cannot. */
    private boolean copy() {
        try {
            MetricsFile source = this.source;
            PostgresLink opened = link;
            CentralPush push = this.push;
            if (source == null || opened == null || push == null) {
                source = MetricsFile.open(file);
                this.source = source;
                opened = PostgresLink.open(settings);
                link = opened;
                push = new CentralPush(source, settings.batchPoints());
                this.push = push;
            }
            push.round(opened, () -> abandoned, this::add);
            recovered();
            return true;
        } catch (RuntimeException e) {
            // Whatever it is, it must not end the thread, and never the training.
            failed(e);
            letGo();
            return false;
        }
    }

    private void letGo() {
        MetricsFile source = this.source;
        PostgresLink opened = link;
        this.source = null;
        link = null;
        push = null;
        try {
            if (source != null) {
                source.close();
            }
        } catch (DatabaseException e) {
            LOG.debug("{} does not close", file, e);
        }
        if (opened != null) {
            opened.close();
        }
    }

    /** By this thread only. */
    private void add(CentralCounts more) {
        counts = counts.plus(more);
    }

    private void failed(RuntimeException e) {
        boolean first = failure == null;
        failure = e;
        add(new CentralCounts(0, 0, 0, first ? 1 : 0, 1));
        if (first && !abandoned) {
            outageBegan = System.nanoTime();
            LOG.warn("The central database gets nothing for now; the file keeps it. {}", e.getMessage());
        }
    }

    private void recovered() {
        if (failure != null) {
            failure = null;
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - outageBegan);
            LOG.info("The central database {} is back after {} s; it has everything again.", settings.place(), seconds);
        }
        pause = settings.interval();
    }

    /** Pauses double, with some chance in them, so that many sinks do not come back at once. */
    private Duration nextPause(boolean copied) {
        if (copied) {
            return settings.interval();
        }
        Duration now = pause;
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(settings.longestPause()) > 0 ? settings.longestPause() : twice;
        return Duration.ofNanos(
                (long) (now.toNanos() * ThreadLocalRandom.current().nextDouble(0.5, 1)));
    }
}
