package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Many rows of a {@link CheckedTable} laid end to end in one BLOB, each with its own checksum, so that a reader fetches
 * them with one access and still finds out when one of them is damaged or another's.
 *
 * <pre>
 *   block := row{count}
 *   row   := value{columns} crc        in the order of the table's columns
 *   value := tensor blob | 00          00 stands for NULL; the length of a tensor blob follows from its first bytes
 *   crc   := uint32, little-endian     {@link RowDigest} of the row's key and values; the key is known to the reader
 * </pre>
 *
 * <p>One thread at a time.
 */
@Internal
public final class RowBlock {
    /** What stands for NULL; no tensor blob begins with it. */
    public static final byte NULL_MARK = 0;

    private final RowDigest digest;
    private final ByteArrayOutputStream rows = new ByteArrayOutputStream();
    private int count;

    /** @param table whose rows these are */
    public RowBlock(CheckedTable table) {
        digest = new RowDigest(table);
    }

    /**
     * Adds a row.
     *
     * @param values {@code byte[]} of tensor blobs, or null, in the order of the table's columns
     */
    public void add(long key, @Nullable Object... values) {
        for (Object value : values) {
            if (value == null) {
                rows.write(NULL_MARK);
            } else {
                rows.writeBytes((byte[]) value);
            }
        }
        long crc = digest.of(key, values);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            rows.write((int) (crc >>> shift));
        }
        count++;
    }

    /** Rows added since the start or the last {@link #take()}. */
    public int count() {
        return count;
    }

    /** The rows so far, so that a build that is interrupted can {@link #restore} them. */
    public byte[] pending() {
        return rows.toByteArray();
    }

    /** Goes on where another left off: with its {@link #pending()} rows and their {@link #count()}. */
    public void restore(byte[] pending, int pendingCount) {
        rows.reset();
        rows.writeBytes(pending);
        count = pendingCount;
    }

    /** The block, and begins the next one. */
    public byte[] take() {
        byte[] block = rows.toByteArray();
        rows.reset();
        count = 0;
        return block;
    }
}
