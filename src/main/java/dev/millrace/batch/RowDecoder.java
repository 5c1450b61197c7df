package dev.millrace.batch;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decodes rows that were kept as bytes: per table {@code value{columns} crc}, as in {@link dev.millrace.sqlite.RowBlock}.
 * One thread at a time.
 */
final class RowDecoder<R> {
    private final CheckedRowParser[] parsers;
    private final Function<TensorRow, R> mapper;
    private final int columnCount;

    RowDecoder(List<CheckedTable> tables, Function<TensorRow, R> mapper) {
        this.parsers = tables.stream().map(CheckedRowParser::new).toArray(CheckedRowParser[]::new);
        this.mapper = mapper;
        this.columnCount =
                tables.stream().mapToInt(table -> table.columns().size()).sum();
    }

    /** The row in these bytes; null if they are not exactly a row whose checksums hold for the id. */
    @Nullable
    R decode(long id, byte[] bytes, int from, int to) {
        @Nullable TensorBlob[] tensors = new @Nullable TensorBlob[columnCount];
        int at = from;
        int first = 0;
        try {
            for (CheckedRowParser parser : parsers) {
                at = parser.parse(bytes, at, to, tensors, first);
                if (to - at < Integer.BYTES || parser.checksum(id) != checksum(bytes, at)) {
                    return null;
                }
                at += Integer.BYTES;
                first += parser.columnCount();
            }
        } catch (CorruptTensorException e) {
            return null;
        }
        return at == to ? mapper.apply(new TensorRow(id, tensors)) : null;
    }

    /** Where the row ends that starts at {@code from}; −1 if none does. Its checksums are not looked at. */
    int end(byte[] bytes, int from, int limit) {
        int at = from;
        try {
            for (CheckedRowParser parser : parsers) {
                for (int i = parser.columnCount(); i > 0; i--) {
                    boolean isNull = at < limit && bytes[at] == RowBlock.NULL_MARK;
                    at += isNull ? 1 : TensorBlob.encodedLength(bytes, at, limit);
                }
                at += Integer.BYTES;
                if (at > limit) {
                    return -1;
                }
            }
        } catch (CorruptTensorException e) {
            return -1;
        }
        return at;
    }

    private static long checksum(byte[] bytes, int at) {
        int low = (bytes[at] & 0xFF) | ((bytes[at + 1] & 0xFF) << 8);
        int high = (bytes[at + 2] & 0xFF) | ((bytes[at + 3] & 0xFF) << 8);
        return low | ((long) high << 16);
    }
}
