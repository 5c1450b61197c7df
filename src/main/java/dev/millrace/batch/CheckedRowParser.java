package dev.millrace.batch;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.TensorBlob;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of one row of one table, tensor blobs or {@link RowBlock#NULL_MARK} laid end to end, and computes the
 * checksum they have under a key. One thread at a time.
 */
final class CheckedRowParser {
    private final RowDigest digest;
    private final int[] lengths;
    private byte[] bytes = new byte[0];
    private int start;
    private int end;

    CheckedRowParser(CheckedTable table) {
        this.digest = new RowDigest(table);
        this.lengths = new int[table.columns().size()];
    }

    int columnCount() {
        return lengths.length;
    }

    /**
     * Parses the row that starts at {@code from} into {@code tensors} from {@code first} on; null stands for NULL.
     *
     * @return where the row ends
     * @throws dev.millrace.tensor.CorruptTensorException if these are no values of a row
     */
    int parse(byte[] source, int from, int limit, @Nullable TensorBlob[] tensors, int first) {
        int at = from;
        for (int i = 0; i < lengths.length; i++) {
            if (at < limit && source[at] == RowBlock.NULL_MARK) {
                lengths[i] = -1;
                at++;
            } else {
                TensorBlob tensor = TensorBlob.parse(source, at, limit);
                tensors[first + i] = tensor;
                lengths[i] = tensor.encodedLength();
                at += lengths[i];
            }
        }
        bytes = source;
        start = from;
        end = at;
        return at;
    }

    /** The checksum of the row parsed last, if it has this key. */
    long checksum(long id) {
        digest.begin(id, lengths);
        int from = start;
        int at = start;
        // Spans without a NULL between them are one span to the checksum.
        for (int length : lengths) {
            if (length < 0) {
                digest.value(bytes, from, at - from);
                from = ++at;
            } else {
                at += length;
            }
        }
        digest.value(bytes, from, end - from);
        return digest.end();
    }
}
