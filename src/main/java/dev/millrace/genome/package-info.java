/**
 * Windows of genomes: contigs in, tokens of a causal model out.
 *
 * <pre>
 *   FASTA ── GenomeImport ──▶ store (contigs, 16 KiB chunks)          or one file per sample (sharded, the original's layout)
 *                              │ split, precompute
 *                              ▼
 *                             window index: one row per contig        or window database (one row per window, the original's)
 *                              │ one JOIN per batch
 *                              ▼
 *   WindowSource ─▶ Window (bases) ─▶ WindowFormat (tokens, labels, loss mask) ─▶ WindowDataset (DJL)
 * </pre>
 *
 * <p>May import {@code tensor}, {@code sqlite}, {@code build} and {@code batch}. Knows no other domain.
 *
 * <p>Invariants: a window is the same from either layout; what is random in it is a function of (seed, epoch, window) alone.
 */
@NullMarked
package dev.millrace.genome;

import org.jspecify.annotations.NullMarked;
