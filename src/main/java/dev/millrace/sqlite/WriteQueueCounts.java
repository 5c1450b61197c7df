package dev.millrace.sqlite;

/**
 * What became of the records given to a {@link WriteQueue}. Exact once the queue is closed; while it runs, each number is exact
 * by itself.
 *
 * @param accepted taken into the queue
 * @param written committed to the database
 * @param rejected accepted, but the database refused that very record: a constraint, a value too big
 * @param abandoned accepted, but the database could not be written before the queue had to close
 * @param dropped never accepted, because the queue was full
 */
public record WriteQueueCounts(long accepted, long written, long rejected, long abandoned, long dropped) {
    /** Accepted and not yet settled. */
    public long pending() {
        return accepted - written - rejected - abandoned;
    }

    /** Whether something was given to the queue that is not and will not be in the database. */
    public boolean anyLost() {
        return rejected + abandoned + dropped > 0;
    }
}
