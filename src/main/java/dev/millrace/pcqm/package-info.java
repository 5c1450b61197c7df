/**
 * PCQM4Mv2, molecules with their HOMO-LUMO gap: reading its files, building a database of graphs, and the dataset.
 *
 * <p>Imports {@code batch}, {@code build}, {@code molecule}, {@code graph}, {@code tensor}, {@code sqlite}; only
 * {@link dev.millrace.pcqm.PcqmDataset} imports DJL. A gap that is missing or not a number is NULL, never 0.
 */
@NullMarked
package dev.millrace.pcqm;

import org.jspecify.annotations.NullMarked;
