/**
 * The live page over metrics files: a small HTTP server of the JDK and the scripts of the page, with nothing from elsewhere.
 *
 * <pre>
 *   browser ──► RequestGuard ──► Assets                        (the page: fixed files)
 *                          └───► RunsReply, ChangesReply, … ──► MetricsFiles ──► metrics.MetricsReader
 * </pre>
 *
 * <p>May import {@code metrics}, {@code sqlite}'s exceptions, Jackson and the JDK.
 *
 * <p>Invariants: no request changes anything; no request names a file by its path; nothing is answered to who does not know
 * the token of this start, or speaks through another site's page; no read lasts beyond its time, and none spans requests;
 * what users named reaches the page as JSON only, never as markup.
 */
@NullMarked
package dev.millrace.dashboard;

import org.jspecify.annotations.NullMarked;
