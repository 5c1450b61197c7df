package dev.millrace.genome;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks gzip data of any number of members (RFC 1952), as bgzip and {@code cat} make them. The JDK's own stream takes a
 * member that is cut in its header for the end of the file; here every file that does not end with a whole member is an
 * error. One thread at a time; closing it closes the stream below.
 */
final class GzipMembers extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;

    private final InputStream in;
    private final Path file;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] packed = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private long position;
    private long length;
    private boolean inMember;
    private boolean ended;

    /** @param file named in errors */
    GzipMembers(InputStream in, Path file) {
        this.in = in;
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws IOException {
        while (!ended && count > 0) {
            if (!inMember) {
                beginMember();
                continue;
            }
            int read = inflate(into, offset, count);
            if (read > 0) {
                crc.update(into, offset, read);
                length += read;
                return read;
            }
            if (inflater.finished()) {
                endMember();
            }
        }
        return count == 0 ? 0 : -1;
    }

    private int inflate(byte[] into, int offset, int count) throws IOException {
        try {
            int read = inflater.inflate(into, offset, count);
            if (read == 0 && inflater.needsInput() && !inflater.finished()) {
                if (at == end) {
                    fill();
                }
                if (at == end) {
                    throw truncated();
                }
                inflater.setInput(packed, at, end - at);
                position += end - at;
                at = end;
            } else if (read == 0 && inflater.needsDictionary()) {
                throw damaged("a preset dictionary");
            }
            return read;
        } catch (DataFormatException e) {
            throw new MalformedFastaException(
                    "Damaged gzip file: expected deflated data, found " + e.getMessage() + " (" + file + ", near byte "
                            + position + "). Fetch the file again.",
                    e);
        }
    }

    private void beginMember() throws IOException {
        int first = next();
        // Padding with zeros after the last member, as tapes leave it, is allowed.
        while (first == 0 && position > 1) {
            first = next();
        }
        if (first < 0) {
            ended = true;
            return;
        }
        if (first != 0x1f || required() != 0x8b || required() != 8) {
            throw damaged("other data after a member");
        }
        int flags = required();
        skip(6);
        if ((flags & FLAG_EXTRA) != 0) {
            skip(required() | required() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText();
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            skip(2);
        }
        inflater.reset();
        crc.reset();
        length = 0;
        inMember = true;
    }

    private void endMember() throws IOException {
        int unused = inflater.getRemaining();
        at -= unused;
        position -= unused;
        long expectedCrc = number();
        long expectedLength = number();
        if (expectedCrc != crc.getValue() || expectedLength != (length & 0xFFFFFFFFL)) {
            throw damaged("contents that differ from their checksum");
        }
        inMember = false;
    }

    private long number() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            value |= (long) required() << shift;
        }
        return value;
    }

    private void skipText() throws IOException {
        int letter = required();
        while (letter != 0) {
            letter = required();
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            required();
        }
    }

    private int required() throws IOException {
        int next = next();
        if (next < 0) {
            throw truncated();
        }
        return next;
    }

    private int next() throws IOException {
        if (at == end) {
            fill();
        }
        if (at == end) {
            return -1;
        }
        position++;
        return packed[at++] & 0xFF;
    }

    private void fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(packed, 0, packed.length));
    }

    private MalformedFastaException truncated() {
        return new MalformedFastaException("Truncated gzip file: expected more data after byte " + position
                + ", found the end of the file (" + file + "). Fetch the file again.");
    }

    private MalformedFastaException damaged(String found) {
        return new MalformedFastaException("Damaged gzip file: expected members of gzip data, found " + found + " ("
                + file + ", near byte " + position + "). Fetch the file again.");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
