package dev.millrace.training;

import java.util.Iterator;

/** Takes from an iterator and measures how long that blocks. One thread at a time. */
final class DataClock {
    private static final double NANOS = 1e9;

    private long waited;

    boolean hasNext(Iterator<?> items) {
        long start = System.nanoTime();
        try {
            return items.hasNext();
        } finally {
            waited += System.nanoTime() - start;
        }
    }

    <T> T next(Iterator<T> items) {
        long start = System.nanoTime();
        try {
            return items.next();
        } finally {
            waited += System.nanoTime() - start;
        }
    }

    /** Seconds waited so far. */
    double seconds() {
        return waited / NANOS;
    }

    static double secondsSince(long startNanos) {
        return (System.nanoTime() - startNanos) / NANOS;
    }
}
