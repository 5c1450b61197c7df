package dev.millrace.genome;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The windows of a batch: each wanted once, in ascending order, and given back as often and in the order asked for. */
final class WindowIds {
    private final long[] asked;
    private final long[] sorted;
    private final Window[] found;

    /** @throws IndexOutOfBoundsException if one is not from 0 to {@code total − 1} */
    WindowIds(long[] asked, long total, Path file) {
        for (long id : asked) {
            requireInside(id, total, file);
        }
        this.asked = asked;
        this.sorted = Arrays.stream(asked).sorted().distinct().toArray();
        this.found = new Window[sorted.length];
    }

    static void requireInside(long id, long total, Path file) {
        if (id < 0 || id >= total) {
            String expected =
                    total == 0 ? "none, as there are no windows" : "0 to " + (total - 1) + " for " + total + " windows";
            throw new IndexOutOfBoundsException(
                    "Window index out of range: expected " + expected + ", found " + id + " (" + file + ").");
        }
    }

    /** Ascending, each once; not to be changed. */
    long[] sorted() {
        return sorted;
    }

    /** Keeps a window that was read. */
    void put(Window window) {
        found[Arrays.binarySearch(sorted, window.index())] = window;
    }

    /** The first that was not put; −1 if none. */
    long missing() {
        for (int i = 0; i < found.length; i++) {
            if (found[i] == null) {
                return sorted[i];
            }
        }
        return -1;
    }

    /** All of them as asked for. */
    List<Window> inOrder() {
        List<Window> windows = new ArrayList<>(asked.length);
        for (long id : asked) {
            windows.add(found[Arrays.binarySearch(sorted, id)]);
        }
        return windows;
    }
}
