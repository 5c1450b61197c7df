package dev.millrace.batch;

import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Chosen positions of another source.
 *
 * @param chosen tells them from others
 * @param owner whether the other source is closed with this one
 */
record SubsetSource<R>(RowSource<R> parent, long[] ids, String chosen, boolean owner) implements RowSource<R> {
    /** A part of a dataset, which closes its source itself. */
    static <R> SubsetSource<R> part(RowSource<R> parent, int[] positions) {
        return of(parent, positions, "subset=", false);
    }

    /** What a filter keeps; takes the other source over. */
    static <R> SubsetSource<R> filtered(RowSource<R> parent, int[] positions) {
        return of(parent, positions, "filter=", true);
    }

    private static <R> SubsetSource<R> of(RowSource<R> parent, int[] positions, String word, boolean owner) {
        long[] ids = Arrays.stream(positions).mapToLong(parent::id).toArray();
        return new SubsetSource<>(parent, ids, word + digestOf(positions), owner);
    }

    private static String digestOf(int[] positions) {
        CRC32C crc = new CRC32C();
        for (int position : positions) {
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                crc.update(position >>> shift);
            }
        }
        return positions.length + ":" + Long.toHexString(crc.getValue());
    }

    @Override
    public RowReader<R> openReader() {
        return parent.openReader();
    }

    @Override
    public RowReader<R> openReader(long epoch) {
        return parent.openReader(epoch);
    }

    @Override
    public String digest() {
        return parent.digest() + " " + chosen;
    }

    @Override
    public @Nullable SampleTables tables() {
        return parent.tables();
    }

    @Override
    public @Nullable BlockLayout blocks() {
        return parent.blocks();
    }

    @Override
    public void beforeShuffledReads() {
        parent.beforeShuffledReads();
    }

    @Override
    public void close() {
        if (owner) {
            parent.close();
        }
    }
}
