/**
 * EXAFS paths: χ(k) computed once, queried for ever.
 *
 * <pre>
 *   feffNNNN.dat ── FeffFile ──▶ FeffPath (header, legs, seven columns)
 *                                  │ ChiCalculator(ChiParameters, KGrid)
 *                                  ▼
 *   working_W/frame_F/atom_A/ ── ExafsBuilder ──▶ database: scattering_paths ⋈ path_legs ⋈ chi, feff_arrays, atom_sums
 *                                  │
 *   PathCriteria ──▶ ChiSource (database, the document's tables, or the files themselves)
 *                                  │ sum within an atom, then mean over atoms
 *                                  ▼
 *   ChiAverage ──▶ FourierTransform ──▶ χ(R)          ExafsDataset, ExafsAtomDataset (DJL)
 * </pre>
 *
 * <p>May import {@code tensor}, {@code sqlite}, {@code build}, {@code chart}, {@code graph} and {@code batch}; DJL in datasets only, so
 * that χ needs no native engine. Knows no other domain.
 *
 * <p>Units: k and q in Å⁻¹, distances in Å, energies in eV, σ² in Å², angles in degrees. Invariant: χ from a database is, bit for
 * bit, χ from the files it was built of.
 */
@NullMarked
package dev.millrace.exafs;

import org.jspecify.annotations.NullMarked;
