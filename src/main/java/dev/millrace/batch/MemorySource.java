package dev.millrace.batch;

import dev.millrace.Internal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Rows of another source, read once in the order of their ids and kept as they are stored: encoded, in a few large arrays. No
 * SQL during training; checksums are checked at every use all the same. Order and batches are those of the other source.
 *
 * <p>Thread-safe. Closes the other source with itself. Memory: the encoded rows and 4 bytes for each; within a limit.
 *
 * @param <R> the domain's row
 */
@Internal
public final class MemorySource<R> implements RowSource<R> {
    private static final int ROWS_PER_READ = 2048;
    private static final int SAMPLED_ROWS = 2048;
    private static final double SHARE_OF_HEAP = 0.6;

    private final RowSource<R> origin;
    private final IdIndex index;
    private final EncodedRows rows;

    private MemorySource(RowSource<R> origin, IdIndex index, EncodedRows rows) {
        this.origin = origin;
        this.index = index;
        this.rows = rows;
    }

    /** Most bytes that rows may take unless somebody says otherwise: 60 % of the largest heap ({@code -Xmx}). */
    public static long defaultLimitBytes() {
        return (long) (SHARE_OF_HEAP * Runtime.getRuntime().maxMemory());
    }

    /**
     * Reads all rows of a source.
     *
     * @param origin of this package's making, ids ascending; not closed when this fails
     * @param limitBytes most bytes to keep
     * @throws MemoryLimitException if the rows need more, before they are read as far as a sample of them tells
     * @throws dev.millrace.sqlite.CorruptDatabaseException if a row is missing or damaged
     */
    public static <R> MemorySource<R> load(RowSource<R> origin, long limitBytes) {
        long[] ids = origin.ids();
        EncodedRows rows = new EncodedRows();
        try (EncodedReader<R> reader = encoded(origin)) {
            requireRoom(expectedBytes(reader, ids), limitBytes, ids.length);
            for (int from = 0; from < ids.length; from += ROWS_PER_READ) {
                reader.readEncoded(Arrays.copyOfRange(ids, from, Math.min(from + ROWS_PER_READ, ids.length)), rows);
                requireRoom(rows.bytes(), limitBytes, ids.length);
            }
        }
        rows.finish();
        return new MemorySource<>(origin, new IdIndex(IdRange.of(ids)), rows);
    }

    /** Bytes of the rows kept. */
    long bytes() {
        return rows.bytes();
    }

    private static <R> EncodedReader<R> encoded(RowSource<R> origin) {
        RowReader<R> reader = origin.openReader();
        if (reader instanceof EncodedReader<R> encoded) {
            return encoded;
        }
        reader.close();
        throw new IllegalArgumentException("Expected a source whose rows are tensors, found one of other rows.");
    }

    /** From rows spread over the split. */
    private static long expectedBytes(EncodedReader<?> reader, long[] ids) {
        int count = Math.min(SAMPLED_ROWS, ids.length);
        if (count == 0) {
            return 0;
        }
        long[] chosen = new long[count];
        for (int i = 0; i < count; i++) {
            chosen[i] = ids[(int) ((long) i * ids.length / count)];
        }
        EncodedRows sample = new EncodedRows();
        reader.readEncoded(chosen, sample);
        return (long) ((double) sample.bytes() / count * ids.length);
    }

    private static void requireRoom(long bytes, long limitBytes, int count) {
        if (bytes > limitBytes) {
            throw new MemoryLimitException(String.format(
                    Locale.ROOT,
                    "Cannot keep %,d rows in memory: expected at most %,d MiB, found about %,d MiB. Start Java with"
                            + " -Xmx%dm or more, or turn the cache in memory off.",
                    count,
                    limitBytes >> 20,
                    (bytes + (1 << 20) - 1) >> 20,
                    ((long) (bytes / SHARE_OF_HEAP) + (1 << 20) - 1) >> 20));
        }
    }

    @Override
    public long[] ids() {
        return origin.ids();
    }

    @Override
    public RowReader<R> openReader() {
        RowDecoder<R> decoder;
        try (EncodedReader<R> reader = encoded(origin)) {
            decoder = reader.decoder();
        }
        return new Reader(decoder);
    }

    @Override
    public String digest() {
        return origin.digest();
    }

    @Override
    public @Nullable SampleTables tables() {
        return origin.tables();
    }

    @Override
    public @Nullable BlockLayout blocks() {
        return origin.blocks();
    }

    @Override
    public void close() {
        origin.close();
    }

    private final class Reader implements RowReader<R> {
        private final RowDecoder<R> decoder;

        @SuppressWarnings({"unused", "FieldCanBeLocal"}) // written, so that touching is not optimised away
        private int touched;

        Reader(RowDecoder<R> decoder) {
            this.decoder = decoder;
        }

        @Override
        public List<R> read(long[] ids) {
            int[] places = new int[ids.length];
            for (int i = 0; i < ids.length; i++) {
                places[i] = index.find(ids[i]);
                if (places[i] < 0) {
                    throw new IllegalArgumentException("Expected an id of the split, found " + ids[i] + ".");
                }
            }
            touched = rows.touch(places);
            List<R> found = new ArrayList<>(ids.length);
            for (int i = 0; i < ids.length; i++) {
                R row = rows.decode(places[i], ids[i], decoder);
                if (row == null) {
                    throw new IllegalStateException(
                            "Row " + ids[i]
                                    + " in memory no longer has the checksum that it was read with. Check this machine's memory.");
                }
                found.add(row);
            }
            return found;
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }
}
