package dev.millrace.batch;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.ReadPool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows out of blocks: one statement for all blocks of a batch that are not in the shared cache, none when all are. Every
 * row's checksum is checked against its id when it is used.
 *
 * <p>One thread at a time; closing gives back the lease.
 *
 * @param <R> what one row is made into
 */
final class BlockReader<R> implements EncodedReader<R> {
    /* Blocks are kept here, not as pages of SQLite's. */
    private static final String SMALL_PAGE_CACHE = "PRAGMA cache_size=-1024";

    private final ReadPool.Lease lease;
    private final BlockLayout layout;
    private final BlockCache cache;
    private final CheckedTable blockTable;
    private final CheckedTable rowTable;
    private final Function<TensorRow, R> mapper;
    private final RowDecoder<R> decoder;
    private final PreparedStatement statement;
    private final IdText idText = new IdText();

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // written, so that touching is not optimised away
    private int touched;

    /** @param blockTable its key is the id of a block's first row, its column the {@link dev.millrace.sqlite.RowBlock} */
    BlockReader(
            ReadPool.Lease lease,
            BlockLayout layout,
            BlockCache cache,
            CheckedTable blockTable,
            CheckedTable rowTable,
            Function<TensorRow, R> mapper) {
        this.lease = lease;
        this.layout = layout;
        this.cache = cache;
        this.blockTable = blockTable;
        this.rowTable = rowTable;
        this.mapper = mapper;
        this.decoder = new RowDecoder<>(List.of(rowTable), mapper);
        lease.database().execute(SMALL_PAGE_CACHE);
        this.statement = lease.database().prepared(blockSql(blockTable));
    }

    /** The query: its only parameter is a JSON array of the blocks' first ids. Plan: one SEARCH by primary key per block. */
    static String blockSql(CheckedTable table) {
        return "SELECT b.%s, b.%s\nFROM json_each(?) AS ids\nCROSS JOIN %s AS b ON b.%s = ids.value"
                .formatted(table.key(), table.columns().get(0), table.name(), table.key());
    }

    @Override
    public List<R> read(long[] ids) {
        List<R> rows = new ArrayList<>(ids.length);
        visit(ids, (id, block, from, to) -> {
            R row = decoder.decode(id, block.bytes(), from, to);
            if (row == null) {
                throw damagedRow(block, id);
            }
            rows.add(row);
        });
        return rows;
    }

    @Override
    public void readEncoded(long[] ids, EncodedRows target) {
        visit(ids, (id, block, from, to) -> {
            if (decoder.decode(id, block.bytes(), from, to) == null) {
                throw damagedRow(block, id);
            }
            target.begin();
            target.append(block.bytes(), from, to - from);
        });
    }

    @Override
    public RowDecoder<R> decoder() {
        return new RowDecoder<>(List.of(rowTable), mapper);
    }

    @Override
    public void close() {
        lease.close();
    }

    private interface Visitor {
        void row(long id, BlockCache.Block block, int from, int to);
    }

    private void visit(long[] ids, Visitor visitor) {
        int rowsPerBlock = layout.rowsPerBlock();
        int[] numbers = new int[ids.length];
        int[] rows = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            int place = layout.place(ids[i]);
            numbers[i] = place / rowsPerBlock;
            rows[i] = place - numbers[i] * rowsPerBlock;
        }
        BlockCache.Block[] blocks = cache.get(numbers, this::fetch);
        touch(blocks, rows);
        for (int i = 0; i < ids.length; i++) {
            int[] offsets = blocks[i].offsets();
            visitor.row(ids[i], blocks[i], offsets[rows[i]], offsets[rows[i] + 1]);
        }
    }

    /**
     * Reads a byte of every cache line of the rows. They lie all over a group of blocks: asked for one after another, with
     * nothing in between, the processor waits for many of them at a time.
     */
    private void touch(BlockCache.Block[] blocks, int[] rows) {
        int sum = 0;
        for (int i = 0; i < rows.length; i++) {
            byte[] bytes = blocks[i].bytes();
            int[] offsets = blocks[i].offsets();
            int end = offsets[rows[i] + 1];
            for (int at = offsets[rows[i]]; at < end; at += EncodedRows.CACHE_LINE_BYTES) {
                sum += bytes[at];
            }
        }
        touched = sum;
    }

    private List<BlockCache.Block> fetch(int[] numbers) {
        long[] firstIds =
                Arrays.stream(numbers).mapToLong(number -> layout.id(number, 0)).toArray();
        List<BlockCache.Block> blocks = new ArrayList<>(firstIds.length);
        try {
            statement.setString(1, idText.of(firstIds));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    long firstId = result.getLong(1);
                    int number = layout.block(firstId);
                    blocks.add(block(number, result.getBytes(2)));
                }
            }
        } catch (SQLException e) {
            throw DatabaseException.of(
                    "Cannot read blocks of rows", lease.database().file(), e);
        }
        if (blocks.size() != firstIds.length) {
            throw missing(firstIds, blocks);
        }
        return blocks;
    }

    private BlockCache.Block block(int number, byte @Nullable [] bytes) {
        int count = layout.rowCount(number);
        if (bytes == null) {
            throw damaged("expected a block, found NULL", layout.id(number, 0), layout.id(number, 0));
        }
        int[] offsets = new int[count + 1];
        for (int row = 0; row < count; row++) {
            offsets[row + 1] = decoder.end(bytes, offsets[row], bytes.length);
            if (offsets[row + 1] < 0) {
                throw damaged(
                        "the block does not hold the " + count + " rows that it should",
                        layout.id(number, 0),
                        firstDamaged(number, bytes, offsets, row));
            }
        }
        if (offsets[count] != bytes.length) {
            throw damaged(
                    "expected the block to end after " + count + " rows, found more bytes",
                    layout.id(number, 0),
                    firstDamaged(number, bytes, offsets, count - 1));
        }
        return new BlockCache.Block(number, bytes, offsets);
    }

    /** Where the walk fails, the fault may lie in a row before. */
    private long firstDamaged(int number, byte[] bytes, int[] offsets, int last) {
        for (int row = 0; row < last; row++) {
            if (decoder.decode(layout.id(number, row), bytes, offsets[row], offsets[row + 1]) == null) {
                return layout.id(number, row);
            }
        }
        return layout.id(number, last);
    }

    private CorruptDatabaseException missing(long[] firstIds, List<BlockCache.Block> found) {
        for (long id : firstIds) {
            int number = layout.block(id);
            if (found.stream().noneMatch(block -> block.number() == number)) {
                return damaged("expected a block, found none", id, id);
            }
        }
        return damaged("expected " + firstIds.length + " blocks, found " + found.size(), firstIds[0], firstIds[0]);
    }

    private CorruptDatabaseException damagedRow(BlockCache.Block block, long id) {
        return damaged("the row does not have the checksum stored with it", layout.id(block.number(), 0), id);
    }

    private CorruptDatabaseException damaged(String fault, long firstId, long id) {
        return new CorruptDatabaseException(
                "Cannot use a block of rows: " + fault + " (" + lease.database().file() + ", " + blockTable.name()
                        + ", " + blockTable.key() + "=" + firstId + ", " + rowTable.key() + "=" + id
                        + "). Run 'millrace verify " + lease.database().file() + "'.",
                lease.database().file(),
                null);
    }
}
