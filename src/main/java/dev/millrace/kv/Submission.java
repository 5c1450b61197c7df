package dev.millrace.kv;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What goes through the write queue as one: all of it is committed together. */
sealed interface Submission {
    /** Completed when it is committed; null if nobody asks. */
    @Nullable
    CompletableFuture<Void> done();

    /** Whether completing {@link #done} may run code of the user. */
    boolean callback();

    /** Memory that it takes until it is committed. */
    long bytes();

    /** Writes in their order, of different keys. */
    record Writes(List<Write> writes, long bytes, @Nullable CompletableFuture<Void> done, boolean callback)
            implements Submission {}

    /**
     * Removes all that a namespace holds.
     *
     * @param drop whether the namespace goes too
     */
    record Clear(Namespace namespace, boolean drop, CompletableFuture<Void> done) implements Submission {
        @Override
        public boolean callback() {
            return false;
        }

        @Override
        public long bytes() {
            return 0;
        }
    }
}
