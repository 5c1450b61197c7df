package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The order over blocks: complete, stateless, and how well it mixes. */
class BlockShuffleTest {
    @Test
    void positions_anySizes_areAPermutationHoweverTheyAreAskedFor() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 200; round++) {
            int size = 1 + random.nextInt(3000);
            int rowsPerBlock = 1 + random.nextInt(70);
            int groupBlocks = 1 + random.nextInt(40);
            BlockShuffle order = new BlockShuffle(runs(size, rowsPerBlock), groupBlocks, round, 3);
            int[] whole = order.positions(0, size);

            assertThat(Arrays.stream(whole).sorted().toArray())
                    .isEqualTo(IntStream.range(0, size).toArray());
            int from = random.nextInt(size);
            int count = random.nextInt(size - from + 1);
            assertThat(order.positions(from, count)).isEqualTo(Arrays.copyOfRange(whole, from, from + count));
        }
    }

    @Test
    void positions_subsetInAnyOrderWithDuplicates_areAllVisited() {
        SplittableRandom random = new SplittableRandom(12);
        long[] all = LongStream.range(0, 1000).map(i -> 3 * i).toArray();
        BlockLayout layout = new BlockLayout(16, 4, List.of(IdRange.of(all)));
        long[] chosen = random.longs(700, 0, 1000).map(i -> 3 * i).toArray();
        BlockShuffle order = new BlockShuffle(BlockRuns.of(layout, i -> chosen[i], 650), 4, 1, 1);
        int[] positions = order.positions(0, 650);

        assertThat(Arrays.stream(positions).sorted().toArray())
                .isEqualTo(IntStream.range(0, 650).toArray());
        long blocksPerGroup = Arrays.stream(positions, 0, 20)
                .map(position -> (int) (chosen[position] / 48))
                .distinct()
                .count();
        assertThat(blocksPerGroup).isLessThanOrEqualTo(4);
    }

    @Test
    void positions_blocksOfVeryUnequalSize_areAllVisitedGroupByGroup() {
        int[] sizes = {1, 1, 3000, 1, 2, 1, 1, 1, 40, 1, 1, 500};
        long[] ids = LongStream.range(0, 16L * sizes.length).toArray();
        int[] blocks = IntStream.range(0, sizes.length)
                .flatMap(block -> IntStream.generate(() -> block).limit(sizes[block]))
                .toArray();
        BlockLayout layout = new BlockLayout(16, 6, List.of(IdRange.of(ids)));
        BlockRuns runs = BlockRuns.of(layout, i -> ids[16 * blocks[i]], blocks.length);
        for (int epoch = 0; epoch < 20; epoch++) {
            int[] positions = new BlockShuffle(runs, 6, 3, epoch).positions(0, blocks.length);

            assertThat(Arrays.stream(positions).sorted().toArray())
                    .isEqualTo(IntStream.range(0, blocks.length).toArray());
            Set<Integer> firstGroup = new HashSet<>();
            for (int i = 0; i < positions.length && firstGroup.size() < 6; i++) {
                firstGroup.add(blocks[positions[i]]);
            }
            long samples = IntStream.of(blocks).filter(firstGroup::contains).count();
            assertThat(Arrays.stream(positions).limit(samples).map(position -> blocks[position]))
                    .allMatch(firstGroup::contains);
        }
    }

    @Test
    void positions_otherSeedOrEpoch_differ() {
        BlockRuns runs = runs(5000, 16);
        int[] first = new BlockShuffle(runs, 32, 1, 0).positions(0, 5000);
        assertThat(new BlockShuffle(runs, 32, 1, 0).positions(0, 5000)).isEqualTo(first);
        assertThat(new BlockShuffle(runs, 32, 1, 1).positions(0, 5000)).isNotEqualTo(first);
        assertThat(new BlockShuffle(runs, 32, 2, 0).positions(0, 5000)).isNotEqualTo(first);
    }

    /*
     * A label that rises with the position is the worst case: samples of a block are alike. The variance of a batch's mean,
     * relative to that of a full shuffle, is 1 + (B - 1) / G for B samples of groups of G blocks, if both are large.
     */
    @Test
    void positions_sortedLabel_mixAsWellAsDocumented() {
        int size = 1 << 20;
        int batch = 128;
        for (int[] blockAndGroup : new int[][] {{128, 512}, {256, 256}, {256, 64}}) {
            BlockShuffle order = new BlockShuffle(runs(size, blockAndGroup[0]), blockAndGroup[1], 5, 0);
            double expected = 1 + (batch - 1.0) / blockAndGroup[1];
            double found = varianceOfMeans(order, size, batch) / (size * (double) size / 12 / batch);

            // 8,192 means, those of a group not independent of each other.
            assertThat(found).as(Arrays.toString(blockAndGroup)).isBetween(0.6 * expected, 1.5 * expected);
        }
    }

    @Test
    void layout_nonsense_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BlockLayout(0, 1, List.of()))
                .withMessageContaining("found 0 and 1");
        BlockLayout layout = new BlockLayout(4, 1, List.of(IdRange.of(new long[] {1, 2, 3, 9, 11})));
        assertThat(layout.blockCount()).isEqualTo(2);
        assertThat(layout.rowCount(1)).isEqualTo(1);
        assertThat(layout.id(1, 0)).isEqualTo(11);
        assertThatIllegalArgumentException().isThrownBy(() -> layout.block(4)).withMessageContaining("found 4");
    }

    private static double varianceOfMeans(BlockShuffle order, int size, int batch) {
        double sum = 0;
        for (int from = 0; from < size; from += batch) {
            double mean = Arrays.stream(order.positions(from, batch)).average().orElseThrow();
            sum += (mean - size / 2.0) * (mean - size / 2.0);
        }
        return sum * batch / size;
    }

    private static BlockRuns runs(int size, int rowsPerBlock) {
        long[] ids = LongStream.range(0, size).toArray();
        return BlockRuns.of(new BlockLayout(rowsPerBlock, 1, List.of(IdRange.of(ids))), i -> ids[i], size);
    }
}
