package dev.millrace.batch;

import dev.millrace.Internal;
import dev.millrace.sqlite.ReadPool;
import java.util.function.Function;

/**
 * Rows of one split of a database: its ids, and readers on leased connections.
 *
 * @param pool closed with this source
 * @param ids the samples, in the order of positions
 * @param digest identifies content and split
 * @param reader makes a reader that owns the lease it is given
 */
@Internal
public record SqliteSource<R>(ReadPool pool, long[] ids, String digest, Function<ReadPool.Lease, RowReader<R>> reader)
        implements RowSource<R> {
    @Override
    public RowReader<R> openReader() {
        ReadPool.Lease lease = pool.lease();
        try {
            return reader.apply(lease);
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    @Override
    public SampleTables tables() {
        return SampleTables.of(pool);
    }

    @Override
    public void close() {
        pool.close();
    }
}
