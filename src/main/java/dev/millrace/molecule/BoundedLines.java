package dev.millrace.molecule;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a text file, gzip or not (told by its first bytes), with a limit on their length: a hostile file without line
 * ends costs no memory. Bytes that are not UTF-8 become replacement characters. One thread at a time; close it.
 */
final class BoundedLines implements AutoCloseable {
    /** Characters kept of one line; what is longer is cut, which every parser then refuses. */
    static final int MAX_LENGTH = 1 << 20;

    private final Reader reader;
    private final char[] buffer = new char[1 << 16];
    private int position;
    private int limit;
    private long number;
    private boolean skipLineFeed;

    private BoundedLines(Reader reader) {
        this.reader = reader;
    }

    static BoundedLines open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            in.mark(2);
            boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            InputStream plain = gzip ? new GZIPInputStream(in, 1 << 16) : in;
            return new BoundedLines(new InputStreamReader(plain, StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException failed) {
            in.close();
            throw failed;
        }
    }

    /** 1-based number of the line last read. */
    long number() {
        return number;
    }

    /** The next line without its end ({@code \n}, {@code \r\n} or {@code \r}), or null at the end. */
    @Nullable
    String next() throws IOException {
        StringBuilder text = null;
        while (true) {
            if (position == limit) {
                limit = reader.read(buffer);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    if (text == null) {
                        return null;
                    }
                    number++;
                    return text.toString();
                }
            }
            if (skipLineFeed) {
                skipLineFeed = false;
                if (buffer[position] == '\n') {
                    position++;
                    continue;
                }
            }
            int start = position;
            while (position < limit && buffer[position] != '\n' && buffer[position] != '\r') {
                position++;
            }
            boolean ended = position < limit;
            if (text == null && ended) {
                String line = new String(buffer, start, Math.min(position - start, MAX_LENGTH));
                finishLine();
                return line;
            }
            text = text == null ? new StringBuilder() : text;
            text.append(buffer, start, Math.min(position - start, MAX_LENGTH - text.length()));
            if (ended) {
                finishLine();
                return text.toString();
            }
        }
    }

    private void finishLine() {
        skipLineFeed = buffer[position] == '\r';
        position++;
        number++;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
