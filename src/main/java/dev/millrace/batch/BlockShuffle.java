package dev.millrace.batch;

import java.util.Arrays;

/**
 * One epoch's order over blocks of samples: the blocks are permuted, then cut into groups, and the samples of each group are
 * permuted. Every sample comes once; a loader needs the blocks of one group, two where groups meet, at a time.
 *
 * <p>A function of seed and epoch alone; any batch is computed by itself. Memory: 8 bytes per block. Immutable, thread-safe.
 */
final class BlockShuffle implements PlaceOrder {
    private static final long GROUP_STEP = 0xD1342543DE82EF95L;

    private final BlockRuns runs;
    private final long seed;
    private final long epoch;
    private final int groups;
    private final int[] order;
    /* Samples before each block of the permuted order, and the number of all at the end. */
    private final int[] before;

    /** @param groupBlocks blocks per group at most; groups are equally large within one block */
    BlockShuffle(BlockRuns runs, int groupBlocks, long seed, long epoch) {
        this.runs = runs;
        this.seed = seed;
        this.epoch = epoch;
        int count = runs.count();
        this.groups = Math.max(1, (count + groupBlocks - 1) / groupBlocks);
        this.order = new int[count];
        this.before = new int[count + 1];
        Permutation blocks = new Permutation(count, seed, epoch);
        for (int i = 0; i < count; i++) {
            order[i] = blocks.at(i);
            before[i + 1] = before[i] + runs.length(order[i]);
        }
    }

    @Override
    public int[] positions(int from, int count) {
        int[] positions = new int[count];
        int done = 0;
        while (done < count) {
            int group = group(from + done);
            int first = firstBlock(group);
            int end = firstBlock(group + 1);
            int size = before[end] - before[first];
            Permutation samples = new Permutation(size, seed + GROUP_STEP * (group + 1), epoch);
            int offset = from + done - before[first];
            int here = Math.min(count - done, size - offset);
            for (int i = 0; i < here; i++) {
                positions[done++] = position(before[first] + samples.at(offset + i), first, end);
            }
        }
        return positions;
    }

    /* Blocks are nearly equally long, so that the guess is mostly right, unless a filter or weights make them unequal. */
    private int position(int sample, int first, int end) {
        long within = (long) (sample - before[first]) * (end - first);
        int block = first + (int) (within / (before[end] - before[first]));
        if (sample < before[block] || sample >= before[block + 1]) {
            int found = Arrays.binarySearch(before, first, end, sample);
            block = found < 0 ? -found - 2 : found;
        }
        return runs.position(order[block], sample - before[block]);
    }

    private int group(int sample) {
        int low = 0;
        int high = groups - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (before[firstBlock(middle)] <= sample) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private int firstBlock(int group) {
        return (int) ((long) group * order.length / groups);
    }
}
