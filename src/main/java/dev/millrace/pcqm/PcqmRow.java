package dev.millrace.pcqm;

import dev.millrace.graph.Graph;
import dev.millrace.tensor.TensorBlob;
import org.jspecify.annotations.Nullable;

/**
 * One training sample. Immutable.
 *
 * @param idx the data set's own number of the molecule
 * @param graph the molecule; bond features are 0 where the file has none
 * @param target float32 [T], the HOMO-LUMO gap in eV first; NaN for a missing one of the others; null without a label
 */
public record PcqmRow(long idx, Graph graph, @Nullable TensorBlob target) {}
