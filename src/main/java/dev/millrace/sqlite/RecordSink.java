package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Turns records into rows, on the writer thread of a {@link WriteQueue}. It belongs to one connection and may keep prepared
 * statements and caches of what it has written: when a transaction fails, the queue closes the sink with its connection and
 * makes a new one, so that no cache outlives a row that was rolled back.
 */
@Internal
public interface RecordSink<T> extends AutoCloseable {
    /**
     * Writes one record. Called inside a transaction. A constraint that fails, a value too big or an unchecked exception is
     * taken to concern this record only: it is rejected. Any other SQLException concerns the database: the batch is kept and
     * tried again. Statements may be put off until {@link #flush}.
     */
    void write(T record) throws SQLException;

    /** Executes what {@link #write} put off: the driver's batches cost a third of single executions. */
    default void flush() throws SQLException {}

    /**
     * Called in the transaction after its last record and flush.
     *
     * @param counts of the queue as they will be if this transaction commits
     */
    default void endBatch(WriteQueueCounts counts) throws SQLException {}

    /**
     * Called in a transaction of its own every few seconds, whether records come or not.
     *
     * @param nowMillis UTC milliseconds since 1970
     */
    default void idle(long nowMillis) throws SQLException {}

    /** Called in a transaction of its own after the last record, when the process ends without closing the queue. */
    default void endOfProcess() throws SQLException {}

    /**
     * Called after the transaction that wrote these records is committed, and after what is refused of it. Must not throw.
     *
     * @param records in the order in which they were put; not kept by the sink
     */
    default void committed(List<T> records) {}

    /** Called when a record was refused alone and its transaction is committed without it. Must not throw. */
    default void refused(T record, Exception reason) {}

    @Override
    void close() throws SQLException;

    /** Makes the sink of a connection. */
    @FunctionalInterface
    interface Factory<T> {
        RecordSink<T> open(Connection connection) throws SQLException;
    }
}
