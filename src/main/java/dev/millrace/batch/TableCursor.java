package dev.millrace.batch;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.tensor.TensorBlob;
import org.jspecify.annotations.Nullable;

/** Walks the values and checksums of one table, laid end to end by a batch's statement, row by row. One thread at a time. */
final class TableCursor {
    private final CheckedRowParser parser;
    private byte[] bytes = new byte[0];
    private int at;
    private long checksum;

    TableCursor(CheckedTable table) {
        this.parser = new CheckedRowParser(table);
    }

    void start(byte[] rows) {
        bytes = rows;
        at = 0;
    }

    /**
     * Reads the tensors of one row into {@code tensors} from {@code first} on.
     *
     * @return where its values end; −1 if the checksum does not hold for the id
     */
    int next(long id, @Nullable TensorBlob[] tensors, int first) {
        int end = parser.parse(bytes, at, bytes.length, tensors, first);
        at = end;
        checksum = parser.checksum(id);
        return checksum == nextChecksum() ? end : -1;
    }

    /** Goes to where a row begins. */
    void seek(int place) {
        at = place;
    }

    /**
     * Where each of {@code count} rows begins, and at last the end; their checksums are not looked at.
     *
     * @return null if these are not that many rows
     * @throws dev.millrace.tensor.CorruptTensorException if these are no rows
     */
    int @Nullable [] starts(int count) {
        int[] starts = new int[count + 1];
        int place = 0;
        for (int row = 0; row < count; row++) {
            starts[row] = place;
            for (int column = parser.columnCount(); column > 0; column--) {
                boolean isNull = place < bytes.length && bytes[place] == RowBlock.NULL_MARK;
                place += isNull ? 1 : TensorBlob.encodedLength(bytes, place, bytes.length);
            }
            while (place < bytes.length && bytes[place] != ' ') {
                place++;
            }
            place = Math.min(place + 1, bytes.length);
        }
        starts[count] = place;
        return place == bytes.length ? starts : null;
    }

    int columnCount() {
        return parser.columnCount();
    }

    byte[] bytes() {
        return bytes;
    }

    int at() {
        return at;
    }

    /** The checksum of the row read last. */
    long checksum() {
        return checksum;
    }

    boolean isAtEnd() {
        return at == bytes.length;
    }

    private long nextChecksum() {
        long value = 0;
        int digits = 0;
        for (; at < bytes.length && bytes[at] != ' '; at++, digits++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9 || digits > 10) {
                return -1;
            }
            value = 10 * value + digit;
        }
        at = Math.min(at + 1, bytes.length);
        return digits == 0 ? -1 : value;
    }
}
