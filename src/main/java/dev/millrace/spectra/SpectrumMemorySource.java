package dev.millrace.spectra;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.RowSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples of another source, read once and kept in the heap as they are stored: about 1 KB per compound, and no SQL during
 * training. Closes that source with itself.
 */
final class SpectrumMemorySource implements RowSource<SpectrumRow> {
    private static final int BATCH = 512;

    private final RowSource<SpectrumRow> origin;
    private final List<SpectrumRow> rows;

    private SpectrumMemorySource(RowSource<SpectrumRow> origin, List<SpectrumRow> rows) {
        this.origin = origin;
        this.rows = rows;
    }

    /** Reads all samples of a source; every row's checksum is checked once, here. */
    static SpectrumMemorySource load(RowSource<SpectrumRow> origin) {
        long[] ids = origin.ids();
        List<SpectrumRow> rows = new ArrayList<>(ids.length);
        try (RowReader<SpectrumRow> reader = origin.openReader()) {
            for (int from = 0; from < ids.length; from += BATCH) {
                rows.addAll(reader.read(Arrays.copyOfRange(ids, from, Math.min(from + BATCH, ids.length))));
            }
        }
        return new SpectrumMemorySource(origin, List.copyOf(rows));
    }

    @Override
    public long[] ids() {
        return origin.ids();
    }

    @Override
    public RowReader<SpectrumRow> openReader() {
        return new RowReader<>() {
            @Override
            public List<SpectrumRow> read(long[] wanted) {
                List<SpectrumRow> found = new ArrayList<>(wanted.length);
                for (long id : wanted) {
                    int position = Arrays.binarySearch(origin.ids(), id);
                    if (position < 0) {
                        throw new IllegalArgumentException("Expected an id of the split, found " + id + ".");
                    }
                    found.add(rows.get(position));
                }
                return found;
            }

            @Override
            public void close() {
                // Holds nothing.
            }
        };
    }

    @Override
    public String digest() {
        return origin.digest();
    }

    @Override
    public void close() {
        origin.close();
    }
}
