package dev.millrace.batch;

import java.util.List;

/**
 * A reader that can also give rows as they are stored, for who keeps them. One thread at a time.
 *
 * @param <R> the domain's row
 */
sealed interface EncodedReader<R> extends RowReader<R> permits TensorJoinReader, BlockReader {
    /**
     * Appends one row per id, in the given order: per table its values laid end to end and its checksum, as in
     * {@link dev.millrace.sqlite.RowBlock}. Every checksum has been found right.
     *
     * @throws dev.millrace.sqlite.CorruptDatabaseException if a row is missing or damaged; the message names it
     */
    void readEncoded(long[] ids, EncodedRows target);

    /** Decodes such rows. */
    RowDecoder<R> decoder();

    @Override
    List<R> read(long[] ids);
}
