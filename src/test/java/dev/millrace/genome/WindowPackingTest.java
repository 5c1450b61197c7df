package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowPackingTest {
    @Test
    void plan_lengths_goIntoTheFirstRowWithRoom() {
        WindowPacking packing = WindowPacking.plan(10, new int[] {6, 5, 4, 0, 5, 10}, 2);

        assertThat(packing.rows()).hasSize(3);
        assertThat(packing.rows().get(0).items()).containsExactly(0, 2);
        assertThat(packing.rows().get(0).boundaries()).containsExactly(0, 6, 10);
        assertThat(packing.rows().get(1).items()).containsExactly(1, 4);
        assertThat(packing.rows().get(2).items()).containsExactly(5);
        assertThat(packing.paddingShare()).isZero();
        assertThat(WindowPacking.paddingShareUnpacked(10, new int[] {6, 5, 4, 0, 5, 10}))
                .isEqualTo(0.5, within(1e-12));
    }

    @Test
    void plan_anyLengths_holdsEachOnceAndNeverTooMuch() {
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            int openRows = 1 + random.nextInt(8);
            int[] lengths = random.ints(random.nextInt(200), 1, 101).toArray();
            WindowPacking packing = WindowPacking.plan(100, lengths, openRows);
            boolean[] seen = new boolean[lengths.length];
            for (WindowPacking.Row row : packing.rows()) {
                assertThat(row.used()).isBetween(1, 100);
                for (int i = 0; i < row.items().length; i++) {
                    assertThat(row.boundaries()[i + 1] - row.boundaries()[i]).isEqualTo(lengths[row.items()[i]]);
                    assertThat(seen[row.items()[i]]).isFalse();
                    seen[row.items()[i]] = true;
                }
            }
            assertThat(seen).doesNotContain(false);
            assertThat(packing.paddingShare())
                    .isLessThanOrEqualTo(WindowPacking.paddingShareUnpacked(100, lengths) + 1e-12);
        }
    }

    @Test
    void plan_lengthsThatDoNotFit_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowPacking.plan(10, new int[] {1, 11}, 1))
                .withMessageContaining("window 1")
                .withMessageContaining("found 11");
        assertThatIllegalArgumentException().isThrownBy(() -> WindowPacking.plan(10, new int[] {-1}, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> WindowPacking.plan(10, new int[0], 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void encode_packedRow_isItsWindowsWithoutPadding(boolean int32) {
        WindowFormat format = WindowFormat.builder(16).build();
        List<Window> windows = new ArrayList<>();
        for (String bases : List.of("ACGTACGT", "GG", "", "TTTTTTTTTTTT")) {
            byte[] bytes = bases.getBytes(StandardCharsets.US_ASCII);
            windows.add(new Window(windows.size(), "c", 0, bytes, 0, bytes.length, 0));
        }
        WindowPacking packing =
                WindowPacking.plan(16, windows.stream().mapToInt(format::tokens).toArray(), 4);
        assertThat(packing.rows()).hasSize(2);
        assertThat(packing.rows().get(0).boundaries()).containsExactly(0, 10, 14, 16);

        for (WindowPacking.Row row : packing.rows()) {
            ByteBuffer[] buffers = new ByteBuffer[4];
            Arrays.setAll(buffers, i -> ByteBuffer.allocate(16 * 8).order(ByteOrder.nativeOrder()));
            int lossTokens =
                    packing.encode(format, windows, row, buffers[0], buffers[1], buffers[2], buffers[3], int32);
            Arrays.stream(buffers).forEach(ByteBuffer::flip);
            int counted = 0;
            for (int segment = 0; segment < row.items().length; segment++) {
                WindowItem alone = format.encode(windows.get(row.items()[segment]));
                int start = row.boundaries()[segment];
                for (int at = start; at < row.boundaries()[segment + 1]; at++) {
                    assertThat(value(buffers[0], at, int32)).isEqualTo(alone.tokens()[at - start]);
                    assertThat(value(buffers[1], at, int32)).isEqualTo(alone.labels()[at - start]);
                    assertThat(buffers[2].getFloat(at * 4)).isEqualTo(alone.lossMask()[at - start]);
                    assertThat(value(buffers[3], at, int32)).isEqualTo(at - start);
                }
                counted += alone.lossTokens();
            }
            for (int at = row.used(); at < 16; at++) {
                assertThat(value(buffers[0], at, int32)).isEqualTo(1);
                assertThat(buffers[2].getFloat(at * 4)).isZero();
                assertThat(value(buffers[3], at, int32)).isEqualTo(at - row.used());
            }
            assertThat(lossTokens).isEqualTo(counted);
        }
    }

    private static long value(ByteBuffer buffer, int at, boolean int32) {
        return int32 ? buffer.getInt(at * 4) : buffer.getLong(at * 8);
    }
}
