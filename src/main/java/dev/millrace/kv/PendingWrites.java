package dev.millrace.kv;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is submitted and not yet handed over to the hot tier. It hides the hot tier, as that hides the file: a reader asks in this
 * order, and what is here goes only when the next below tells no older value. Thread-safe.
 */
final class PendingWrites {
    /* As large as a burst needs: what makes it grow would wait for that. */
    private static final int EXPECTED = 1 << 15;

    private final HotTier hot;
    private final ConcurrentHashMap<EntryKey, Write> newest = new ConcurrentHashMap<>(EXPECTED);
    /** Namespaces by how many clears wait for their commit: what file and hot tier hold of them is gone already. */
    private final ConcurrentHashMap<Integer, Integer> clearing = new ConcurrentHashMap<>();

    PendingWrites(HotTier hot) {
        this.hot = hot;
    }

    /** The newest write of a key; null if none is pending. */
    @Nullable
    Write get(EntryKey key) {
        return newest.get(key);
    }

    /** Whether nothing of a namespace is to be read but what is pending. */
    boolean isClearing(Namespace namespace) {
        return !clearing.isEmpty() && clearing.containsKey(namespace.id());
    }

    /** Writes that are about to be submitted; for who decides what comes next. */
    void add(List<Write> writes) {
        for (Write write : writes) {
            newest.put(write.key(), write);
        }
    }

    /** A clear that is about to be submitted; for who decides what comes next. */
    void clear(Namespace namespace) {
        clearing.merge(namespace.id(), 1, Integer::sum);
        newest.keySet().removeIf(entry -> entry.namespaceId() == namespace.id());
    }

    /**
     * Hands over to the hot tier what is committed. Writes in any order, because of each key only the newest one is pending; a
     * clear before any write that follows it, which it would hide.
     */
    void publish(Submission submission) {
        if (submission instanceof Submission.Clear clear) {
            cleared(clear.namespace());
        } else if (submission instanceof Submission.Writes writes) {
            writes.writes().forEach(this::publish);
        }
    }

    private void publish(Write write) {
        newest.computeIfPresent(write.key(), (key, pending) -> {
            if (pending != write) {
                // Which hides this one, and comes here when it is committed.
                return pending;
            }
            hot.committed(key, write.value());
            return null;
        });
    }

    private void cleared(Namespace namespace) {
        hot.cleared(namespace.id());
        clearing.computeIfPresent(namespace.id(), (same, count) -> count == 1 ? null : count - 1);
    }

    /** Forgets what the file does not take. */
    void forget(Submission submission) {
        if (submission instanceof Submission.Clear clear) {
            cleared(clear.namespace());
        } else if (submission instanceof Submission.Writes writes) {
            for (Write write : writes.writes()) {
                // First: what it holds may be older than the file, and this write has hidden it.
                hot.committed(write.key(), null);
                newest.remove(write.key(), write);
            }
        }
    }

    /** Number of keys with a write that is pending. */
    int keys() {
        return newest.size();
    }

    /** One of them. */
    Optional<String> example() {
        return newest.keySet().stream().findFirst().map(EntryKey::key);
    }

    /** Number of namespaces with a clear that is pending. */
    int clears() {
        return clearing.size();
    }
}
