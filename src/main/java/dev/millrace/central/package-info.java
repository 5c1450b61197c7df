/**
 * Metrics of many machines in one PostgreSQL database, copied from the metrics files.
 *
 * <pre>
 *   metrics.db ──► MetricsFile (one short snapshot) ──► RunPush (one transaction) ──► PostgreSQL
 *                        CentralSink: a thread beside a training;  CentralPush: once
 * </pre>
 *
 * <p>The file stays the source of truth, and is the backlog while the database is away: how far a run is copied is asked of the
 * database itself, so that there is nothing to keep in step and nothing to lose. The driver, {@code org.postgresql}, is an
 * optional dependency that {@code PostgresLink} finds by name.
 *
 * <p>Invariants: a point is stored once, by its series and number, however often it is sent; nothing here slows or ends a
 * training; a password is in no message.
 */
@NullMarked
package dev.millrace.central;

import org.jspecify.annotations.NullMarked;
