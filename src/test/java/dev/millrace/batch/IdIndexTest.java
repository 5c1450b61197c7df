package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Places of ids in ascending lists of every density. */
class IdIndexTest {
    @Test
    void find_anyId_isWhatABinarySearchSays() {
        SplittableRandom random = new SplittableRandom(3);
        for (int count : new int[] {0, 1, 2, 15, 16, 17, 1000, 50_000}) {
            for (long range : new long[] {count, count + 1L, 3L * count + 2, 1L << 40, Long.MAX_VALUE - 1}) {
                long[] ids = LongStream.generate(() -> random.nextLong(range + 1))
                        .limit(2L * count)
                        .distinct()
                        .sorted()
                        .limit(count)
                        .toArray();
                for (int from : new int[] {0, ids.length / 3}) {
                    IdIndex index = new IdIndex(new IdRange(ids, from, ids.length));
                    for (int i = 0; i < 200; i++) {
                        long id = i % 2 == 0 || ids.length == 0
                                ? random.nextLong(range + 1)
                                : ids[random.nextInt(ids.length)];
                        int expected = Arrays.binarySearch(ids, from, ids.length, id);
                        assertThat(index.find(id)).isEqualTo(expected < 0 ? -1 : expected - from);
                    }
                    assertThat(index.find(-1)).isEqualTo(-1);
                }
            }
        }
    }
}
