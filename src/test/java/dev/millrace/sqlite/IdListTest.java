package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class IdListTest {
    @Test
    void unpack_whatWasPacked_isTheSame() {
        Random random = new Random(3);
        long[][] lists = {
            {},
            {0},
            {Long.MAX_VALUE},
            {0, Long.MAX_VALUE},
            {127, 128, 255, 256, 16383, 16384},
            LongStream.range(1, 10_000).toArray(),
            random.longs(5_000, 0, Long.MAX_VALUE).sorted().distinct().toArray()
        };
        for (long[] ids : lists) {
            assertThat(IdList.unpack(IdList.pack(ids), ids.length)).isEqualTo(ids);
        }
        assertThat(IdList.pack(lists[5])).hasSize(9_999);
    }

    @Test
    void pack_negativeOrUnsortedOrDoubled_isRefused() {
        for (long[] ids : new long[][] {{-1}, {2, 1}, {1, 1}, {0, 0}}) {
            assertThatIllegalArgumentException().isThrownBy(() -> IdList.pack(ids));
        }
    }

    @Test
    void unpack_forgedCount_isRefusedBeforeAllocation() {
        byte[] packed = IdList.pack(new long[] {1, 2, 3});
        for (int count : new int[] {-1, 0, 1, 2, 4, 1_000_000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> IdList.unpack(packed, count));
        }
    }

    @Test
    void unpack_anyBytes_givesAscendingIdsOrIsRefused() {
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(30)];
            random.nextBytes(bytes);
            int count = random.nextInt(12);
            try {
                long[] ids = IdList.unpack(bytes, count);
                assertThat(ids).hasSize(count).isSorted();
                assertThat(Arrays.stream(ids).distinct().count()).isEqualTo(count);
                assertThat(Arrays.stream(ids).allMatch(id -> id >= 0)).isTrue();
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("damaged list");
            }
        }
    }

    @Test
    void contains_idsInAndOut_tellsThemApart() {
        long[] ids = {2, 5, 9};
        assertThat(LongStream.range(0, 12).filter(id -> IdList.contains(ids, id)))
                .containsExactly(2L, 5L, 9L);
    }
}
