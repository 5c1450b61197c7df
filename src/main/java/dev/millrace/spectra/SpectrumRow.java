package dev.millrace.spectra;

import dev.millrace.graph.Graph;
import dev.millrace.tensor.TensorBlob;

/**
 * One training sample. Immutable.
 *
 * @param id key in the database
 * @param graph the molecule
 * @param spectrum float32 [bins]
 */
record SpectrumRow(long id, Graph graph, TensorBlob spectrum) {}
