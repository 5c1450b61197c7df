package dev.millrace.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes: another array of possible size, or a {@link CorruptTensorException}; nothing read outside the blob. */
class CorruptTensorTest {
    private static final int MARGIN = 64;

    @Test
    void parse_everySingleByteCorrupted_neverReadsOutsideBlob() {
        for (byte[] blob : samples()) {
            for (int at = 0; at < blob.length; at++) {
                for (int change : new int[] {1, 2, 4, 8, 16, 32, 64, 128, 255, 0x7F, 0xF0}) {
                    byte[] damaged = blob.clone();
                    damaged[at] ^= (byte) change;
                    decodeBetweenCanaries(damaged, "byte " + at + " ^ " + change);
                }
            }
        }
    }

    @Test
    void parse_blobCutAtEveryLength_throwsCorruptTensorException() {
        for (byte[] blob : samples()) {
            for (int length = 0; length < blob.length; length++) {
                byte[] cut = Arrays.copyOf(blob, length);
                assertThatThrownBy(() -> TensorBlob.parse(cut)).isInstanceOf(CorruptTensorException.class);
                int limit = MARGIN + length;
                byte[] inside = between(blob, (byte) 0xA1);
                assertThatThrownBy(() -> TensorBlob.parse(inside, MARGIN, limit))
                        .isInstanceOf(CorruptTensorException.class);
            }
        }
    }

    @Test
    void parse_bytesAfterTheBlob_areRefusedForAWholeArray() {
        byte[] longer = Arrays.copyOf(samples()[0], samples()[0].length + 1);

        assertThatThrownBy(() -> TensorBlob.parse(longer))
                .isInstanceOf(CorruptTensorException.class)
                .hasMessageContaining("expected the blob to end after " + (longer.length - 1))
                .hasMessageContaining("found " + longer.length);
    }

    @Test
    void parse_randomBytes_neverThrowAnotherException() {
        Random random = new Random(11);
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            byte[] head = {
                (byte) 0xA1, (byte) (1 + random.nextInt(9)), (byte) random.nextInt(2), (byte) random.nextInt(4)
            };
            System.arraycopy(head, 0, bytes, 0, Math.min(bytes.length, head.length));
            decodeBetweenCanaries(bytes, "random " + i);
        }
    }

    /* Each declares far more than its bytes can hold. parse() refuses them, and it never allocates for a payload. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a1010001ffffffff07", // 2^31 - 1 bytes, uncompressed
                "a1090001ffffffff07", // times 8
                "a1010008ffffffff07ffffffff07ffffffff07ffffffff07ffffffff07ffffffff07ffffffff07ffffffff07", // overflow
                "a1010002ffffffff07ffffffff0700", // product wraps around
                "a1010003ffffffff07ffffffff0700", // a zero after an impossible product
                "a10101018080808001 05 0000000000", // 2^28 bytes from 5
                "a1010101c080808000 05 0000000000", // not the shortest form
                "a10101018008 03 000000", // 1024 from 3 bytes: more than LZ4 can give
                "a10101010a ffffffff07 00", // payload longer than the blob
                "a101010180808080 80", // dimension without end
                "a1010001808080808010", // dimension of six bytes
                "a1010001ffffffff0f" // 2^32 - 1
            })
    void parse_forgedDimensionOrLength_isRefusedBeforeAllocation(String hex) {
        byte[] forged = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThatThrownBy(() -> TensorBlob.parse(forged)).isInstanceOf(CorruptTensorException.class);
    }

    @Test
    void parse_largestRatioThatLz4Allows_isBoundedByTheBlob() {
        byte[] bomb = TensorCodec.encode(DType.UINT8, new byte[1 << 24], Compression.LZ4, 1 << 24)
                .toBytes();

        assertThat(bomb.length).isGreaterThan((1 << 24) / 255 - 64);
        assertThat(TensorBlob.parse(bomb).elementCount()).isEqualTo(1 << 24);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a2010000", "00", "", "a1000000", "a10a0000", "a1010200", "a1010009"})
    void parse_wrongHeaderField_namesExpectedAndFound(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> TensorBlob.parse(bytes)).isInstanceOfSatisfying(CorruptTensorException.class, e -> {
            assertThat(e.offset()).isBetween(0L, 4L);
            assertThat(e.getMessage()).startsWith("Cannot decode tensor: ").contains("blob offset " + e.offset());
        });
    }

    /** Decodes the bytes in the middle of a larger array, twice with other surroundings: they must make no difference. */
    private static void decodeBetweenCanaries(byte[] bytes, String what) {
        byte[] first = decode(between(bytes, (byte) 0x00), bytes.length, what);
        byte[] second = decode(between(bytes, (byte) 0xFF), bytes.length, what);
        assertThat(second).as(what).isEqualTo(first);
    }

    private static byte[] decode(byte[] surrounded, int length, String what) {
        byte[] before = surrounded.clone();
        try {
            TensorBlob blob = TensorBlob.parse(surrounded, MARGIN, MARGIN + length);
            assertThat(blob.encodedLength()).isLessThanOrEqualTo(length);
            assertThat((long) blob.elementCount() * blob.type().sizeBytes())
                    .isLessThanOrEqualTo(Math.max(length, 255L * length + 64));
            byte[] raw = Blobs.rawBytes(blob);
            assertThat(blob.toDoubles()).hasSize(blob.elementCount());
            return raw;
        } catch (CorruptTensorException e) {
            return new byte[] {-1, -1, -1};
        } catch (RuntimeException | Error e) {
            return fail(what + " gave " + e, e);
        } finally {
            assertThat(surrounded).isEqualTo(before);
        }
    }

    private static byte[] between(byte[] bytes, byte canary) {
        byte[] surrounded = new byte[bytes.length + 2 * MARGIN];
        Arrays.fill(surrounded, canary);
        System.arraycopy(bytes, 0, surrounded, MARGIN, bytes.length);
        return surrounded;
    }

    private static byte[][] samples() {
        float[] peaks = new float[150];
        for (int i = 0; i < peaks.length; i += 9) {
            peaks[i] = i / 150f;
        }
        return new byte[][] {
            TensorCodec.ofUnsignedBytes(new byte[] {5, 0, 0, 1, 2, 3, 4, 9, 8}, 3, 3)
                    .toBytes(),
            TensorCodec.ofIndices(new int[] {0, 1, 1, 300, 2, 1}, 2, 3).toBytes(),
            TensorCodec.ofFloats(peaks, Compression.NONE, 150).toBytes(),
            TensorCodec.ofFloats(peaks, Compression.LZ4, 150).toBytes(),
            TensorCodec.ofFloats(peaks, Compression.LZ4, 3, 5, 10).toBytes(),
            TensorCodec.ofUnsignedBytes(new byte[0], 0, 9).toBytes()
        };
    }
}
