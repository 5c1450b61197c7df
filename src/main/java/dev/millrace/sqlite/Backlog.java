package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.util.List;

/**
 * Records for a {@link WriteQueue} that wait outside of it, on disk: its own for which there was no room, and those of other
 * processes. The queue takes them in whole batches. What says how far they are taken is itself a record at the end of each
 * batch, so that it is committed together with them: that makes it exactly once.
 *
 * <p>{@link #keep} is called by any thread, everything else by the writer thread of the queue, which also closes it.
 */
@Internal
public interface Backlog<T> extends AutoCloseable {
    /**
     * Keeps a record for later.
     *
     * @return its number: 1 and so on, in the order in which the records will be taken; 0 if it could not be kept
     */
    long keep(T record);

    /**
     * Keeps a record that comes before all that {@link #keep} was given: the queue cannot write it and has to close.
     *
     * @return false if it could not be kept
     */
    boolean keepFirst(T record);

    /**
     * Adds the oldest kept records to {@code target}, and behind them how far they are taken.
     *
     * @return how many of the added are kept records; 0 and nothing added if there are none
     */
    int takeKept(List<T> target, int limit);

    /** As {@link #takeKept}, with records of other processes. */
    int takeOthers(List<T> target, int limit);

    /** What was taken last is in the database. */
    void committed();

    /** Number of the last record of {@link #keep} that is in the database. */
    long keptCommitted();

    /** Everything committed so far is in the database file itself, not in its log only. */
    void checkpointed();

    /** Whether {@link #checkpointed} would free space. */
    boolean wantsCheckpoint();

    @Override
    void close();
}
