package dev.millrace.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every {@link Compression}. */
class CompressionContractTest {
    static Stream<Compression> all() {
        return Arrays.stream(Compression.class.getPermittedSubclasses()).map(CompressionContractTest::newInstance);
    }

    @ParameterizedTest
    @MethodSource("all")
    void compress_anyInput_isUndoneInsideALargerArray(Compression compression) {
        for (byte[] raw : inputs()) {
            byte[] payload = compression.compress(raw);
            assertThat(payload.length).isLessThanOrEqualTo(raw.length);
            if (payload == raw) {
                continue;
            }
            byte[] padded = new byte[payload.length + 20];
            Arrays.fill(padded, (byte) 0x5A);
            System.arraycopy(payload, 0, padded, 10, payload.length);
            byte[] again = new byte[raw.length];
            compression.decompress(padded, 10, payload.length, again);
            assertThat(again).isEqualTo(raw);
            assertThat(compression.largestRawLength(payload.length)).isGreaterThanOrEqualTo(raw.length);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void decompress_wrongDeclaredLengthOrCutInput_throwsCorruptTensorException(Compression compression) {
        byte[] payload = compression.compress(new byte[1000]);
        for (int declared : new int[] {0, 1, 999, 1001, 4000}) {
            assertThatThrownBy(() -> compression.decompress(payload, 0, payload.length, new byte[declared]))
                    .isInstanceOf(CorruptTensorException.class);
        }
        for (int cut = 0; cut < payload.length; cut++) {
            int length = cut;
            assertThatThrownBy(() -> compression.decompress(payload, 0, length, new byte[1000]))
                    .isInstanceOf(CorruptTensorException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void code_ofEveryCompression_isReadBackFromABlob(Compression compression) {
        TensorBlob blob = TensorCodec.encode(DType.UINT8, new byte[1000], compression, 1000);

        assertThat(TensorBlob.parse(blob.toBytes()).compression()).isEqualTo(compression);
    }

    private static Compression newInstance(Class<?> type) {
        try {
            return (Compression) type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static byte[][] inputs() {
        Random random = new Random(1);
        byte[] noise = new byte[5000];
        random.nextBytes(noise);
        byte[] few = new byte[70_000];
        for (int i = 0; i < few.length; i++) {
            few[i] = (byte) random.nextInt(2);
        }
        return new byte[][] {{}, {7}, new byte[13], new byte[1 << 20], noise, few};
    }
}
