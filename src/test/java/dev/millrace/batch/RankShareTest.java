package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.SequenceSampler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How ranks of a distributed training share an epoch. */
class RankShareTest {
    @TempDir
    static Path folder;

    @Test
    void batch_anySizeWorldAndRemainder_isEqualAndWithoutOverlap() {
        for (int size : new int[] {1, 2, 7, 16, 63, 64, 65, 100, 1_000}) {
            for (int world : new int[] {1, 2, 3, 8}) {
                for (Remainder remainder : Remainder.values()) {
                    for (boolean shuffle : new boolean[] {false, true}) {
                        requireShared(size, world, remainder, shuffle);
                    }
                }
            }
        }
    }

    private static void requireShared(int size, int world, Remainder remainder, boolean shuffle) {
        String what = size + " samples, " + world + " ranks, " + remainder + ", " + shuffle;
        Map<Integer, Integer> seen = new HashMap<>();
        List<List<Integer>> counts = new ArrayList<>();
        for (int rank = 0; rank < world; rank++) {
            SeededSampler own = new SeededSampler(3, 8, shuffle, false, new RankShare(rank, world, remainder));
            List<Integer> lengths = new ArrayList<>();
            for (long batch = 0; batch < own.batchCount(size); batch++) {
                int[] positions = own.batch(size, 5, batch);
                lengths.add(positions.length);
                IntStream.of(positions).forEach(position -> seen.merge(position, 1, Integer::sum));
            }
            counts.add(lengths);
        }
        assertThat(counts).as(what).containsOnly(counts.get(0));
        int total = seen.values().stream().mapToInt(Integer::intValue).sum();
        int missed = size - seen.size();
        if (remainder == Remainder.DROP) {
            assertThat(total).as(what).isEqualTo(size / world * world).isEqualTo(seen.size());
            assertThat(missed).as(what).isLessThan(world);
        } else {
            assertThat(missed).as(what).isZero();
            assertThat(total - size).as(what).isBetween(0, world - 1);
        }
        assertThat(seen.keySet()).as(what).allMatch(position -> position >= 0 && position < size);
    }

    @Test
    void batch_fullBatches_areThoseOfTheGlobalOrderByTurns() {
        SeededSampler global = new SeededSampler(3, 8, true, false);
        for (int rank = 0; rank < 4; rank++) {
            SeededSampler own = new SeededSampler(3, 8, true, false, new RankShare(rank, 4, Remainder.PAD));
            for (long batch = 0; batch < 1_000 / 32; batch++) {
                assertThat(own.batch(1_000, 2, batch)).containsExactly(global.batch(1_000, 2, batch * 4 + rank));
            }
        }
    }

    @Test
    void getData_ranksOfADataset_coverItAndGoOnInTheMiddle() throws Exception {
        Path file = GraphFile.write(folder.resolve("graphs.db"), 101);
        List<Long> all = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) {
            try (GraphFileDataset own = GraphFileDataset.builder(file)
                    .setSampling(8, true)
                    .optSeed(4)
                    .optRank(rank, 3, Remainder.DROP)
                    .optLoaderThreads(2)
                    .build()) {
                List<List<Long>> batches = Epochs.ids(own);
                assertThat(batches).hasSize((int) own.batchesPerEpoch()).hasSize(5);
                assertThat(own.digest()).contains("rank=" + rank + "/3 DROP");
                own.setNextEpoch(0, 2);
                assertThat(Epochs.ids(own)).isEqualTo(batches.subList(2, 5));
                all.addAll(Epochs.flat(batches));
            }
        }
        assertThat(all).hasSize(99).doesNotHaveDuplicates();
    }

    @Test
    void optRank_badRankOrOtherSampler_isRefused() {
        Path file = GraphFile.write(folder.resolve("few.db"), 10);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphFileDataset.builder(file).optRank(2, 2, Remainder.PAD))
                .withMessageContaining("rank 2 of world 2");
        assertThatThrownBy(() -> GraphFileDataset.builder(file)
                        .optRank(0, 2, Remainder.PAD)
                        .setSampling(new ai.djl.training.dataset.BatchSampler(new SequenceSampler(), 4))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setSampling");
    }
}
