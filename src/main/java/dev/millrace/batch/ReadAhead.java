package dev.millrace.batch;

import dev.millrace.sqlite.DatabaseException;
import dev.millrace.tensor.CorruptTensorException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of several batches with one statement, in ascending order of their ids, and hands them out batch by batch. A
 * page of the table is then visited once for all its rows that are wanted soon, and pages are visited in the order in which
 * they lie.
 *
 * <p>How many batches are read at once doubles from one, so that the first batch comes soon, up to some {@value #MOST_BYTES}
 * bytes. A run that is damaged is read again batch by batch, so that a damaged row is an error of the batch that it is in. One
 * thread at a time; the reader stays its owner's to close.
 */
final class ReadAhead<R> {
    private static final int MOST_BYTES = 6 << 20;
    private static final int MOST_BATCHES = 128;

    private final TensorJoinReader<R> reader;
    private int[] places = new int[0];
    private int[][] starts = new int[0][];
    private boolean usable;
    private int batches = 1;

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // written, so that touching is not optimised away
    private int touched;

    ReadAhead(TensorJoinReader<R> reader) {
        this.reader = reader;
    }

    /** How many batches the next run should have. */
    int batches() {
        return batches;
    }

    /** Reads a run: the ids of its batches, one batch after another. */
    void read(long[] ids) {
        int[] order = TensorJoinReader.ascending(ids);
        long[] sorted = new long[ids.length];
        places = new int[ids.length];
        for (int i = 0; i < order.length; i++) {
            sorted[i] = ids[order[i]];
            places[order[i]] = i;
        }
        usable = false;
        try {
            usable = find(reader.fetch(sorted), ids.length);
        } catch (DatabaseException | CorruptTensorException e) {
            // Said again by the batch that it belongs to, if it is still so.
            batches = 1;
        }
    }

    private boolean find(TableCursor[] tables, int count) {
        long bytes = 0;
        starts = new int[tables.length][];
        for (int t = 0; t < tables.length; t++) {
            int[] found = tables[t].starts(count);
            if (found == null) {
                return false;
            }
            starts[t] = found;
            bytes += tables[t].bytes().length;
        }
        if (2 * bytes <= MOST_BYTES) {
            batches = Math.min(2 * batches, MOST_BATCHES);
        } else if (bytes > MOST_BYTES) {
            batches = Math.max(1, batches / 2);
        }
        return true;
    }

    /** The rows of a batch of the run: these ids, the first of which is the {@code first}-th of the run. */
    List<R> batch(long[] ids, int first) {
        if (usable) {
            touched = touch(first, ids.length);
            List<R> rows = decode(ids, first);
            if (rows != null) {
                return rows;
            }
        }
        // The next statement of the reader takes the place of the run's.
        usable = false;
        return reader.read(ids);
    }

    private @Nullable List<R> decode(long[] ids, int first) {
        List<R> rows = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            R row = reader.decode(ids[i], starts, places[first + i]);
            if (row == null) {
                return null;
            }
            rows.add(row);
        }
        return rows;
    }

    /* As BlockReader does: the rows of a batch lie all over the run. */
    private int touch(int first, int count) {
        int sum = 0;
        TableCursor[] tables = reader.cursors();
        for (int t = 0; t < tables.length; t++) {
            byte[] bytes = tables[t].bytes();
            for (int i = first; i < first + count; i++) {
                int end = starts[t][places[i] + 1];
                for (int at = starts[t][places[i]]; at < end; at += EncodedRows.CACHE_LINE_BYTES) {
                    sum += bytes[at];
                }
            }
        }
        return sum;
    }
}
