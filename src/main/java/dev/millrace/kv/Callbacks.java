package dev.millrace.kv;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads of a store beside its writer. One hands over to the hot tier what is committed. Futures are completed by one of them, in order of the commits, and not by the
 * writer: what a user hangs on a future may put something and wait for it. Reads that go to the file have another.
 *
 * <p>Thread-safe. The threads are started when they are needed, end when they are not, and keep no JVM alive.
 */
final class Callbacks implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 10;

    private final ExecutorService publishing = oneThread("millrace-kv-publisher");
    private final ExecutorService completing = oneThread("millrace-kv-completer");
    private final ExecutorService reading = oneThread("millrace-kv-reader");
    /** The thread of the last read: it may be the one that closes. */
    private volatile @Nullable Thread reader;

    /** Does something after all that was given to this before. */
    void publish(Runnable work) {
        publishing.execute(work);
    }

    /** Returns when all that was given to {@link #publish} is done. */
    void awaitPublished() {
        try {
            CompletableFuture.runAsync(() -> {}, publishing).join();
        } catch (RejectedExecutionException e) {
            // Closed meanwhile, which waits for all of it.
        }
    }

    void complete(List<CompletableFuture<Void>> futures) {
        completing.execute(() -> futures.forEach(future -> future.complete(null)));
    }

    void fail(CompletableFuture<Void> future, Throwable reason) {
        completing.execute(() -> future.completeExceptionally(reason));
    }

    <T> CompletableFuture<T> read(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        reader = Thread.currentThread();
                        return work.get();
                    },
                    reading);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("The store is closed.", e);
        }
    }

    private static ExecutorService oneThread(String name) {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Lets what is under way end. */
    @Override
    public void close() {
        publishing.shutdown();
        reading.shutdown();
        completing.shutdown();
        if (Thread.currentThread() == reader) {
            // It would wait for itself; what it has yet to do ends with the store's refusal.
            return;
        }
        try {
            // A callback of the user may take as long as it likes, or be the one that closes.
            boolean ended = reading.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
                    && completing.awaitTermination(1, TimeUnit.MILLISECONDS);
            if (!ended) {
                reading.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
