package dev.millrace.pcqm;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.ManifestSums;
import dev.millrace.sqlite.RowBlock;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.RowSum;
import java.nio.ByteBuffer;
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
