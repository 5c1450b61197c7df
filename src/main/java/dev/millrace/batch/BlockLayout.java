package dev.millrace.batch;

import dev.millrace.Internal;
import java.util.List;

/**
 * Where the rows of a file lie that keeps many of them in one block: the rows of each split in ascending order of their ids,
 * the same number in every block but a split's last. Blocks are numbered through, split after split. Immutable, thread-safe.
 */
@Internal
public final class BlockLayout {
    private final int rowsPerBlock;
    private final int groupBlocks;
    private final IdIndex[] splits;
    private final int[] firstBlocks;

    /**
     * Describes a file.
     *
     * @param rowsPerBlock rows of a full block
     * @param groupBlocks how many blocks are shuffled together
     * @param splits ids of each split that is read, all of them, ascending; kept, not copied
     */
    public BlockLayout(int rowsPerBlock, int groupBlocks, List<IdRange> splits) {
        if (rowsPerBlock < 1 || groupBlocks < 1) {
            throw new IllegalArgumentException("Expected at least one row in a block and one block in a group, found "
                    + rowsPerBlock + " and " + groupBlocks + ".");
        }
        this.rowsPerBlock = rowsPerBlock;
        this.groupBlocks = groupBlocks;
        this.splits = splits.stream().map(IdIndex::new).toArray(IdIndex[]::new);
        this.firstBlocks = new int[this.splits.length + 1];
        for (int i = 0; i < this.splits.length; i++) {
            int rows = splits.get(i).count();
            firstBlocks[i + 1] = Math.addExact(firstBlocks[i], (int) (((long) rows + rowsPerBlock - 1) / rowsPerBlock));
        }
        Math.multiplyExact(blockCount(), rowsPerBlock);
    }

    /** Rows of a full block. */
    int rowsPerBlock() {
        return rowsPerBlock;
    }

    /** How many blocks are shuffled together. */
    int groupBlocks() {
        return groupBlocks;
    }

    int blockCount() {
        return firstBlocks[splits.length];
    }

    /**
     * Number of the block times {@link #rowsPerBlock()} plus the row's place in it.
     *
     * @throws IllegalArgumentException for an id of no split here
     */
    int place(long id) {
        for (int split = 0; split < splits.length; split++) {
            int place = splits[split].find(id);
            if (place >= 0) {
                return firstBlocks[split] * rowsPerBlock + place;
            }
        }
        throw new IllegalArgumentException("Expected an id of the splits that are read, found " + id + ".");
    }

    /**
     * Number of the block that holds a row.
     *
     * @throws IllegalArgumentException for an id of no split here
     */
    int block(long id) {
        return place(id) / rowsPerBlock;
    }

    /** Rows of a block. */
    int rowCount(int block) {
        int split = split(block);
        int before = (block - firstBlocks[split]) * rowsPerBlock;
        return Math.min(rowsPerBlock, splits[split].ids().count() - before);
    }

    /** The id of a row of a block. */
    long id(int block, int row) {
        int split = split(block);
        return splits[split].ids().id((block - firstBlocks[split]) * rowsPerBlock + row);
    }

    private int split(int block) {
        int split = 0;
        while (block >= firstBlocks[split + 1]) {
            split++;
        }
        return split;
    }

    /** What an order over blocks depends on, for a digest. */
    @Override
    public String toString() {
        return "blocks=" + rowsPerBlock + "x" + groupBlocks;
    }
}
