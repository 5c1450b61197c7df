package dev.millrace.kv;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads of a store beside its writer. One hands over to the hot tier what is committed. Another completes the futures that users
 * have, in order of the commits: not the writer, because what a user hangs on a future may put something and wait for it. A third
 * does the reads of {@code getAsync} that go to the file.
 *
 * <p>Thread-safe. The threads are started when they are needed, end when they are not, and keep no JVM alive.
 */
final class Callbacks implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;
    private static final long CLOSE_SECONDS = 10;

    /* Closing waits for the writer only so long; what it commits then has to be told yet, and the flush of another thread too. */
    private final ExecutorService publishing = oneThread("millrace-kv-publisher", (work, closed) -> work.run());
    private final ExecutorService completing = oneThread("millrace-kv-completer", (work, closed) -> work.run());
    private final ExecutorService reading = oneThread("millrace-kv-reader", new ThreadPoolExecutor.AbortPolicy());
    /** The thread of the last read: it may be the one that closes. */
    private volatile @Nullable Thread reader;

    /** Does something after all that was given to this before, and at once when this is closed. */
    void publish(Runnable work) {
        publishing.execute(work);
    }

    /** Returns when all that was given to {@link #publish} is done. */
    void awaitPublished() {
        CompletableFuture<Void> published = new CompletableFuture<>();
        publish(() -> published.complete(null));
        published.join();
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

    private static ExecutorService oneThread(String name, RejectedExecutionHandler afterClosing) {
        ThreadFactory threads = work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads, afterClosing);
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
