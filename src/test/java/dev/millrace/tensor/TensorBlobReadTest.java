package dev.millrace.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways to read elements agree with each other and with Java's own conversions. */
class TensorBlobReadTest {
    private static final int COUNT = 40;

    @ParameterizedTest
    @EnumSource(DType.class)
    void putFloats_everyType_agreesWithToFloats(DType type) {
        for (Compression compression : new Compression[] {Compression.NONE, Compression.LZ4}) {
            TensorBlob blob = sample(type, compression);
            ByteBuffer target = Blobs.little(8 + COUNT * Float.BYTES);
            target.position(4);
            blob.putFloats(target);

            assertThat(target.position()).isEqualTo(4 + COUNT * Float.BYTES);
            for (int i = 0; i < COUNT; i++) {
                assertThat(target.getFloat(4 + 4 * i)).isEqualTo(blob.toFloats()[i]);
                assertThat(blob.toFloats()[i]).isEqualTo((float) blob.toDoubles()[i]);
            }
            assertThat(target.getInt(0)).isZero();
            assertThat(target.getInt(4 + COUNT * Float.BYTES)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"UINT8", "INT8", "BOOLEAN", "UINT16", "INT32", "INT64"})
    void putLongs_everyIntegerType_agreesWithToLongsAndTellsTheLargest(DType type) {
        for (Compression compression : new Compression[] {Compression.NONE, Compression.LZ4}) {
            TensorBlob blob = sample(type, compression);
            long[] expected = blob.toLongs();
            ByteBuffer target = ByteBuffer.allocateDirect(30 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

            long largest = blob.putLongs(target, 5, 35, 1000);

            long seen = -1;
            for (int i = 0; i < 30; i++) {
                assertThat(target.getLong(8 * i)).isEqualTo(expected[5 + i] + 1000);
                seen = Math.max(seen, expected[5 + i] < 0 ? Long.MAX_VALUE : expected[5 + i]);
            }
            assertThat(largest).isEqualTo(seen);
            assertThat(target.hasRemaining()).isFalse();
            assertThat(blob.putLongs(target, 3, 3, 0)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "FLOAT32", "FLOAT64"})
    void toLongs_floatingType_isRefused(DType type) {
        TensorBlob blob = sample(type, Compression.NONE);

        assertThatIllegalStateException().isThrownBy(blob::toLongs).withMessageContaining(type.name());
        assertThatIllegalStateException().isThrownBy(() -> blob.putLongs(Blobs.little(800), 0, 1, 0));
        assertThatIllegalStateException().isThrownBy(blob::max);
    }

    @ParameterizedTest
    @CsvSource({
        "0000, 0",
        "8000, -0.0",
        "0001, 5.9604645E-8",
        "8001, -5.9604645E-8",
        "03ff, 6.097555E-5",
        "0400, 6.1035156E-5",
        "3555, 0.33325195",
        "3bff, 0.99951172",
        "3c00, 1",
        "3c01, 1.0009766",
        "c000, -2",
        "7bff, 65504",
        "7c00, Infinity",
        "fc00, -Infinity",
        "7e00, NaN"
    })
    void toFloats_halfFloat_hasItsIeeeValue(String bits, float expected) {
        int half = Integer.parseInt(bits, 16);
        TensorBlob blob =
                TensorCodec.encode(DType.FLOAT16, new byte[] {(byte) half, (byte) (half >> 8)}, Compression.NONE, 1);

        assertThat(Float.floatToIntBits(blob.toFloats()[0])).isEqualTo(Float.floatToIntBits(expected));
    }

    @Test
    void max_negativeElement_isLargerThanEveryIndex() {
        byte[] minusOne = Blobs.little(8).putInt(3).putInt(-1).array();

        assertThat(TensorCodec.encode(DType.INT32, minusOne, Compression.NONE, 2)
                        .max())
                .isEqualTo(Long.MAX_VALUE);
        assertThat(TensorCodec.ofIndices(new int[] {3, 70_000}, 2).max()).isEqualTo(70_000);
        assertThat(TensorCodec.ofIndices(new int[0], 2, 0).max()).isEqualTo(-1);
    }

    private static TensorBlob sample(DType type, Compression compression) {
        Random random = new Random(type.code());
        ByteBuffer raw = Blobs.little(COUNT * type.sizeBytes());
        for (int i = 0; i < COUNT; i++) {
            switch (type) {
                case UINT8, INT8 -> raw.put((byte) random.nextInt());
                case BOOLEAN -> raw.put((byte) random.nextInt(2));
                case UINT16 -> raw.putShort((short) random.nextInt());
                case FLOAT16 -> raw.putShort((short) random.nextInt(0x7C00));
                case INT32 -> raw.putInt(random.nextInt() >> random.nextInt(31));
                case INT64 -> raw.putLong(random.nextLong() >> random.nextInt(63));
                case FLOAT32 -> raw.putFloat(random.nextFloat());
                case FLOAT64 -> raw.putDouble(random.nextGaussian());
            }
        }
        return TensorCodec.encode(type, raw.array(), compression, COUNT);
    }
}
