/**
 * Append-only files by which one process hands records to another: written by their producer, taken over by a reader at any
 * time later, while they grow or after a crash. The format is in docs/format.md; writers exist in other languages.
 *
 * <pre>
 *   FrameBuffer ──► FrameWriter ──► &lt;producer&gt;-&lt;segment&gt;.spool ──► FrameReader
 * </pre>
 *
 * <p>May import the JDK only; what a frame means is its users' business.
 *
 * <p>Invariants: a frame whose append returned survives the end of both processes; frames of a producer are numbered without
 * gaps, so that a lost one is noticed; a damaged stretch is named and costs no frame beside it; no length of a file is
 * believed before it is checked.
 */
@NullMarked
package dev.millrace.spool;

import org.jspecify.annotations.NullMarked;
