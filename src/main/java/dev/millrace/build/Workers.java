package dev.millrace.build;

import dev.millrace.Internal;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Works on chunks in parallel and hands the results over in the order of the chunks, a bounded number of chunks ahead, so that
 * the result of a build does not depend on the number of threads. Whoever makes it closes it; its methods are for one thread.
 */
@Internal
public final class Workers implements AutoCloseable {
    private static final int CHUNK = 128;
    private static final int CHUNKS_AHEAD = 4;

    /** Work on one chunk, on any thread. */
    @FunctionalInterface
    public interface Task<T, R> {
        R run(T chunk) throws IOException;
    }

    private final ExecutorService pool;
    private final int threads;

    /** @param threads how many work at a time, at least 1 */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("Expected threads ≥ 1, found " + threads + ".");
        }
        this.threads = threads;
        AtomicInteger number = new AtomicInteger();
        this.pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "millrace-build-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What an input yields, some at a time. */
    public static <T> Iterator<List<T>> chunks(Iterator<T> items) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public List<T> next() {
                List<T> chunk = new ArrayList<>(CHUNK);
                while (chunk.size() < CHUNK && items.hasNext()) {
                    chunk.add(items.next());
                }
                return chunk;
            }
        };
    }

    /**
     * Input is asked for, and results taken, on the calling thread.
     *
     * @throws InterruptedIOException if the calling thread is interrupted
     */
    public <T, R> void inOrder(Iterator<T> input, Task<T, R> task, java.util.function.Consumer<R> results)
            throws IOException {
        Deque<Future<R>> ahead = new ArrayDeque<>();
        try {
            while (input.hasNext() || !ahead.isEmpty()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                while (input.hasNext() && ahead.size() < CHUNKS_AHEAD * threads) {
                    T chunk = input.next();
                    ahead.add(pool.submit(() -> task.run(chunk)));
                }
                results.accept(ahead.remove().get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted: nothing was built.");
        } catch (ExecutionException e) {
            rethrow(e.getCause() == null ? e : e.getCause());
        } finally {
            ahead.forEach(future -> future.cancel(true));
        }
    }

    private static void rethrow(Throwable cause) throws IOException {
        if (cause instanceof IOException io) {
            throw io;
        } else if (cause instanceof RuntimeException unchecked) {
            throw unchecked;
        } else if (cause instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException(cause);
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
