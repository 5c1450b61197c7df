package dev.millrace.pcqm;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a CSV file, plain or gzip (told by its first bytes), into records without looking into them: RFC 4180, so a line feed
 * within quotes ends no record. Blank lines are no records. One thread at a time; who opens it closes it.
 *
 * <p>Memory: a few hundred kilobytes, whatever the file. A quote that is not closed within {@link #LONGEST} bytes makes its
 * first line a (malformed) record of its own and the next line the beginning of another; of a longer line {@link #LONGEST}
 * bytes are kept, which is how its reader knows.
 */
final class CsvRecords implements Closeable {
    /** Bytes of the longest record. */
    static final int LONGEST = 1 << 16;

    private static final int BUFFER_BYTES = 1 << 18;

    /**
     * Some records of a file, one after another. Not to be changed.
     *
     * @param first number of the first one, from 0; the header has none
     * @param bytes that hold them
     * @param bounds begin and end of each
     * @param count of records
     */
    record Chunk(long first, byte[] bytes, int[] bounds, int count) {
        int from(int record) {
            return bounds[2 * record];
        }

        int to(int record) {
            return bounds[2 * record + 1];
        }
    }

    private final Path file;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int scanned;
    private int limit;
    private int recordEnd;
    private boolean atEnd;
    private boolean quoted;
    private boolean fieldStart = true;
    private boolean skippingLine;
    private long records;

    private CsvRecords(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    static CsvRecords open(Path file) throws IOException {
        return of(file, Files.newInputStream(file));
    }

    /** @param bytes of the file, from its beginning */
    static CsvRecords of(Path file, InputStream bytes) throws IOException {
        InputStream in = new BufferedInputStream(bytes, 1 << 16);
        try {
            in.mark(3);
            int first = in.read();
            int second = in.read();
            in.reset();
            InputStream plain = first == 0x1f && second == 0x8b ? new GZIPInputStream(in, 1 << 16) : in;
            CsvRecords opened = new CsvRecords(file, plain);
            opened.skipByteOrderMark();
            return opened;
        } catch (ZipException | EOFException damaged) {
            in.close();
            throw damaged(file, 0, damaged);
        } catch (IOException | RuntimeException failed) {
            in.close();
            throw failed;
        }
    }

    private void skipByteOrderMark() throws IOException {
        boolean more = true;
        while (more && limit < 3) {
            more = fill();
        }
        if (limit >= 3 && buffer[0] == (byte) 0xEF && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF) {
            start = 3;
            scanned = 3;
        }
    }

    /** The first record, which is not counted; null if there is none. */
    @Nullable
    Chunk header() throws IOException {
        Chunk header = next(1);
        records = 0;
        return header;
    }

    /** The next records, at most so many; null at the end. */
    @Nullable
    Chunk next(int most) throws IOException {
        int[] bounds = new int[2 * most];
        int count = 0;
        while (count == 0) {
            while (count < most && scan()) {
                int end = recordEnd > start && buffer[recordEnd - 1] == '\r' ? recordEnd - 1 : recordEnd;
                if (end > start) {
                    bounds[2 * count] = start;
                    bounds[2 * count + 1] = end;
                    count++;
                }
                start = scanned;
            }
            if (count == 0 && !more()) {
                return null;
            }
        }
        int base = bounds[0];
        int end = bounds[2 * count - 1];
        for (int i = 0; i < 2 * count; i++) {
            bounds[i] -= base;
        }
        Chunk chunk = new Chunk(records, Arrays.copyOfRange(buffer, base, end), bounds, count);
        records += count;
        return chunk;
    }

    /** Finds the end of the next record in the buffer, and puts {@code scanned} behind it. */
    private boolean scan() {
        byte[] bytes = buffer;
        int at = scanned;
        for (; at < limit; at++) {
            byte next = bytes[at];
            if (skippingLine) {
                skippingLine = next != '\n';
                start = at + 1;
            } else if (quoted) {
                // The second of two quotes opens again what the first closed.
                quoted = next != '"';
                fieldStart = !quoted;
            } else if (next == '\n') {
                scanned = at + 1;
                recordEnd = at;
                fieldStart = true;
                if (at - start > LONGEST) {
                    endOverlong();
                }
                return true;
            } else if (next == '"') {
                quoted = fieldStart;
                fieldStart = false;
            } else {
                fieldStart = next == ',';
            }
        }
        scanned = at;
        if (at - start > LONGEST) {
            skippingLine = !endOverlong();
            return true;
        }
        return atEnd && endAtEndOfFile();
    }

    /** Ends a record that is too long: after its first line if it has several, else after as much as is kept of it. */
    private boolean endOverlong() {
        int end = scanned;
        for (int at = start; at < end; at++) {
            if (buffer[at] == '\n') {
                recordEnd = at;
                scanned = at + 1;
                quoted = false;
                fieldStart = true;
                return true;
            }
        }
        recordEnd = start + LONGEST;
        quoted = false;
        fieldStart = true;
        return false;
    }

    private boolean endAtEndOfFile() {
        if (scanned == start) {
            return false;
        }
        boolean severalLines = quoted && endOverlong();
        if (!severalLines) {
            recordEnd = scanned;
        }
        return true;
    }

    /** Makes room and reads on; false at the end of the file. */
    private boolean more() throws IOException {
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        scanned -= start;
        limit -= start;
        start = 0;
        return fill() || limit > 0;
    }

    private boolean fill() throws IOException {
        try {
            int read = in.read(buffer, limit, buffer.length - limit);
            atEnd = read < 0;
            limit += Math.max(read, 0);
            return read > 0;
        } catch (ZipException | EOFException e) {
            throw damaged(file, records, e);
        }
    }

    private static DamagedInputException damaged(Path file, long records, IOException cause) {
        return new DamagedInputException(
                "Cannot read " + file + ": expected complete gzip data, found them damaged or cut after record "
                        + records + " (" + cause.getMessage() + "). Fetch the file again.",
                cause);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
