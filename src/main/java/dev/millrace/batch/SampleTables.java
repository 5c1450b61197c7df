package dev.millrace.batch;

import dev.millrace.Internal;
import dev.millrace.sqlite.ReadPool;
import java.util.function.Supplier;

/**
 * The tables that a query about the samples may ask: all of the file that they are in. Immutable, thread-safe.
 *
 * @param connections lends a read-only connection for one query
 * @param definitions what the query finds beside the tables of the file: common table expressions, as they stand after
 *     {@code WITH RECURSIVE}; empty for none
 */
@Internal
public record SampleTables(Supplier<ReadPool.Lease> connections, String definitions) {
    /** The tables of a file as they are. */
    public static SampleTables of(ReadPool pool) {
        return new SampleTables(pool::lease, "");
    }
}
