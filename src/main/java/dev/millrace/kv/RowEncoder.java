package dev.millrace.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the rows of a transaction in portions, on a thread of its own those that come later: while SQLite takes one portion,
 * the next is checksummed, compressed and encrypted. Used by the writer thread only; who opens it closes it.
 */
final class RowEncoder implements AutoCloseable {
    private static final int PORTION = 512;
    private static final long IDLE_SECONDS = 5;

    private final RowCoder here;
    private final RowCoder there;
    private final ThreadPoolExecutor ahead;

    /** @param coders makes a coder for each of the two threads */
    RowEncoder(Supplier<RowCoder> coders) {
        here = coders.get();
        there = coders.get();
        ahead = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "millrace-kv-encoder");
            thread.setDaemon(true);
            return thread;
        });
        ahead.allowCoreThreadTimeOut(true);
    }

    /** Some writes and their rows, which may still be in the making. */
    static final class Portion {
        private final List<Write> writes;
        private final CompletableFuture<List<RowCoder.Row>> rows;

        private Portion(List<Write> writes, RowCoder coder, @Nullable Executor thread) {
            this.writes = writes;
            this.rows = thread == null
                    ? CompletableFuture.completedFuture(encoded(writes, coder))
                    : CompletableFuture.supplyAsync(() -> encoded(writes, coder), thread);
        }

        List<Write> writes() {
            return writes;
        }

        /** The row of each write. Waits for them. */
        List<RowCoder.Row> rows() {
            try {
                return rows.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw e;
            }
        }
    }

    /** @param puts writes that are no removals */
    List<Portion> encode(List<Write> puts) {
        List<Portion> portions = new ArrayList<>(puts.size() / PORTION + 1);
        // The later ones first: the thread begins while the first portion is encoded here.
        for (int first = PORTION; first < puts.size(); first += PORTION) {
            portions.add(new Portion(puts.subList(first, Math.min(first + PORTION, puts.size())), there, ahead));
        }
        portions.add(0, new Portion(puts.subList(0, Math.min(PORTION, puts.size())), here, null));
        return portions;
    }

    private static List<RowCoder.Row> encoded(List<Write> writes, RowCoder coder) {
        List<RowCoder.Row> rows = new ArrayList<>(writes.size());
        for (Write write : writes) {
            StoredValue value = write.value();
            if (value == null) {
                throw new AssertionError(write);
            }
            rows.add(coder.encode(write.namespace(), write.key().key(), value));
        }
        return rows;
    }

    @Override
    public void close() {
        ahead.shutdownNow();
    }
}
