package dev.millrace.batch;

import dev.millrace.Internal;
import java.util.List;

/**
 * Reads rows by id. One per loader thread, one thread at a time; who opens it closes it.
 *
 * @param <R> the domain's row
 */
@Internal
public interface RowReader<R> extends AutoCloseable {
    /**
     * Reads one row per id, in the given order, duplicates included, with one statement.
     *
     * @throws dev.millrace.sqlite.CorruptDatabaseException if a row is missing or damaged; the message names it
     */
    List<R> read(long[] ids);

    @Override
    void close();
}
