/**
 * The epoch loop: a plan, the run that follows it, its optimizer and schedules, checkpoint and resume, and what it reports.
 *
 * <p>May import {@code batch}, {@code metrics}, DJL's public API and Jackson; knows no domain and no command line.
 *
 * <p>Invariants: parameters are changed only by a step whose loss and gradients were finite; every batch is closed; a
 * checkpoint folder is complete under its name or not there; on a CPU, at an equal number of threads, a resumed run
 * computes the bits of an uninterrupted one; nothing here writes to standard output.
 */
@NullMarked
package dev.millrace.training;

import org.jspecify.annotations.NullMarked;
