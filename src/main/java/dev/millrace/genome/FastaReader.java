package dev.millrace.genome;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a FASTA file, plain or gzip, one after another, their bases in pieces: a contig may be longer than
 * memory, and its line too.
 *
 * <pre>
 *   record  := '>' blank* name (blank description)? end line*
 *   line    := bases, blanks among them left out          end := LF, CR LF or CR
 *   base    := letter, '-', '*', '.', '@', '#', or a tag: '|' printable* '|', 2,048 characters at most, over several lines
 * </pre>
 *
 * <p>Lines that begin with {@code ;} are comments; only white space and comments may come before the first record. Upper and
 * lower case and the letters of IUPAC stay as they are. A record whose bases have anything else in them is at its end there,
 * and {@link #fault} says why; the reader goes on with the next.
 *
 * <p>One thread at a time; who opens it closes it. Memory: about 2 MB.
 */
final class FastaReader implements Closeable {
    /** Longest name and description together, in bytes: beyond it a file is something else. */
    private static final int LONGEST_HEADER = 1 << 20;

    private static final int LONGEST_NAME = 4096;
    private static final int LONGEST_TAG = 2048;
    private static final boolean[] BASE = new boolean[256];

    static {
        for (char letter : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-*.@#".toCharArray()) {
            BASE[letter] = true;
        }
    }

    /**
     * Why a record is not to be taken.
     *
     * @param reason one word
     * @param line where, from 1
     * @param detail what was expected and found
     */
    record Fault(String reason, long line, String detail) {}

    private final FastaInput input;
    private byte[] bytes = new byte[0];
    private int at;
    private int end;
    private boolean lineStart = true;
    private boolean lineFeedBelongs;
    private long line = 1;
    private long recordLine;
    private String name = "";
    private String description = "";
    private @Nullable Fault fault;
    private boolean inRecord;
    private boolean atHeader;
    private boolean begun;
    private int tagLength = -1;

    private FastaReader(FastaInput input) {
        this.input = input;
    }

    /** @throws java.nio.file.NoSuchFileException if there is no such file */
    static FastaReader open(Path file) throws IOException {
        return new FastaReader(FastaInput.open(file));
    }

    /**
     * Goes on to the next record, past what is left of this one; false at the end of the file.
     *
     * @throws MalformedFastaException if it is no FASTA file or damaged
     */
    boolean next() throws IOException {
        skipRecord();
        if (!atHeader) {
            if (!begun) {
                throw new MalformedFastaException("Not a FASTA file: expected a line '>name', found "
                        + (line == 1 && lineStart ? "nothing" : "none") + " (" + input.file() + ").");
            }
            return false;
        }
        begun = true;
        recordLine = line;
        fault = null;
        tagLength = -1;
        atHeader = false;
        parseHeader(header());
        inRecord = true;
        return true;
    }

    /** First word of the record's header. */
    String name() {
        return name;
    }

    /** What follows the name in the header; often empty. */
    String description() {
        return description;
    }

    /** Line of the record's header, from 1. */
    long line() {
        return recordLine;
    }

    /** Why the record is not to be taken, known when {@link #read} said that it ended; null for a good one. */
    @Nullable
    Fault fault() {
        return fault;
    }

    /** Bytes of the file, packed as they are, read so far. */
    long position() {
        return input.position();
    }

    /** SHA-256 of the file as it lies there, when all records were read. */
    byte[] sha256() {
        return input.sha256();
    }

    /** The next bases of the record: how many were put into the array, at least 1; −1 at the record's end. */
    int read(byte[] into) throws IOException {
        int count = 0;
        while (inRecord && count < into.length && fault == null) {
            if (at == end && !fill()) {
                endRecord();
            } else if (lineStart) {
                startLine();
            } else if (tagLength >= 0) {
                count = tagged(into, count);
            } else {
                count = plain(into, count);
            }
        }
        return count == 0 ? -1 : count;
    }

    /** A run of bases, and the character that ends it. */
    private int plain(byte[] into, int from) {
        int count = from;
        int last = Math.min(end, at + into.length - from);
        int place = at;
        while (place < last && BASE[bytes[place] & 0xFF]) {
            into[count++] = bytes[place++];
        }
        at = place;
        if (place == last) {
            return count;
        }
        byte found = bytes[at];
        if (found == '|') {
            tagLength = 0;
            into[count++] = found;
            at++;
        } else if (found == '\n' || found == '\r') {
            endLine();
        } else if (found == ' ' || found == '\t') {
            at++;
        } else {
            refuse("a letter, '-', '*', '.', '@', '#' or a tag between '|'", found);
        }
        return count;
    }

    /** As {@link #plain}, inside a tag. */
    private int tagged(byte[] into, int from) {
        int count = from;
        while (at < end && count < into.length && tagLength >= 0) {
            byte found = bytes[at];
            if (found == '\n' || found == '\r') {
                endLine();
                return count;
            } else if (found < ' ' || found == 127) {
                refuse("printable ASCII in a tag", found);
                return count;
            } else if (found == '|') {
                tagLength = -1;
            } else if (++tagLength > LONGEST_TAG) {
                fault = new Fault(
                        "illegal_character",
                        line,
                        "expected a tag of " + LONGEST_TAG
                                + " characters at most, found a '|' without another one so near");
                return count;
            }
            into[count++] = found;
            at++;
        }
        return count;
    }

    private void startLine() throws IOException {
        byte first = bytes[at];
        if (lineFeedBelongs && first == '\n') {
            lineFeedBelongs = false;
            at++;
        } else if (first == '>') {
            lineFeedBelongs = false;
            atHeader = true;
            endRecord();
        } else if (first == ';' && tagLength < 0) {
            lineFeedBelongs = false;
            skipLine();
        } else {
            lineFeedBelongs = false;
            lineStart = false;
        }
    }

    private void endRecord() {
        inRecord = false;
        if (tagLength >= 0 && fault == null) {
            fault = new Fault("illegal_character", line, "expected another '|' at the end of a tag, found the end");
        }
    }

    private void refuse(String expected, byte found) {
        int code = found & 0xFF;
        String shown =
                code > ' ' && code < 127 ? "'" + (char) code + "'" : String.format(Locale.ROOT, "byte 0x%02X", code);
        fault = new Fault("illegal_character", line, "expected " + expected + ", found " + shown);
    }

    /** To the next header or the end of the file. */
    private void skipRecord() throws IOException {
        boolean refusesText = !begun;
        if (refusesText) {
            skipMark();
        }
        while (!atHeader && (at < end || fill())) {
            if (lineStart && bytes[at] == '>') {
                atHeader = true;
            } else if (lineStart && bytes[at] == ';') {
                skipLine();
            } else if (bytes[at] == '\n' || bytes[at] == '\r') {
                endLine();
            } else if (refusesText && bytes[at] != ' ' && bytes[at] != '\t') {
                throw new MalformedFastaException("Not a FASTA file: expected a line '>name' first, found '"
                        + shownText() + "' (" + input.file() + ", line " + line + ").");
            } else {
                lineStart = false;
                lineFeedBelongs = false;
                at++;
            }
        }
        inRecord = false;
    }

    /** Past a byte order mark. */
    private void skipMark() throws IOException {
        if (fill() && end >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF) {
            at = 3;
        }
    }

    private String shownText() {
        int last = at;
        while (last < end && last < at + 20 && bytes[last] != '\n' && bytes[last] != '\r') {
            last++;
        }
        return new String(bytes, at, last - at, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?");
    }

    /** At an end of line: past it, where CR LF is one. */
    private void endLine() {
        byte found = bytes[at++];
        if (found == '\n' && lineFeedBelongs) {
            lineFeedBelongs = false;
            return;
        }
        line++;
        lineStart = true;
        lineFeedBelongs = found == '\r';
    }

    private void skipLine() throws IOException {
        lineFeedBelongs = false;
        lineStart = false;
        while (at < end || fill()) {
            if (bytes[at] == '\n' || bytes[at] == '\r') {
                endLine();
                return;
            }
            at++;
        }
    }

    /** The line at hand without its '>' and its end. */
    private byte[] header() throws IOException {
        at++;
        lineFeedBelongs = false;
        byte[] text = new byte[128];
        int length = 0;
        while (at < end || fill()) {
            byte next = bytes[at];
            if (next == '\n' || next == '\r') {
                endLine();
                break;
            }
            if (length == LONGEST_HEADER) {
                throw new MalformedFastaException("Not a FASTA file: expected a header line of " + LONGEST_HEADER
                        + " bytes at most, found a longer one (" + input.file() + ", line " + line + ").");
            }
            if (length == text.length) {
                text = Arrays.copyOf(text, 2 * length);
            }
            text[length++] = next;
            at++;
        }
        return Arrays.copyOf(text, length);
    }

    private void parseHeader(byte[] header) {
        lineStart = true;
        int start = 0;
        while (start < header.length && isBlank(header[start])) {
            start++;
        }
        int stop = start;
        boolean isText = true;
        while (stop < header.length && !isBlank(header[stop])) {
            isText &= header[stop] < 0 || (header[stop] > ' ' && header[stop] != 127);
            stop++;
        }
        int rest = stop;
        while (rest < header.length && isBlank(header[rest])) {
            rest++;
        }
        description = new String(header, rest, header.length - rest, StandardCharsets.UTF_8);
        name = new String(header, start, Math.min(stop - start, LONGEST_NAME), StandardCharsets.UTF_8);
        if (stop == start) {
            fault = new Fault("no_name", recordLine, "expected '>name', found a header without a name");
        } else if (stop - start > LONGEST_NAME) {
            fault = new Fault(
                    "bad_name",
                    recordLine,
                    "expected a name of " + LONGEST_NAME + " bytes at most, found " + (stop - start));
        } else if (!isText || !isUtf8(header, start, stop)) {
            fault = new Fault(
                    "bad_name",
                    recordLine,
                    "expected a name in UTF-8 without control characters, found '" + name.replaceAll("\\p{Cntrl}", "?")
                            + "'");
        }
    }

    private static boolean isBlank(byte letter) {
        return letter == ' ' || letter == '\t';
    }

    private static boolean isUtf8(byte[] text, int start, int stop) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, start, stop - start));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private boolean fill() throws IOException {
        boolean more = input.advance();
        bytes = input.bytes();
        at = 0;
        end = input.length();
        return more;
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
