/**
 * Mass spectra with the graphs of their molecules: from MSP and MOL files to a database, and from there to training rows.
 *
 * <p>May import the JDK, {@code tensor}, {@code sqlite}, {@code graph}, {@code molecule}, {@code build} and {@code batch}; only
 * {@link dev.millrace.spectra.SpectrumDataset} sees DJL. Never imports another domain.
 *
 * <p>Invariants: every record of an MSP file is either read or rejected with file, line and reason, so that read + rejected
 * = present; the same input, options and seed give the same rows, whatever the number of threads; compounds that share a
 * connectivity are never in two splits; a compound without graph or spectrum is in no split.
 */
@NullMarked
package dev.millrace.spectra;

import org.jspecify.annotations.NullMarked;
