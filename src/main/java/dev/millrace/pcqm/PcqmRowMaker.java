package dev.millrace.pcqm;

import dev.millrace.graph.Graph;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.RowSum;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the rows of one chunk, with their checksums. On a worker; used once. */
final class PcqmRowMaker implements PcqmInput.Sink {
    /**
     * What became of a chunk.
     *
     * @param size its records
     * @param entries molecules and rejects, in order; the other records are in no split
     */
    record Made(int size, List<PcqmEntry> entries) {}

    private final PcqmSplits splits;
    private final boolean keepsSmiles;
    private final boolean rows;
    private final long firstIdx;
    private final RowDigest graphDigest = new RowDigest(PcqmSchema.GRAPHS);
    private final RowSum graphSum = new RowSum(PcqmSchema.GRAPH_COLUMNS);
    private final RowSum moleculeSum = new RowSum(PcqmSchema.MOLECULE_COLUMNS);
    private final List<PcqmEntry> entries = new ArrayList<>();
    private @Nullable String split;

    PcqmRowMaker(PcqmPlan plan) {
        splits = plan.splits();
        keepsSmiles = plan.keepsSmiles();
        // In blocks, rows of graphs are no rows of a table, which needs a sum.
        rows = !plan.blocks();
        firstIdx = plan.firstIdx();
    }

    Made make(PcqmInput.Chunk chunk) {
        chunk.read(this);
        return new Made(chunk.size(), entries);
    }

    @Override
    public boolean wants(long record, long idx) {
        split = splits.of(record, firstIdx + idx);
        return split != null;
    }

    @Override
    public void molecule(
            long record,
            long idxOfInput,
            @Nullable String smiles,
            Graph graph,
            int edges,
            double gapOrNan,
            float[] further) {
        long idx = firstIdx + idxOfInput;
        String place = java.util.Objects.requireNonNull(split);
        Double gap = Double.isNaN(gapOrNan) ? null : gapOrNan;
        String text = keepsSmiles ? smiles : null;
        byte[] nodes = graph.nodeFeatures().toBytes();
        byte[] index = graph.edgeIndex().toBytes();
        byte[] attributes = graph.edgeFeatures().toBytes();
        byte @Nullable [] target = gap == null ? null : target(gap, further);
        int atoms = graph.nodeCount();
        entries.add(new PcqmMolecule(
                record,
                idx,
                place,
                text,
                atoms,
                edges,
                gap,
                further,
                nodes,
                index,
                attributes,
                target,
                graphDigest.of(idx, nodes, index, attributes, target),
                rows ? graphSum.of(idx, idx, nodes, index, attributes, target) : 0,
                moleculeSum.of(idx, idx, text, atoms, edges / 2, place, gap)));
    }

    private static byte[] target(double gap, float[] further) {
        float[] values = new float[1 + further.length];
        values[0] = (float) gap;
        System.arraycopy(further, 0, values, 1, further.length);
        return TensorCodec.ofFloats(values, Compression.NONE, values.length).toBytes();
    }

    @Override
    public void reject(PcqmReject reject) {
        Long idx = reject.idx();
        entries.add(
                firstIdx == 0 || idx == null
                        ? reject
                        : new PcqmReject(reject.record(), firstIdx + idx, reject.reason(), reject.detail()));
    }
}
