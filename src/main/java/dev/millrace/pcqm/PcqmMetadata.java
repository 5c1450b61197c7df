package dev.millrace.pcqm;

import org.jspecify.annotations.Nullable;

/**
 * What a sample is about. Immutable.
 *
 * @param idx the data set's own number of the molecule
 * @param smiles as in the input; null when the file does not keep it
 * @param atoms nodes of the graph
 * @param bonds undirected
 * @param gap HOMO-LUMO gap in eV; null without a label
 */
public record PcqmMetadata(
        long idx,
        @Nullable String smiles,
        int atoms,
        int bonds,
        @Nullable Double gap) {}
