package dev.millrace.pcqm;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ManifestSums;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.RowSum;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the graphs of one split go, and which molecules it has. One thread at a time. */
sealed interface SplitRows {
    /** The split's molecules so far. */
    LongList ids();

    void add(PcqmMolecule molecule);

    /** No more will come. */
    default void end() {}

    /** What is not yet in a row; null if everything is. */
    default byte @Nullable [] save() {
        return null;
    }

    /** Goes on with what was saved. */
    default void restore(byte[] saved) {}

    /** Goes on with what a finished file has of the split, whose ids are known already. */
    default void reopen(Database database) {}

    /** A row for each. */
    final class Plain implements SplitRows {
        private final LongList ids = new LongList();
        private final BulkWriter rows;
        private final ManifestSums.Sum whole;
        private final ManifestSums.Sum covered;

        Plain(String split, BulkWriter rows, ManifestSums sums) {
            this.rows = rows;
            this.whole = sums.of(PcqmSchema.GRAPH_COLUMNS);
            this.covered = sums.of(PcqmSchema.GRAPHS, split);
        }

        @Override
        public LongList ids() {
            return ids;
        }

        @Override
        public void add(PcqmMolecule molecule) {
            ids.add(molecule.idx());
            rows.insert(
                    PcqmSchema.INSERT_GRAPH,
                    molecule.idx(),
                    molecule.nodeFeatures(),
                    molecule.edgeIndex(),
                    molecule.edgeAttributes(),
                    molecule.target(),
                    molecule.graphCrc());
            whole.add(molecule.graphSum());
            covered.add(RowSum.covered(molecule.idx(), molecule.graphCrc()));
        }
    }

    /** A row for many, in ascending order. */
    final class Blocks implements SplitRows {
        private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;

        private final LongList ids = new LongList();
        private final String split;
        private final int graphsPerBlock;
        private final BulkWriter rows;
        private final ManifestSums.Sum whole;
        private final ManifestSums.Sum covered;
        private final RowBlock block = new RowBlock(PcqmSchema.GRAPHS);
        private final RowDigest digest = new RowDigest(PcqmSchema.BLOCKS);
        private final RowSum sum = new RowSum(PcqmSchema.BLOCK_COLUMNS);
        private long firstIdx;

        Blocks(String split, int graphsPerBlock, BulkWriter rows, ManifestSums sums) {
            this.split = split;
            this.graphsPerBlock = graphsPerBlock;
            this.rows = rows;
            this.whole = sums.of(PcqmSchema.BLOCK_COLUMNS);
            this.covered = sums.of(PcqmSchema.BLOCKS, split);
        }

        @Override
        public LongList ids() {
            return ids;
        }

        @Override
        public void add(PcqmMolecule molecule) {
            ids.add(molecule.idx());
            if (block.count() == 0) {
                firstIdx = molecule.idx();
            }
            block.add(
                    molecule.idx(),
                    molecule.nodeFeatures(),
                    molecule.edgeIndex(),
                    molecule.edgeAttributes(),
                    molecule.target());
            if (block.count() == graphsPerBlock) {
                end();
            }
        }

        @Override
        public void end() {
            int count = block.count();
            if (count > 0) {
                byte[] graphs = block.take();
                long crc = digest.of(firstIdx, graphs);
                rows.insert(PcqmSchema.INSERT_BLOCK, firstIdx, split, count, graphs, crc);
                whole.add(sum.of(firstIdx, firstIdx, split, count, graphs));
                covered.add(RowSum.covered(firstIdx, crc));
            }
        }

        /* The last block may have room: it is taken out, to be written again with what comes. */
        @Override
        public void reopen(Database database) {
            database.read("Cannot read the last block", connection -> {
                try (PreparedStatement select = connection.prepareStatement(PcqmSchema.SELECT_LAST_BLOCK)) {
                    select.setString(1, split);
                    try (ResultSet row = select.executeQuery()) {
                        if (row.next() && row.getInt(2) < graphsPerBlock) {
                            reopen(database, row.getLong(1), row.getInt(2), row.getBytes(3), row.getLong(4));
                        }
                    }
                }
                return split;
            });
        }

        private void reopen(Database database, long first, int count, byte[] graphs, long crc) {
            long found = digest.of(first, graphs);
            if (found != crc) {
                throw new CorruptDatabaseException(
                        "Damaged row: expected row_crc " + crc + ", found " + found + " (" + database.file()
                                + ", graph_blocks, first_idx=" + first + "). Restore the file or build it again.",
                        database.file(),
                        null);
            }
            firstIdx = first;
            block.restore(graphs, count);
            rows.insert(PcqmSchema.DELETE_BLOCK, first);
            whole.remove(sum.of(first, first, split, count, graphs));
            covered.remove(RowSum.covered(first, crc));
        }

        @Override
        public byte[] save() {
            byte[] pending = block.pending();
            return ByteBuffer.allocate(HEAD_BYTES + pending.length)
                    .putLong(firstIdx)
                    .putInt(block.count())
                    .put(pending)
                    .array();
        }

        @Override
        public void restore(byte[] saved) {
            ByteBuffer head = ByteBuffer.wrap(saved);
            firstIdx = head.getLong();
            int count = head.getInt();
            block.restore(Arrays.copyOfRange(saved, HEAD_BYTES, saved.length), count);
        }
    }
}
