package dev.millrace.genome;

/**
 * Where the windows of a contig lie: window {@code i} starts at base {@code i · stride}. Immutable, thread-safe.
 *
 * @param windowSize tokens of a window, W; also the most bases that it may span
 * @param stride bases from the start of one window to that of the next, S
 * @param minLength the least bases a window must have, T; 0 keeps all
 * @param tail what becomes of the bases after the last whole window
 */
public record WindowGeometry(int windowSize, int stride, int minLength, Tail tail) {
    /** Window size of the original. */
    public static final int DEFAULT_WINDOW_SIZE = 8192;

    /** Stride of the original. */
    public static final int DEFAULT_STRIDE = 7992;

    /** Largest size and stride: a batch of windows must fit into an array. */
    static final int LARGEST = 1 << 24;

    public WindowGeometry {
        require("window size", windowSize, 1);
        require("stride", stride, 1);
        require("window-min-length-threshold", minLength, 0);
    }

    private static void require(String what, int value, int least) {
        if (value < least || value > LARGEST) {
            throw new IllegalArgumentException(
                    "Expected a " + what + " from " + least + " to " + LARGEST + ", found " + value + ".");
        }
    }

    /** The original's: tails are dropped. */
    public static WindowGeometry of(int windowSize, int stride, int minLength) {
        return new WindowGeometry(windowSize, stride, minLength, Tail.DROP);
    }

    /** Windows of a contig of {@code length} bases before any is pruned: 1 if it is shorter than a window. */
    public long candidates(long length) {
        if (length < windowSize) {
            return 1;
        }
        long whole = 1 + (length - windowSize) / stride;
        long covered = (whole - 1) * stride + windowSize;
        boolean another = tail != Tail.DROP && covered < length && (tail == Tail.SHIFT || whole * stride < length);
        return another ? whole + 1 : whole;
    }

    /**
     * Windows of a contig that have {@code minLength} bases at least. They are the first ones of its candidates: only the
     * last can be shorter than the others.
     */
    public long windows(long length) {
        if (bases(length, 0) < minLength) {
            return 0;
        }
        long candidates = candidates(length);
        return bases(length, candidates - 1) < minLength ? candidates - 1 : candidates;
    }

    /** First base of a window, from 0. */
    public long start(long length, long window) {
        long start = window * stride;
        return tail == Tail.SHIFT && length >= windowSize ? Math.min(start, length - windowSize) : start;
    }

    /** Bases that a window spans, at most {@link #windowSize}. */
    public long bases(long length, long window) {
        return Math.min(windowSize, Math.max(0, length - start(length, window)));
    }
}
