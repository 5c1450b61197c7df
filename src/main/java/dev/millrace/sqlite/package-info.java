/**
 * One SQLite file: opening, configuring, versioning, reading, bulk writing, queue writing and checking it.
 *
 * <p>May import the JDK, the SQLite driver and SLF4J. The only package that opens connections and the only one that knows pragmas;
 * knows nothing of tensors or DJL.
 *
 * <p>Invariants: a path never reaches the driver unencoded; a reader cannot write or create a file; a built file appears
 * under its name complete or not at all; every write transaction is explicit, and a connection that failed inside one is
 * not used again.
 */
@NullMarked
package dev.millrace.sqlite;

import org.jspecify.annotations.NullMarked;
