package dev.millrace.sqlite;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writer thread of a {@link WriteQueue}: decides what to write when. What was put into the queue comes first, then what it
 * kept on disk, then what other processes left there.
 */
final class WriterLoop<T> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    private static final long LIVE_POLL_NANOS = 50_000_000;
    private static final long IDLE_POLL_NANOS = 200_000_000;
    /** Others are looked for in short intervals as long as the last find is not older than this. */
    private static final long LIVE_NANOS = 2_000_000_000L;
    /** Under load others wait, but not longer than this. */
    private static final long LONGEST_TURN_NANOS = 1_000_000_000L;

    private final WriteQueueSettings settings;
    private final RecordRing<T> ring;
    private final SampleLane<T> samples;
    private final Spill<T> spill;
    private final @Nullable Backlog<T> backlog;
    private final BatchWriter<T> writer;
    private final Settlement settlement;
    private final Runnable whenEnded;
    private final int largest;
    private final List<T> batch;
    private final List<T> kept;
    private final AtomicBoolean parked = new AtomicBoolean();
    private volatile boolean hurried;
    private volatile boolean processEnds;
    private volatile @Nullable Thread thread;

    // Only the writer thread touches these.
    private long flushAt;
    private long pollAt;
    private long foundAt;
    private long idleAt;
    private long checkpointAt;
    private boolean uncheckpointed;

    WriterLoop(
            WriteQueueSettings settings,
            RecordRing<T> ring,
            SampleLane<T> samples,
            Spill<T> spill,
            @Nullable Backlog<T> backlog,
            BatchWriter<T> writer,
            Settlement settlement,
            Runnable whenEnded) {
        this.settings = settings;
        this.ring = ring;
        this.samples = samples;
        this.spill = spill;
        this.backlog = backlog;
        this.writer = writer;
        this.settlement = settlement;
        this.whenEnded = whenEnded;
        this.largest = settings.largestBatch();
        this.batch = new ArrayList<>(largest);
        this.kept = new ArrayList<>();
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        long now = System.nanoTime();
        flushAt = now + settings.flushInterval().toNanos();
        idleAt = now + settings.idleInterval().toNanos();
        checkpointAt = now + settings.checkpointInterval().toNanos();
        pollAt = now;
        foundAt = now - LIVE_NANOS;
        try {
            while (awaitTurn()) {
                takeTurn();
            }
            if (!writer.gaveUp()) {
                takeLastOfOthers();
            }
        } finally {
            end();
        }
    }

    /** Starts a transaction now if enough records wait. */
    void wakeIfDue() {
        if (parked.get() && ring.size() >= settings.flushRecords()) {
            wake();
        }
    }

    void wake() {
        Thread writing = thread;
        if (parked.compareAndSet(true, false) && writing != null) {
            LockSupport.unpark(writing);
        }
    }

    /** The process is about to end: nothing waits for its interval any more. */
    void hurry() {
        hurried = true;
        processEnds = true;
        wake();
    }

    boolean processEnds() {
        return processEnds;
    }

    WriteQueueCounts counts() {
        return countsAfter(0, 0, 0);
    }

    /** Waits until something is to be done; false when the queue is closed and empty. */
    private boolean awaitTurn() {
        while (!isDue()) {
            long now = System.nanoTime();
            long until = Math.min(flushAt - now, Math.min(idleAt - now, checkpointAt - now));
            if (backlog != null) {
                until = Math.min(until, pollAt - now);
            }
            if (until <= 0) {
                return true;
            }
            parked.set(true);
            // What a producer did before it could see the flag must be seen here.
            if (!isDue()) {
                LockSupport.parkNanos(this, until);
            }
            parked.set(false);
            // An interrupt by somebody would make every park return at once.
            Thread.interrupted();
        }
        return !ring.isClosed() || ring.size() > 0 || samples.size() > 0 || hasKept();
    }

    private boolean isDue() {
        return ring.isClosed()
                || ring.size() >= settings.flushRecords()
                || spill.isActive()
                || settlement.isAwaited()
                || (hurried && ring.size() + samples.size() > 0);
    }

    private boolean hasKept() {
        Backlog<T> open = backlog;
        return open != null && !writer.gaveUp() && !spill.endIfTaken(open.keptCommitted());
    }

    private void takeTurn() {
        long now = System.nanoTime();
        boolean flushing = isDue() || now - flushAt >= 0;
        if (flushing) {
            flushAt = now + settings.flushInterval().toNanos();
            writeQueued();
        }
        Backlog<T> open = backlog;
        if (open != null && !writer.gaveUp()) {
            // Kept records are younger than what was in the queue when the first of them was kept.
            if (spill.isActive() && ring.size() == 0) {
                writeKept(open);
            }
            boolean busy = ring.size() >= settings.flushRecords() || spill.isActive();
            if (now - pollAt >= (busy ? LONGEST_TURN_NANOS : 0) && !ring.isClosed()) {
                writeOthers(open);
            }
        }
        tidy(System.nanoTime());
    }

    private void writeQueued() {
        ring.drain(batch, largest);
        int fromRing = batch.size();
        long samplesGone = samples.drain(batch);
        if (batch.isEmpty()) {
            reportQueued(0, samplesGone, 0, 0, 0, 0);
            if (ring.size() > 0) {
                // A producer has claimed a slot and not filled it yet.
                Thread.onSpinWait();
            }
            return;
        }
        int all = batch.size();
        int refused = writer.write(batch, rejected -> countsAfter(all - rejected, rejected, 0));
        if (refused >= 0) {
            uncheckpointed = true;
            reportQueued(fromRing, samplesGone, all - refused, refused, 0, 0);
        } else {
            int deferred = deferFirst(batch.subList(0, fromRing));
            reportQueued(fromRing, samplesGone, 0, 0, all - deferred, deferred);
        }
        batch.clear();
    }

    /** Puts what cannot be written where the next process that opens the file finds it. */
    private int deferFirst(List<T> records) {
        Backlog<T> open = backlog;
        int kept = 0;
        if (open != null && settings.overload() == WriteQueueSettings.Overload.SPILL) {
            for (T record : records) {
                kept += open.keepFirst(record) ? 1 : 0;
            }
        }
        return kept;
    }

    private void writeKept(Backlog<T> open) {
        int count = open.takeKept(kept, largest);
        // What a thread put into the queue while the spilling began is older than what it has kept since.
        while (ring.size() > 0 && !writer.gaveUp()) {
            writeQueued();
        }
        if (!kept.isEmpty()) {
            int refused = writer.write(kept, rejected -> countsAfter(count - rejected, rejected, 0));
            if (refused >= 0) {
                uncheckpointed = true;
                open.committed();
                Settlement.Progress before = settlement.progress();
                // Kept, but damaged since: passed over, and no less refused than what the database refuses.
                long unreadable = Math.max(0, open.keptCommitted() - before.kept() - count);
                settlement.report(new Settlement.Progress(
                        before.ring(),
                        before.samples(),
                        open.keptCommitted(),
                        before.written() + count - refused,
                        before.rejected() + refused + unreadable,
                        before.abandoned(),
                        before.deferred(),
                        before.imported(),
                        before.rejectedImports()));
            }
            kept.clear();
        } else if (!spill.endIfTaken(open.keptCommitted())) {
            // It cannot be read at the moment.
            LockSupport.parkNanos(this, LIVE_POLL_NANOS);
        }
    }

    private boolean writeOthers(Backlog<T> open) {
        int others = open.takeOthers(batch, largest);
        long now = System.nanoTime();
        boolean found = !batch.isEmpty();
        if (found) {
            foundAt = now;
            int refused = writer.write(batch, rejected -> countsAfter(0, 0, others));
            if (refused >= 0) {
                uncheckpointed = true;
                open.committed();
                Settlement.Progress before = settlement.progress();
                settlement.report(new Settlement.Progress(
                        before.ring(),
                        before.samples(),
                        before.kept(),
                        before.written(),
                        before.rejected(),
                        before.abandoned(),
                        before.deferred(),
                        before.imported() + others - refused,
                        before.rejectedImports() + refused));
            }
            batch.clear();
        }
        pollAt = found ? now : now + (now - foundAt < LIVE_NANOS ? LIVE_POLL_NANOS : IDLE_POLL_NANOS);
        return found;
    }

    /** What workers left before the queue was closed belongs to what its owner expects in the file. */
    private void takeLastOfOthers() {
        Backlog<T> open = backlog;
        long patience = processEnds ? LIVE_NANOS : settings.drainTimeout().toNanos();
        long start = System.nanoTime();
        boolean more = open != null;
        while (more && open != null && !writer.gaveUp() && System.nanoTime() - start < patience) {
            more = writeOthers(open);
        }
    }

    private void tidy(long now) {
        if (now - idleAt >= 0) {
            idleAt = now + settings.idleInterval().toNanos();
            writer.writeBeside("Cannot record that time goes by", sink -> sink.idle(System.currentTimeMillis()));
            uncheckpointed = true;
        }
        boolean wanted = backlog != null && backlog.wantsCheckpoint();
        if (now - checkpointAt >= 0 || wanted) {
            checkpointAt = now + settings.checkpointInterval().toNanos();
            if (uncheckpointed && writer.checkpoint("PASSIVE")) {
                uncheckpointed = false;
                if (backlog != null) {
                    backlog.checkpointed();
                }
            }
        }
    }

    private void reportQueued(long fromRing, long samplesGone, int more, int refused, int lost, int deferred) {
        Settlement.Progress before = settlement.progress();
        settlement.report(new Settlement.Progress(
                before.ring() + fromRing,
                samplesGone,
                before.kept(),
                before.written() + more,
                before.rejected() + refused,
                before.abandoned() + lost,
                before.deferred() + deferred,
                before.imported(),
                before.rejectedImports()));
    }

    private WriteQueueCounts countsAfter(int more, int refused, int others) {
        // In this order, so that no more records are settled than were accepted.
        Settlement.Progress now = settlement.progress();
        return new WriteQueueCounts(
                ring.accepted() + samples.accepted() + spill.count(),
                now.written() + more,
                now.rejected() + refused,
                now.abandoned(),
                settlement.dropped(),
                samples.dropped(),
                spill.count(),
                // Kept records that were not taken stay where they are.
                now.deferred() + (writer.gaveUp() ? spill.count() - now.kept() : 0),
                now.imported() + others,
                now.rejectedImports());
    }

    private void end() {
        if (processEnds && !writer.gaveUp()) {
            writer.writeBeside("Cannot record the end", RecordSink::endOfProcess);
        }
        boolean checkpointed = writer.finish();
        if (backlog != null) {
            if (checkpointed && !writer.gaveUp()) {
                backlog.checkpointed();
            }
            backlog.close();
        }
        whenEnded.run();
        settlement.end();
        WriteQueueCounts counts = counts();
        if (counts.anyLost()) {
            LOG.error("Not all records are in {}: {}", writer.file(), counts);
        } else if (counts.deferred() > 0) {
            LOG.warn("{} records wait on disk until {} is opened again", counts.deferred(), writer.file());
        }
    }
}
