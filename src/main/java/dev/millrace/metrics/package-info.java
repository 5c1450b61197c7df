/**
 * What a run reports while it trains: recorded by one writer, read while it runs and after, drawn as a static report.
 *
 * <pre>
 *   Run.log ──► MetricsStore ──► sqlite.WriteQueue ──► MetricsSink ──► metrics.db ──► MetricsReader ──► MetricsReport
 * </pre>
 *
 * <p>Worker processes report through spool files: WorkerMetrics ──► spool ──► SpoolBacklog ──► the same writer.
 *
 * <p>May import {@code spool}, {@code sqlite} and the JDK; free of DJL and of every other domain.
 *
 * <p>Invariants: recording waits for nothing but room in the queue, and shortly; what a successful flush covered survives a kill; a value that is no
 * number is kept as what it is; nothing recorded is ever deleted, a resumed run marks what it repeats as superseded; every
 * text of a user that reaches HTML is escaped.
 */
@NullMarked
package dev.millrace.metrics;

import org.jspecify.annotations.NullMarked;
