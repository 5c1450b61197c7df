package dev.millrace.graph;

/** Tensors that do not fit together as a graph: wrong rank, other row counts, or an edge to a node that is not there. */
public final class MalformedGraphException extends RuntimeException {
    MalformedGraphException(String message) {
        super(message);
    }
}
