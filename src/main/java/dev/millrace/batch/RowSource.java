package dev.millrace.batch;

import dev.millrace.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of one split come from. Thread-safe; closed by the dataset that was given it.
 *
 * @param <R> the domain's row
 */
@Internal
public interface RowSource<R> extends AutoCloseable {
    /** Ids of the samples; the position of a sample is its place here. Not to be changed. */
    long[] ids();

    /** Number of samples. */
    default int size() {
        return ids().length;
    }

    /** The id of the sample at a position. */
    default long id(int position) {
        return ids()[position];
    }

    /** Opens a reader for one thread. */
    RowReader<R> openReader();

    /** Opens a reader for one thread and one epoch; only a source that augments by epoch tells them apart. */
    default RowReader<R> openReader(long epoch) {
        return openReader();
    }

    /** Identifies content and split. */
    String digest();

    /** Which rows are stored together, so that they are shuffled block by block; null when each is stored by itself. */
    default @Nullable BlockLayout blocks() {
        return null;
    }

    /** What a filter or weights may ask by SQL about the samples; null where they are of no database. */
    default @Nullable SampleTables tables() {
        return null;
    }

    /** Called before each shuffled epoch: the place to make random reads cheap. Must not change what is read. */
    default void beforeShuffledReads() {
        // Most sources have nothing to prepare.
    }

    @Override
    void close();
}
