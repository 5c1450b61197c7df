package dev.millrace.monitor;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the small text files of {@code /proc} and {@code /sys/fs/cgroup} without making texts of them: this runs every second
 * for each process of a tree. A cursor moves over the file read last. One thread at a time.
 */
final class ProcReader {
    private static final int USUAL_BYTES = 4096;
    private static final int MOST_BYTES = 1 << 20;

    private final String root;
    private byte[] buffer = new byte[USUAL_BYTES];
    private int length;
    private int position;

    /** @param root where {@code /proc} is */
    ProcReader(Path root) {
        this.root = root.toString() + "/";
    }

    /** Folder of the files. */
    String root() {
        return root;
    }

    /**
     * Reads the first 4 KiB of a file.
     *
     * @param path relative to the root
     */
    void readHead(String path) throws IOException {
        try (FileInputStream in = new FileInputStream(root + path)) {
            fill(in, USUAL_BYTES);
        }
    }

    /** Reads a file, of one longer than 1 MiB the beginning. */
    void readAll(String path) throws IOException {
        try (FileInputStream in = new FileInputStream(root + path)) {
            fill(in, MOST_BYTES);
        }
    }

    /** Reads the first 4 KiB of a file of a process; false if the process is gone, or another user's. */
    boolean readIfThere(String path) {
        try {
            readHead(path);
            return length > 0;
        } catch (IOException gone) {
            return false;
        }
    }

    private void fill(FileInputStream in, int most) throws IOException {
        length = 0;
        position = 0;
        int count = 0;
        while (length < most && (count = in.read(buffer, length, buffer.length - length)) > 0) {
            length += count;
            if (length == buffer.length && length < most) {
                buffer = Arrays.copyOf(buffer, 2 * buffer.length);
            }
        }
    }

    /** What was read, as text. */
    String text() {
        return new String(buffer, 0, length, StandardCharsets.UTF_8);
    }

    /** Moves behind a key at the beginning of a line; false if there is none, and then the cursor stays. */
    boolean seekLine(String key) {
        int line = 0;
        while (line < length) {
            if (startsWith(line, key)) {
                position = line + key.length();
                return true;
            }
            while (line < length && buffer[line] != '\n') {
                line++;
            }
            line++;
        }
        return false;
    }

    /** Moves behind the last such character; false if there is none. */
    boolean seekAfterLast(char character) {
        for (int i = length - 1; i >= 0; i--) {
            if (buffer[i] == character) {
                position = i + 1;
                return true;
            }
        }
        return false;
    }

    /** Moves over fields that blanks separate. */
    void skipFields(int count) {
        for (int i = 0; i < count; i++) {
            skipBlanks();
            while (position < length && buffer[position] > ' ') {
                position++;
            }
        }
    }

    /**
     * The whole number at the cursor, blanks before it skipped; larger ones than a long wrap around, as counters do.
     *
     * @throws IOException if there is none
     */
    long number() throws IOException {
        skipBlanks();
        boolean negative = position < length && buffer[position] == '-';
        int digits = negative ? position + 1 : position;
        int end = digits;
        long value = 0;
        while (end < length && buffer[end] >= '0' && buffer[end] <= '9') {
            value = 10 * value + (buffer[end] - '0');
            end++;
        }
        if (end == digits) {
            throw new IOException("Expected a number at byte " + position + ", found '"
                    + text().strip().lines().findFirst().orElse("") + "'.");
        }
        position = end;
        return negative ? -value : value;
    }

    /** How many lines begin with a key and a digit. */
    int countNumbered(String key) {
        int count = 0;
        for (int i = 0; i + key.length() < length; i++) {
            boolean begins = i == 0 || buffer[i - 1] == '\n';
            if (begins && startsWith(i, key) && Character.isDigit(buffer[i + key.length()])) {
                count++;
            }
        }
        return count;
    }

    private boolean startsWith(int at, String key) {
        if (at + key.length() > length) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            if (buffer[at + i] != key.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void skipBlanks() {
        while (position < length && buffer[position] <= ' ') {
            position++;
        }
    }
}
