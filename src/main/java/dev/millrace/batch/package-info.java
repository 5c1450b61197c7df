/**
 * Rows of any domain become DJL batches: one SQL statement at most and a handful of NDArrays per batch, whatever its size.
 *
 * <pre>
 *   Builder.build           split → SampleChoice.filtered, .draw: which samples, and how often each → cache in memory
 *   SqliteDataset.getData   SeededSampler (seed, epoch) → places of the epoch's PlaceOrder → positions → ids
 *     BatchStream           loader threads, a bounded number of batches ahead, one reader each
 *       RowReader.read      one prepared statement; every id comes back, in order, or it is an error
 *       ReadAhead           the same for several batches with one statement, where rows lie one by one
 *         Collator          headers give shapes; one NDArray per slot, made by the engine and filled in place
 *           Batch           in order; closed by the training loop
 * </pre>
 *
 * <p>May import {@code tensor}, {@code sqlite}, {@code graph} and DJL's API. Knows no domain.
 *
 * <p>Invariants: the order of samples depends on seed, epoch and batch size only, never on threads; no row is used whose
 * checksum fails; nothing holds a reference to its consumer.
 */
@NullMarked
package dev.millrace.batch;

import org.jspecify.annotations.NullMarked;
