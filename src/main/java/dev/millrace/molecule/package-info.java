/**
 * Chemistry files to molecules to {@link dev.millrace.graph.Graph}s, by a named feature specification.
 *
 * <p>Text (SMILES, MOL, SDF) becomes a {@link dev.millrace.molecule.Molecule}; {@code Perception} completes it the way
 * RDKit 2022.09 does (hydrogens, charges, rings, aromaticity, conjugation, hybridisation, stereo); a
 * {@link dev.millrace.molecule.FeatureSpec} turns it into feature bytes. CDK makes the fingerprints and the unique SMILES.
 *
 * <p>May import the JDK, {@code dev.millrace.graph}, CDK and a JSON writer; knows nothing of SQL or DJL.
 *
 * <p>Invariants: whatever the input, a reader gives a molecule or a
 * {@link dev.millrace.molecule.MoleculeFormatException}, in time and memory bounded by its size; the same input gives the
 * same bytes on every machine and with any number of threads.
 */
@NullMarked
package dev.millrace.molecule;

import org.jspecify.annotations.NullMarked;
