package dev.millrace.sqlite;

/**
 * What became of the records given to a {@link WriteQueue}. Exact once the queue is closed; while it runs, each number is exact
 * by itself.
 *
 * @param accepted taken into the queue
 * @param written committed to the database
 * @param rejected accepted, but the database refused that very record: a constraint, a value too big
 * @param abandoned accepted, but the database could not be written before the queue had to close, nor could it be kept
 * @param dropped never accepted, because the queue was full
 * @param droppedSamples measurements that were accepted and gave way to later ones
 * @param spilled accepted, and kept on disk until the writer had caught up
 * @param deferred accepted, and kept on disk when the queue had to close: written when the database is opened next
 * @param imported records of other processes that were committed; none of the other numbers has them
 * @param rejectedImports records of other processes that the database refused
 */
public record WriteQueueCounts(
        long accepted,
        long written,
        long rejected,
        long abandoned,
        long dropped,
        long droppedSamples,
        long spilled,
        long deferred,
        long imported,
        long rejectedImports) {
    /** Of a queue that was never in trouble. */
    public WriteQueueCounts(long accepted, long written, long rejected, long abandoned, long dropped) {
        this(accepted, written, rejected, abandoned, dropped, 0, 0, 0, 0, 0);
    }

    /** Accepted and not yet settled. */
    public long pending() {
        return accepted - written - rejected - abandoned - droppedSamples - deferred;
    }

    /** Whether something was given to the queue that is not and will not be in the database. */
    public boolean anyLost() {
        return rejected + abandoned + dropped + droppedSamples > 0;
    }
}
