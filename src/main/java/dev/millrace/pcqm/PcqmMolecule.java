package dev.millrace.pcqm;

import org.jspecify.annotations.Nullable;

/**
 * A molecule as its rows are, made on a worker. Not to be changed.
 *
 * @param gap HOMO-LUMO gap in eV; null without a label
 * @param target float32 [T] as a tensor; null without a label
 * @param further targets after the gap, NaN where missing
 * @param graphCrc {@code row_crc} of its graph
 * @param graphSum what the graph's row adds to the sum of its table, in layout rows
 * @param moleculeSum what the molecule's row adds to the sum of its table
 */
record PcqmMolecule(
        long record,
        long idx,
        String split,
        @Nullable String smiles,
        int atoms,
        int edges,
        @Nullable Double gap,
        float[] further,
        byte[] nodeFeatures,
        byte[] edgeIndex,
        byte[] edgeAttributes,
        byte @Nullable [] target,
        long graphCrc,
        long graphSum,
        long moleculeSum)
        implements PcqmEntry {
    int bonds() {
        return edges / 2;
    }
}
