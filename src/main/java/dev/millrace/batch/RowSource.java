package dev.millrace.batch;

/**
 * Where the rows of one split come from. Thread-safe; closed by the dataset that was given it.
 *
 * @param <R> the domain's row
 */
public interface RowSource<R> extends AutoCloseable {
    /** Ids of the samples; the position of a sample is its place here. Not to be changed. */
    long[] ids();

    /** Opens a reader for one thread. */
    RowReader<R> openReader();

    /** Identifies content and split. */
    String digest();

    @Override
    void close();
}
