package dev.millrace.batch;

import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Chosen positions of another source, which stays open when this one is closed. */
record SubsetSource<R>(RowSource<R> parent, long[] ids, String chosen) implements RowSource<R> {
    SubsetSource(RowSource<R> parent, int[] positions) {
        this(parent, Arrays.stream(positions).mapToLong(p -> parent.id(p)).toArray(), digestOf(positions));
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
        return parent.digest() + " subset=" + chosen;
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
        // The parent dataset closes its source.
    }
}
