package dev.millrace.kv;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Lines of bytes, one at a time in one buffer that grows to the longest. One thread at a time. */
final class LineReader {
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final int limit;
    private final byte[] read = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private byte[] line = new byte[BUFFER_BYTES];
    private int length;
    private long number;

    /** @param limit most bytes of a line */
    LineReader(InputStream in, int limit) {
        this.in = in;
        this.limit = limit;
    }

    /**
     * Goes to the next line. The last one need not end with a line feed.
     *
     * @return whether there was one
     * @throws IllegalArgumentException if it is longer than a line may be
     */
    boolean next() throws IOException {
        length = 0;
        while (true) {
            if (at == end) {
                at = 0;
                end = in.read(read);
                if (end < 0) {
                    end = 0;
                    number += length > 0 ? 1 : 0;
                    return length > 0;
                }
            }
            int stop = at;
            while (stop < end && read[stop] != '\n') {
                stop++;
            }
            append(stop - at);
            boolean complete = stop < end;
            at = complete ? stop + 1 : stop;
            if (complete) {
                number++;
                return true;
            }
        }
    }

    private void append(int count) {
        if (count > limit - length) {
            number++;
            throw new IllegalArgumentException("expected at most " + limit + " bytes in a line, found more");
        }
        if (count > line.length - length) {
            long doubled = Math.max(2L * line.length, (long) length + count);
            line = Arrays.copyOf(line, (int) Math.min(doubled, limit));
        }
        System.arraycopy(read, at, line, length, count);
        length += count;
    }

    /** The bytes of the line are the first {@link #length} of these. */
    byte[] bytes() {
        return line;
    }

    int length() {
        return length;
    }

    /** Of the line, from 1. */
    long number() {
        return number;
    }
}
