/**
 * The command line: one class per command, the only reader of {@code configs/}, the only place that prints.
 *
 * <p>May import everything; nothing imports it.
 *
 * <p>Invariants: results go to standard output, everything else to standard error; a failure is one line and one exit code,
 * both decided in {@link dev.millrace.cli.ExitCode} and {@link dev.millrace.cli.Main}; a command parses its options, calls
 * one entry point of a domain and prints what it returned.
 */
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
