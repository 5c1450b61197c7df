package dev.millrace.batch;

import java.util.Arrays;

/** The ids of a dataset, each once, numbered in ascending order; made for looking up many that follow each other. One thread. */
final class KnownIds {
    private final long[] ids;
    private int next;

    private KnownIds(long[] ids) {
        this.ids = ids;
    }

    static KnownIds of(RowSource<?> source) {
        long[] ids = source.ids();
        for (int i = 1; i < ids.length; i++) {
            if (ids[i - 1] >= ids[i]) {
                return new KnownIds(Arrays.stream(ids).sorted().distinct().toArray());
            }
        }
        return new KnownIds(ids);
    }

    int count() {
        return ids.length;
    }

    long id(int number) {
        return ids[number];
    }

    /** The number of an id; negative when the dataset does not have it. */
    int find(long id) {
        int found = next < ids.length && ids[next] == id ? next : Arrays.binarySearch(ids, id);
        next = found < 0 ? next : found + 1;
        return found;
    }
}
