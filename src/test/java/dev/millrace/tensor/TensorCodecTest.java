package dev.millrace.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Round trips of every type, compression and rank, and the bytes that version 1 promises. */
class TensorCodecTest {
    private static final int[][] SHAPES = {
        {},
        {0},
        {1},
        {7},
        {3, 5},
        {0, 9},
        {4, 0},
        {2, 3, 4},
        {1, 1, 1, 1},
        {2, 1, 2, 1, 2, 1, 2, 1},
        {130, 3},
        {0, 0, 0}
    };

    static Stream<Arguments> kinds() {
        return Arrays.stream(DType.values())
                .flatMap(type -> Stream.of(Compression.NONE, Compression.LZ4)
                        .flatMap(compression ->
                                Arrays.stream(SHAPES).map(shape -> Arguments.of(type, compression, shape))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void encode_anyTypeCompressionAndShape_decodesToTheSameBytes(DType type, Compression compression, int[] shape) {
        byte[] raw = compressible(Arrays.stream(shape).reduce(1, (a, b) -> a * b) * type.sizeBytes());

        TensorBlob blob = TensorBlob.parse(
                TensorCodec.encode(type, raw, compression, shape).toBytes());

        assertThat(blob.type()).isEqualTo(type);
        assertThat(blob.shape()).isEqualTo(shape);
        assertThat(blob.rank()).isEqualTo(shape.length);
        assertThat(blob.elementCount() * type.sizeBytes()).isEqualTo(raw.length);
        assertThat(Blobs.rawBytes(blob)).isEqualTo(raw);
    }

    @Test
    void encode_blobInsideALargerArray_parsesAtItsOffset() {
        byte[] one = TensorCodec.ofIndices(new int[] {1, 2, 300}, 3).toBytes();
        byte[] two =
                TensorCodec.ofFloats(new float[1000], Compression.LZ4, 10, 100).toBytes();
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);

        TensorBlob first = TensorBlob.parse(both, 0, both.length);
        TensorBlob second = TensorBlob.parse(both, first.encodedLength(), both.length);

        assertThat(first.toLongs()).containsExactly(1, 2, 300);
        assertThat(second.toFloats()).isEqualTo(new float[1000]);
        assertThat(second.toBytes()).isEqualTo(two);
        assertThat(first.encodedLength() + second.encodedLength()).isEqualTo(both.length);
    }

    @Test
    void parse_goldenBytesOfVersion1_decodeForEver() {
        assertGolden("a1010002 0203 010203040506", new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        assertGolden("a1020001 02 ff7f", new int[] {2}, -1, 127);
        assertGolden("a1030001 02 0100", new int[] {2}, 1, 0);
        assertGolden("a1040001 02 ffff0100", new int[] {2}, 65535, 1);
        assertGolden("a1050001 02 ffffffff 00000100", new int[] {2}, -1, 65536);
        assertGolden("a1060000 0807060504030201", new int[] {}, (double) 0x0102030405060708L);
        assertGolden("a1070001 03 003c00c00038", new int[] {3}, 1, -2, 0.5);
        assertGolden("a1080001 02 0000803f 000020c1", new int[] {2}, 1, -10);
        assertGolden("a1090001 01 000000000000f03f", new int[] {1}, 1);
        assertGolden("a1010002 00808001", new int[] {0, 16384});
        // 300 bytes of 7 as an LZ4 block: one literal, a match of 294 at distance 1, five last literals.
        double[] sevens = new double[300];
        Arrays.fill(sevens, 7);
        assertGolden("a1010101 ac02 0c 1f 07 0100 ff 14 50 0707070707", new int[] {300}, sevens);
    }

    @Test
    void encode_knownArrays_writesTheGoldenBytes() {
        assertThat(hex(TensorCodec.ofUnsignedBytes(new byte[] {1, 2, 3, 4, 5, 6}, 2, 3)))
                .isEqualTo("a10100020203010203040506");
        assertThat(hex(TensorCodec.ofIndices(new int[] {0, 255}, 2))).isEqualTo("a10100010200ff");
        assertThat(hex(TensorCodec.ofIndices(new int[] {0, 256}, 2))).isEqualTo("a10400010200000001");
        assertThat(hex(TensorCodec.ofIndices(new int[] {65536}, 1))).isEqualTo("a10500010100000100");
        assertThat(hex(TensorCodec.ofFloats(new float[] {1}, Compression.NONE, 1)))
                .isEqualTo("a1080001010000803f");
        assertThat(hex(TensorCodec.ofDoubles(new double[] {1}, Compression.NONE, 1)))
                .isEqualTo("a109000101000000000000f03f");
    }

    @Test
    void encode_incompressibleBytes_areStoredRaw() {
        byte[] noise = new byte[200];
        new Random(5).nextBytes(noise);

        TensorBlob blob = TensorCodec.encode(DType.UINT8, noise, Compression.LZ4, 200);

        assertThat(blob.compression()).isEqualTo(Compression.NONE);
        assertThat(Blobs.rawBytes(blob)).isEqualTo(noise);
    }

    @Test
    void encode_sizeOrRankThatDoesNotFit_isRefusedWithBothValues() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorCodec.encode(DType.INT32, new byte[7], Compression.NONE, 2))
                .withMessageContaining("expected 8 bytes")
                .withMessageContaining("found 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorCodec.ofUnsignedBytes(new byte[1], 1, 1, 1, 1, 1, 1, 1, 1, 1))
                .withMessageContaining("8 dimensions");
        assertThatIllegalArgumentException().isThrownBy(() -> TensorCodec.ofIndices(new int[] {3, -1}, 2));
        assertThatThrownBy(() -> TensorCodec.ofUnsignedBytes(new byte[0], -1, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> TensorCodec.ofUnsignedBytes(new byte[0], 1 << 20, 1 << 20))
                .isInstanceOf(ArithmeticException.class);
    }

    private static void assertGolden(String hex, int[] shape, double... values) {
        TensorBlob blob = TensorBlob.parse(HexFormat.of().parseHex(hex.replace(" ", "")));
        assertThat(blob.shape()).isEqualTo(shape);
        assertThat(blob.toDoubles()).isEqualTo(values);
    }

    private static String hex(TensorBlob blob) {
        return HexFormat.of().formatHex(blob.toBytes());
    }

    private static byte[] compressible(int length) {
        byte[] raw = new byte[length];
        Random random = new Random(length);
        for (int i = 0; i < length; i++) {
            raw[i] = (byte) random.nextInt(3);
        }
        return raw;
    }
}
