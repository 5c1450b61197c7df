package dev.millrace.spool;

import dev.millrace.Internal;

/**
 * How far the spool of a producer has been read. Immutable.
 *
 * @param segment number of a segment, from 1; 0 before the first
 * @param offset byte in it at which the next frame begins; 0 before its header
 * @param number of the last frame before it; 0 if there was none
 */
@Internal
public record Position(int segment, long offset, long number) {
    /** Before everything. */
    public static final Position START = new Position(0, 0, 0);
}
