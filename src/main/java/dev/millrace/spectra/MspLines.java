package dev.millrace.spectra;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text of unknown origin, in constant memory. Ends of line are LF, CRLF or CR; a line is UTF-8, or Latin-1
 * when it is no valid UTF-8; what a line has beyond {@link #LONGEST_LINE_BYTES} is skipped and reported.
 *
 * <p>One thread at a time; who opens it closes it.
 */
final class MspLines implements Closeable {
    static final int LONGEST_LINE_BYTES = 1 << 20;
    private static final int END = -1;

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int limit;
    private long consumed;
    private byte[] line = new byte[1 << 10];
    private int length;
    private long number;
    private boolean tooLong;
    private boolean afterCarriageReturn;

    MspLines(InputStream in) {
        this.in = in;
    }

    /** What a file without records holds instead, for a message: the kinds that are mistaken for text most often. */
    static String instead(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(2);
        }
        int mark = start.length < 2 ? 0 : ((start[0] & 0xFF) << 8) | (start[1] & 0xFF);
        return switch (mark) {
            case 0x1F8B -> "a gzip file. Unpack it first";
            case 0xFEFF, 0xFFFE -> "UTF-16 text. Convert it to UTF-8 first";
            default -> start.length == 0 ? "an empty file" : "none in the file. Check that it is an MSP file";
        };
    }

    /** The next line without its end; null when there is none. */
    @Nullable
    String next() throws IOException {
        length = 0;
        tooLong = false;
        boolean any = false;
        while (true) {
            int value = read();
            if (value == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false;
                continue;
            }
            afterCarriageReturn = value == '\r';
            if (value == END && !any) {
                return null;
            }
            if (value == END || value == '\n' || value == '\r') {
                break;
            }
            any = true;
            append((byte) value);
        }
        number++;
        return decode();
    }

    /** Number of the line last returned, from 1. */
    long number() {
        return number;
    }

    /** Whether the line last returned was cut. */
    boolean tooLong() {
        return tooLong;
    }

    /** Bytes of the text that were looked at so far. */
    long consumed() {
        return consumed - (limit - at);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private int read() throws IOException {
        if (at == limit) {
            limit = Math.max(in.read(buffer), 0);
            at = 0;
            consumed += limit;
            if (limit == 0) {
                return END;
            }
        }
        return buffer[at++] & 0xFF;
    }

    private void append(byte value) {
        if (length == LONGEST_LINE_BYTES) {
            tooLong = true;
            return;
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = value;
    }

    private String decode() {
        int start = number == 1 && startsWithMark() ? 3 : 0;
        for (int i = start; i < length; i++) {
            if (line[i] < 0) {
                return decodeBeyondAscii(start);
            }
        }
        return new String(line, start, length - start, StandardCharsets.ISO_8859_1);
    }

    private String decodeBeyondAscii(int start) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, start, length - start))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return new String(line, start, length - start, StandardCharsets.ISO_8859_1);
        }
    }

    /** The byte order mark that some editors put before UTF-8. */
    private boolean startsWithMark() {
        return length >= 3 && (line[0] & 0xFF) == 0xEF && (line[1] & 0xFF) == 0xBB && (line[2] & 0xFF) == 0xBF;
    }
}
