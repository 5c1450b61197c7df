package dev.millrace.genome;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lays short windows behind each other, so that rows of W tokens hold less padding: tokens keep their positions from 0 in each
 * segment, labels and loss end with it, and the boundaries go with the row, for attention that stays within them.
 *
 * <p>First fit: each window goes into the oldest open row that has room; when there is none, a row is opened, and beyond the number of
 * open rows the fullest is given out, the older of equals. So the plan is a function of the order of the lengths alone. Immutable,
 * thread-safe.
 *
 * @param capacity tokens of a row, W
 * @param rows in the order in which they are given out
 */
public record WindowPacking(int capacity, List<Row> rows) {
    /** Open rows, unless said otherwise: more find better places and hold windows back for longer. */
    public static final int DEFAULT_OPEN_ROWS = 64;

    /**
     * One row.
     *
     * @param items which windows, by their place in the list that was planned, in the order they came
     * @param boundaries where each begins, and where the last ends: one more than items, the first 0 ({@code cu_seqlens})
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on to buffers, never compared
    public record Row(int[] items, int[] boundaries) {
        /** Tokens that are no padding. */
        public int used() {
            return boundaries[boundaries.length - 1];
        }
    }

    public WindowPacking {
        rows = List.copyOf(rows);
    }

    /**
     * Plans rows.
     *
     * @param lengths tokens of each window, {@code WindowFormat::tokens}; those of no tokens are in no row
     * @param openRows rows that may be open at a time, from 1
     * @throws IllegalArgumentException if a length is negative or above {@code capacity}
     */
    public static WindowPacking plan(int capacity, int[] lengths, int openRows) {
        if (capacity < 1 || openRows < 1) {
            throw new IllegalArgumentException("Expected rows of at least 1 token and at least 1 open row, found "
                    + capacity + " and " + openRows + ".");
        }
        List<Row> rows = new ArrayList<>();
        List<OpenRow> open = new ArrayList<>();
        for (int item = 0; item < lengths.length; item++) {
            int length = lengths[item];
            if (length < 0 || length > capacity) {
                throw new IllegalArgumentException("Cannot pack window " + item + ": expected 0 to " + capacity
                        + " tokens, found " + length + ".");
            }
            if (length == 0) {
                continue;
            }
            OpenRow place = open.stream()
                    .filter(row -> row.used() + length <= capacity)
                    .findFirst()
                    .orElse(null);
            if (place == null) {
                if (open.size() == openRows) {
                    rows.add(removeFullest(open).close());
                }
                place = new OpenRow();
                open.add(place);
            }
            place.add(item, length);
        }
        open.forEach(row -> rows.add(row.close()));
        return new WindowPacking(capacity, rows);
    }

    private static OpenRow removeFullest(List<OpenRow> open) {
        int fullest = 0;
        for (int i = 1; i < open.size(); i++) {
            if (open.get(i).used() > open.get(fullest).used()) {
                fullest = i;
            }
        }
        return open.remove(fullest);
    }

    /** Share of padding in all tokens of all rows; 0 without rows. */
    public double paddingShare() {
        long used = rows.stream().mapToLong(Row::used).sum();
        return rows.isEmpty() ? 0 : 1 - used / ((double) rows.size() * capacity);
    }

    /** Share of padding that windows of these lengths have in rows of their own. */
    public static double paddingShareUnpacked(int capacity, int[] lengths) {
        long used = Arrays.stream(lengths).asLongStream().sum();
        return lengths.length == 0 ? 0 : 1 - used / ((double) lengths.length * capacity);
    }

    /**
     * Writes one row at the positions of four buffers, in the byte order of the machine, and advances them by W values. Padding has
     * the token {@code <PAD>}, no loss, and positions from 0.
     *
     * @param windows the list that was planned; those of the row are looked at
     * @param tokens int64, or int32; labels and positions too
     * @param lossMask float32
     * @return how many tokens count in the loss
     */
    public int encode(
            WindowFormat format,
            List<Window> windows,
            Row row,
            ByteBuffer tokens,
            ByteBuffer labels,
            ByteBuffer lossMask,
            ByteBuffer positions,
            boolean int32) {
        int width = int32 ? Integer.BYTES : Long.BYTES;
        ByteBuffer tokenRow = WindowFormat.claim(tokens, capacity * width);
        ByteBuffer labelRow = WindowFormat.claim(labels, capacity * width);
        ByteBuffer lossRow = WindowFormat.claim(lossMask, capacity * Float.BYTES);
        ByteBuffer positionRow = WindowFormat.claim(positions, capacity * width);
        int lossTokens = 0;
        for (int segment = 0; segment < row.items().length; segment++) {
            Window window = windows.get(row.items()[segment]);
            int length = row.boundaries()[segment + 1] - row.boundaries()[segment];
            if (format.tokens(window) != length) {
                throw new IllegalArgumentException("Cannot pack window " + window.index() + ": expected the " + length
                        + " tokens that were planned, found " + format.tokens(window) + ".");
            }
            lossTokens += format.encode(window, tokenRow, labelRow, lossRow, width, length);
            putPositions(positionRow, length, width);
        }
        int pad = format.tokenIds().pad();
        int padding = capacity - row.used();
        for (int place = 0; place < padding; place++) {
            put(tokenRow, pad, width);
            put(labelRow, pad, width);
            lossRow.putFloat(0);
        }
        putPositions(positionRow, padding, width);
        return lossTokens;
    }

    private static void putPositions(ByteBuffer positions, int count, int width) {
        for (int place = 0; place < count; place++) {
            put(positions, place, width);
        }
    }

    private static void put(ByteBuffer buffer, int value, int width) {
        if (width == Integer.BYTES) {
            buffer.putInt(value);
        } else {
            buffer.putLong(value);
        }
    }

    /** A row that still takes windows. */
    private static final class OpenRow {
        private final List<Integer> items = new ArrayList<>();
        private final List<Integer> boundaries = new ArrayList<>(List.of(0));

        int used() {
            return boundaries.get(boundaries.size() - 1);
        }

        void add(int item, int length) {
            items.add(item);
            boundaries.add(used() + length);
        }

        Row close() {
            return new Row(
                    items.stream().mapToInt(Integer::intValue).toArray(),
                    boundaries.stream().mapToInt(Integer::intValue).toArray());
        }
    }
}
