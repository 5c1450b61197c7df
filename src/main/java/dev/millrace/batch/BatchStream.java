package dev.millrace.batch;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one epoch in order, loaded by background threads a bounded number ahead.
 *
 * <p>Iterated by one thread, once. Each batch is closed by its consumer; closing the stream stops the threads and closes
 * the batches that nobody took. It closes itself at the end of the epoch and on an error.
 */
final class BatchStream<R> implements Iterator<Batch>, AutoCloseable {
    /*
     * Loader threads take batch numbers in turn, some that follow each other at a time where rows are cheaper to read
     * together (ReadAhead), and put each result into the ring place of its number; a thread waits while
     * its number is a full ring ahead of the consumer. Numbers are handed out under the lock, so every batch is loaded by
     * exactly one thread, and the order seen by the consumer does not depend on how many there are.
     */

    /** Positions of the samples of each batch of this epoch. */
    interface Plan {
        long epoch();

        long batchCount();

        /** Called by the loader threads, in any order. */
        int[] positions(long batch);
    }

    private final RowSource<R> source;
    private final Collator<R> collator;
    private final @Nullable Batchifier dataBatchifier;
    private final @Nullable Batchifier labelBatchifier;
    private final Plan plan;
    private final NDManager manager;
    private final int sampleCount;
    private final long batchCount;
    private final Thread[] threads;
    private final @Nullable Object[] ring;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<RowReader<R>> readers;
    private long nextToLoad;
    private long nextToTake;
    private long samplesTaken;
    private final LongAdder reads;
    private boolean closed;

    BatchStream(
            RowSource<R> source,
            Collator<R> collator,
            Plan plan,
            NDManager manager,
            int sampleCount,
            long firstBatch,
            int threadCount,
            LongAdder reads,
            @Nullable Batchifier dataBatchifier,
            @Nullable Batchifier labelBatchifier) {
        this.source = source;
        this.collator = collator;
        this.dataBatchifier = dataBatchifier;
        this.labelBatchifier = labelBatchifier;
        this.plan = plan;
        this.reads = reads;
        this.manager = manager;
        this.sampleCount = sampleCount;
        this.batchCount = plan.batchCount();
        this.nextToLoad = firstBatch;
        this.nextToTake = firstBatch;
        this.ring = new @Nullable Object[Math.max(1, threadCount) * SqliteDataset.BATCHES_AHEAD_PER_THREAD];
        this.threads = new Thread[threadCount];
        this.readers = openReaders(source, plan.epoch(), Math.max(1, threadCount));
        for (int i = 0; i < threadCount; i++) {
            RowReader<R> reader = readers.get(i);
            threads[i] = new Thread(() -> loadBatches(reader), "millrace-loader-" + i);
            threads[i].setDaemon(true);
        }
        for (Thread thread : threads) {
            thread.start();
        }
    }

    /** All or none, on the thread that starts the epoch: it is the one to hear that a file cannot be read. */
    private static <R> List<RowReader<R>> openReaders(RowSource<R> source, long epoch, int count) {
        List<RowReader<R>> readers = new ArrayList<>();
        try {
            while (readers.size() < count) {
                readers.add(source.openReader(epoch));
            }
            return readers;
        } catch (RuntimeException | Error e) {
            readers.forEach(RowReader::close);
            throw e;
        }
    }

    @Override
    public boolean hasNext() {
        boolean more = nextToTake < batchCount && !closed;
        if (!more) {
            close();
        }
        return more;
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (threads.length == 0) {
            try {
                reads.increment();
                return toBatch(collate(readers.get(0).read(ids(nextToTake++))));
            } catch (RuntimeException | Error e) {
                close();
                throw e;
            }
        }
        Object result = take();
        if (result instanceof LoadedBatch loaded) {
            return toBatch(loaded);
        }
        close();
        Throwable failure = (Throwable) result;
        failure.addSuppressed(new IllegalStateException("Batch " + (nextToTake - 1) + " was asked for here"));
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    /** Stops loading and releases what was loaded ahead. Returns when the threads have given back their readers. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Object waiting : ring) {
            if (waiting instanceof LoadedBatch loaded) {
                loaded.manager.close();
            }
        }
        readers.forEach(RowReader::close);
    }

    private Object take() {
        lock.lock();
        try {
            int place = (int) (nextToTake % ring.length);
            while (ring[place] == null && !closed) {
                changed.awaitUninterruptibly();
            }
            Object result = ring[place];
            if (result == null) {
                return new IllegalStateException("The dataset was closed while its batches were read.");
            }
            ring[place] = null;
            nextToTake++;
            changed.signalAll();
            return result;
        } finally {
            lock.unlock();
        }
    }

    private void loadBatches(RowReader<R> reader) {
        ReadAhead<R> ahead = reader instanceof TensorJoinReader<R> join ? new ReadAhead<>(join) : null;
        boolean more = true;
        while (more) {
            long first;
            int count;
            lock.lock();
            try {
                if (closed || nextToLoad >= batchCount) {
                    return;
                }
                first = nextToLoad;
                count = (int) Math.min(ahead == null ? 1 : ahead.batches(), batchCount - first);
                nextToLoad += count;
            } finally {
                lock.unlock();
            }
            more = loadRun(reader, ahead, first, count);
        }
    }

    /** Loads batches that follow each other; whether to go on. */
    private boolean loadRun(RowReader<R> reader, @Nullable ReadAhead<R> ahead, long first, int count) {
        long batch = first;
        try {
            long[][] ids = new long[count][];
            for (int i = 0; i < count; i++) {
                ids[i] = ids(first + i);
            }
            reads.add(ahead == null ? count : 1);
            if (ahead != null) {
                ahead.read(Arrays.stream(ids).flatMapToLong(Arrays::stream).toArray());
            }
            int place = 0;
            for (long[] own : ids) {
                List<R> rows = ahead == null ? reader.read(own) : ahead.batch(own, place);
                if (!put(batch, collate(rows))) {
                    return false;
                }
                place += own.length;
                batch++;
            }
            return true;
        } catch (RuntimeException | Error e) {
            put(batch, e);
            return false;
        }
    }

    /** Puts a result into its place as soon as that is free; false when the stream was closed meanwhile. */
    private boolean put(long batch, Object result) {
        lock.lock();
        try {
            while (!closed && batch - nextToTake >= ring.length) {
                changed.awaitUninterruptibly();
            }
            if (!closed) {
                ring[(int) (batch % ring.length)] = result;
                changed.signalAll();
                return true;
            }
        } finally {
            lock.unlock();
        }
        if (result instanceof LoadedBatch loaded) {
            loaded.manager.close();
        }
        return false;
    }

    private long[] ids(long batch) {
        int[] positions = plan.positions(batch);
        long[] ids = new long[positions.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = source.id(positions[i]);
        }
        return ids;
    }

    private LoadedBatch collate(List<R> rows) {
        NDManager own = manager.newSubManager(Device.cpu());
        try {
            return new LoadedBatch(own, collator.collate(own, rows), rows.size());
        } catch (RuntimeException | Error e) {
            own.close();
            throw e;
        }
    }

    private Batch toBatch(LoadedBatch loaded) {
        samplesTaken += loaded.size;
        return new Batch(
                loaded.manager,
                loaded.slots.data(),
                loaded.slots.labels(),
                loaded.size,
                dataBatchifier,
                labelBatchifier,
                samplesTaken,
                sampleCount);
    }

    private record LoadedBatch(NDManager manager, Collator.Slots slots, int size) {}
}
