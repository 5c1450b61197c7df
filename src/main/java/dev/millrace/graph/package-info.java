/**
 * A graph as tensors, and the disjoint union of many graphs: shapes first, then written into given buffers.
 *
 * <p>May import the JDK and {@code tensor}; never sees SQL or DJL.
 *
 * <p>Invariants: every edge index of a {@link dev.millrace.graph.Graph} is below its node count; edges keep the order in
 * which they were given; a graph has at least one node.
 */
@NullMarked
package dev.millrace.graph;

import org.jspecify.annotations.NullMarked;
