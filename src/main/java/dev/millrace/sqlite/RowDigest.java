package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksum that every row read by training carries in its column {@code row_crc}.
 *
 * <pre>
 *   row_crc := CRC-32C( table key length{columns} value{columns} )     0 … 2^32 − 1
 *   table   := CRC-32C of the table's name in UTF-8, 4 bytes
 *   key     := 8 bytes
 *   length  := bytes of the column's value, 4 bytes; −1 for NULL
 *   value   := BLOB as it is, TEXT in UTF-8, INTEGER as int64, REAL as float64
 * </pre>
 *
 * All numbers little-endian. The key makes a row that was put in another's place as visible as a changed bit. SQLite itself
 * detects neither.
 *
 * <p>Reused for row after row; one thread at a time.
 */
@Internal
public final class RowDigest {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer head;
    private final ByteBuffer scalar = little(Long.BYTES);

    /** @param table the checked table: its name and number of columns are part of every checksum */
    public RowDigest(CheckedTable table) {
        crc.update(table.name().getBytes(StandardCharsets.UTF_8));
        head = little(
                Integer.BYTES + Long.BYTES + Integer.BYTES * table.columns().size());
        head.putInt(0, (int) crc.getValue());
    }

    /** Starts a row whose values are spans of bytes; a negative length stands for NULL. Then {@link #value} each. */
    public RowDigest begin(long key, int... lengths) {
        head.putLong(Integer.BYTES, key);
        for (int i = 0; i < lengths.length; i++) {
            head.putInt(Integer.BYTES + Long.BYTES + Integer.BYTES * i, lengths[i]);
        }
        crc.reset();
        crc.update(head.array());
        return this;
    }

    /** Adds the bytes of the next column that is not NULL. */
    public RowDigest value(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
        return this;
    }

    /** The checksum of the row. */
    public long end() {
        return crc.getValue();
    }

    /** The checksum of a row given as the driver's objects: {@code byte[]}, String, Integer, Long, Double or null. */
    public long of(long key, @Nullable Object... values) {
        byte[][] encoded = new byte[values.length][];
        int[] lengths = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            encoded[i] = encode(values[i]);
            lengths[i] = values[i] == null ? -1 : encoded[i].length;
        }
        begin(key, lengths);
        for (byte[] value : encoded) {
            value(value, 0, value.length);
        }
        return end();
    }

    private byte[] encode(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        } else if (value instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        } else if (value instanceof Integer || value instanceof Long) {
            return scalar.putLong(0, ((Number) value).longValue()).array().clone();
        } else if (value instanceof Double number) {
            return scalar.putDouble(0, number).array().clone();
        } else if (value == null) {
            return new byte[0];
        }
        throw new IllegalArgumentException("Cannot digest a column of " + value.getClass());
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
