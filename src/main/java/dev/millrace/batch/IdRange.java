package dev.millrace.batch;

import dev.millrace.Internal;

/**
 * Part of an ascending list of ids. Immutable as long as the list is left alone.
 *
 * @param from place of its first id in the list
 * @param to place after its last
 */
@Internal
public record IdRange(long[] ids, int from, int to) {
    /** A whole list. */
    public static IdRange of(long[] ids) {
        return new IdRange(ids, 0, ids.length);
    }

    /** Number of ids. */
    public int count() {
        return to - from;
    }

    long id(int place) {
        return ids[from + place];
    }
}
