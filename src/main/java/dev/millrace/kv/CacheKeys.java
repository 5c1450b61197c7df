package dev.millrace.kv;

import dev.millrace.batch.SlotInput;
import dev.millrace.batch.SlotRows;
import dev.millrace.build.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The keys under which computed rows are kept.
 *
 * <pre>
 *   key      := what "." row                    37 characters
 *   what     := 12 characters of base64url      the first 72 bits of SHA-256(slot): results of one transform lie together
 *   row      := 24 characters of base64url      the first 144 bits of SHA-256(slot value{columns})
 *   slot     := fingerprint type rank dim{rank} text is its length in bytes, then UTF-8; numbers are big-endian
 *   value    := 0 | 1 long | 2 double | 3 text | 4 length bytes
 * </pre>
 *
 * Every value that the transform sees is in the key, and nothing else is. The digest of the dataset and the id of the row are not:
 * the digest of a query dataset covers its queries and ids and no content, so with it a changed row would find its old
 * result, and an added row or column would lose the results of all others. 144 bits: among 10¹² rows two with one key
 * have a probability of 10⁻²⁰.
 */
final class CacheKeys {
    private static final int WHAT_BYTES = 9;
    private static final int ROW_BYTES = 18;
    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

    private final SlotRows rows;
    private final byte[] slot;
    private final Sha256 hash = new Sha256();

    CacheKeys(String fingerprint, SlotRows rows) {
        this.rows = rows;
        this.slot = encode(out -> {
            text(out, fingerprint);
            text(out, rows.type().name());
            out.writeInt(rows.shape().size());
            for (int dim : rows.shape()) {
                out.writeInt(dim);
            }
        });
    }

    /** Of every row, in order. */
    List<String> all() {
        String what = TEXT.encodeToString(Arrays.copyOf(hash.add(slot).digest(), WHAT_BYTES));
        List<String> keys = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            SlotInput input = rows.get(row);
            byte[] digest =
                    hash.add(slot).add(encode(out -> values(out, input))).digest();
            keys.add(what + "." + TEXT.encodeToString(Arrays.copyOf(digest, ROW_BYTES)));
        }
        return keys;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private interface Encoding {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] encode(Encoding encoding) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            encoding.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("An array cannot be written to", e);
        }
        return bytes.toByteArray();
    }

    private static void values(DataOutputStream out, SlotInput input) throws IOException {
        for (int column = 0; column < input.size(); column++) {
            Object value = input.value(column);
            if (value == null) {
                out.writeByte(0);
            } else if (value instanceof Long number) {
                out.writeByte(1);
                out.writeLong(number);
            } else if (value instanceof Double number) {
                out.writeByte(2);
                out.writeLong(Double.doubleToRawLongBits(number));
            } else if (value instanceof String text) {
                out.writeByte(3);
                text(out, text);
            } else if (value instanceof byte[] bytes) {
                out.writeByte(4);
                out.writeInt(bytes.length);
                out.write(bytes);
            } else {
                throw new IllegalArgumentException("Expected a value of SQLite's, found a " + value.getClass() + ".");
            }
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = utf8(text);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
