package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The formulas against counting base by base. */
final class WindowGeometryTest {
    @ParameterizedTest
    @EnumSource(Tail.class)
    void everyGeometry_equalsCounting(Tail tail) {
        Random random = new Random(11);
        for (int round = 0; round < 60_000; round++) {
            int windowSize = 1 + random.nextInt(12);
            int stride = 1 + random.nextInt(16);
            int least = random.nextInt(windowSize + 2);
            int length = random.nextInt(60);
            WindowGeometry geometry = new WindowGeometry(windowSize, stride, least, tail);
            int span = 1 + random.nextInt(windowSize);
            requireCounted(geometry, length, span);
        }
    }

    private static void requireCounted(WindowGeometry geometry, int length, int span) {
        int windowSize = geometry.windowSize();
        BitSet covered = new BitSet();
        BitSet read = new BitSet();
        long windows = 0;
        long candidates = 0;
        int reached = 0;
        boolean pruned = false;
        for (int start = 0; ; start += geometry.stride()) {
            int from = start;
            if (start > 0 && start + windowSize > length) {
                // Past the last whole window.
                boolean left = length >= windowSize && reached < length;
                if (geometry.tail() == Tail.SHIFT && left) {
                    from = length - windowSize;
                } else if (geometry.tail() != Tail.KEEP || !left || start >= length) {
                    break;
                }
            }
            int to = Math.min(length, from + windowSize);
            long index = candidates++;
            assertThat(geometry.start(length, index)).isEqualTo(from);
            assertThat(geometry.bases(length, index)).isEqualTo(to - from);
            reached = to;
            if (to - from >= geometry.minLength() && !pruned) {
                windows++;
                covered.set(from, to);
                read.set(from, Math.min(to, from + span));
            } else {
                pruned = true;
            }
            if (start + windowSize > length) {
                break;
            }
        }
        String where = geometry + ", length " + length + ", span " + span;
        assertThat(geometry.candidates(length)).as(where).isEqualTo(candidates);
        assertThat(geometry.windows(length)).as(where).isEqualTo(windows);
        assertThat(WindowTotals.covered(geometry, length, windows, windowSize))
                .as(where)
                .isEqualTo(covered.cardinality());
        assertThat(WindowTotals.covered(geometry, length, windows, span))
                .as(where)
                .isEqualTo(read.cardinality());
    }
}
