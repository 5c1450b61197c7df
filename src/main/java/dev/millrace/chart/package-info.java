/**
 * Curves as pictures: one model, drawn as SVG, as PNG and as text for a terminal.
 *
 * <pre>
 *   Line ──► Panel ──► Picture ──► SvgRenderer | PngRenderer | TextRenderer
 * </pre>
 *
 * <p>May import the JDK only and knows nothing of where numbers come from.
 *
 * <p>Invariants: the same picture gives the same bytes; no value is silently left out: what has no place on an axis interrupts
 * its line and is marked; every text is made harmless for where it goes, so a caller may pass names as they are.
 */
@NullMarked
package dev.millrace.chart;

import org.jspecify.annotations.NullMarked;
