package dev.millrace.batch;

import dev.millrace.Internal;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a file that keeps many of them in one block. Blocks read lately are shared by all readers. Thread-safe.
 *
 * <p>Memory: at most {@value #CACHE_BYTES} bytes of blocks, and while a batch is made the blocks it needs.
 *
 * @param <R> the domain's row
 */
@Internal
public final class BlockSource<R> implements RowSource<R> {
    /** Most bytes of blocks kept. */
    static final int CACHE_BYTES = 28 << 20;

    /** Bytes of blocks to shuffle together: what is kept must hold a group and the beginning of the next. */
    static final int GROUP_BYTES = 20 << 20;

    private static final int SAMPLED_BLOCKS = 16;

    private final ReadPool pool;
    private final long[] ids;
    private final String digest;
    private final BlockLayout layout;
    private final CheckedTable blockTable;
    private final CheckedTable rowTable;
    private final Function<TensorRow, R> mapper;
    private final BlockCache cache;

    /**
     * Describes the source.
     *
     * @param pool closed with this source
     * @param ids the samples, in the order of positions; all of them in {@code layout}
     * @param digest identifies content and split
     * @param blockTable its key is the id of a block's first row, its one column the {@link dev.millrace.sqlite.RowBlock}
     * @param rowTable the table whose rows and checksums are in the blocks
     */
    public BlockSource(
            ReadPool pool,
            long[] ids,
            String digest,
            BlockLayout layout,
            CheckedTable blockTable,
            CheckedTable rowTable,
            Function<TensorRow, R> mapper) {
        this.pool = pool;
        this.ids = ids;
        this.digest = digest;
        this.layout = layout;
        this.blockTable = blockTable;
        this.rowTable = rowTable;
        this.mapper = mapper;
        this.cache = new BlockCache(layout.blockCount(), CACHE_BYTES);
    }

    /**
     * Describes where the rows of splits lie. How many blocks are shuffled together follows from the size of a few of them, so
     * that a group takes {@value #GROUP_BYTES} bytes.
     *
     * @param splits all ids of each split that is read, ascending
     */
    public static BlockLayout layout(
            Database database, CheckedTable blockTable, int rowsPerBlock, List<IdRange> splits) {
        BlockLayout single = new BlockLayout(rowsPerBlock, 1, splits);
        int count = single.blockCount();
        long[] chosen = new long[Math.min(SAMPLED_BLOCKS, count)];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = single.id((int) ((long) i * count / chosen.length), 0);
        }
        long bytes = database.queryLong(sizeSql(blockTable), new IdText().of(chosen));
        long blockBytes = Math.max(1, bytes / Math.max(1, chosen.length) + (long) rowsPerBlock * Integer.BYTES);
        int groupBlocks = (int) Math.max(1, Math.min(Math.max(1, count), GROUP_BYTES / blockBytes));
        return new BlockLayout(rowsPerBlock, groupBlocks, splits);
    }

    /* Plan: SCAN of the id list, one SEARCH by INTEGER PRIMARY KEY per id; a length is read without its BLOB. */
    static String sizeSql(CheckedTable table) {
        return "SELECT sum(length(b.%s))\nFROM json_each(?) AS ids\nCROSS JOIN %s AS b ON b.%s = ids.value"
                .formatted(table.columns().get(0), table.name(), table.key());
    }

    @Override
    public long[] ids() {
        return ids;
    }

    @Override
    public RowReader<R> openReader() {
        ReadPool.Lease lease = pool.lease();
        try {
            return new BlockReader<>(lease, layout, cache, blockTable, rowTable, mapper);
        } catch (RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public @Nullable BlockLayout blocks() {
        return layout;
    }

    @Override
    public SampleTables tables() {
        return SampleTables.of(pool);
    }

    @Override
    public void close() {
        pool.close();
    }
}
