package dev.millrace.batch;

import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * The samples of a dataset by the block they lie in. Usually the positions are in the order of the blocks already, and only
 * where each block begins is kept; a subset in another order costs 4 bytes per sample. Immutable, thread-safe.
 */
final class BlockRuns {
    private final int[] starts;
    private final int[] positions;

    private BlockRuns(int[] starts, int[] positions) {
        this.starts = starts;
        this.positions = positions;
    }

    /** Groups the samples at the first {@code size} positions by block. */
    static BlockRuns of(BlockLayout layout, IntToLongFunction ids, int size) {
        int[] starts = new int[Math.min(size, layout.blockCount()) + 1];
        int runs = 0;
        int previous = -1;
        for (int position = 0; position < size; position++) {
            int block = layout.block(ids.applyAsLong(position));
            if (block < previous) {
                return sorted(layout, ids, size);
            } else if (block > previous) {
                starts[runs++] = position;
                previous = block;
            }
        }
        starts[runs] = size;
        return new BlockRuns(Arrays.copyOf(starts, runs + 1), new int[0]);
    }

    private static BlockRuns sorted(BlockLayout layout, IntToLongFunction ids, int size) {
        int[] next = new int[layout.blockCount() + 1];
        int[] blocks = new int[size];
        for (int position = 0; position < size; position++) {
            blocks[position] = layout.block(ids.applyAsLong(position));
            next[blocks[position] + 1]++;
        }
        int[] starts = new int[layout.blockCount() + 1];
        int runs = 0;
        for (int block = 0; block < layout.blockCount(); block++) {
            if (next[block + 1] > 0) {
                starts[runs++] = next[block];
            }
            next[block + 1] += next[block];
        }
        starts[runs] = size;
        int[] positions = new int[size];
        for (int position = 0; position < size; position++) {
            positions[next[blocks[position]]++] = position;
        }
        return new BlockRuns(Arrays.copyOf(starts, runs + 1), positions);
    }

    /** Number of blocks that have a sample. */
    int count() {
        return starts.length - 1;
    }

    int length(int run) {
        return starts[run + 1] - starts[run];
    }

    /** The position of a sample: the {@code place}-th of a run. */
    int position(int run, int place) {
        int at = starts[run] + place;
        return positions.length == 0 ? at : positions[at];
    }

    int size() {
        return starts[starts.length - 1];
    }
}
