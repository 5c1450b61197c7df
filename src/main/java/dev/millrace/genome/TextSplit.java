package dev.millrace.genome;

import dev.millrace.build.RejectedInputException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A text file of contigs, plain or gzip: CSV or TSV whose first line names its columns (a tab in that line tells TSV), fields
 * quoted or not; or a FASTA index, whose lines are name, length, offset, bases and bytes of a line, separated by tabs.
 */
final class TextSplit implements ContigLengths {
    /** Bytes of the longest line: more than any name, so that another kind of file does not fill the memory. */
    static final int LONGEST_LINE = 1 << 20;

    private static final int INDEX_FIELDS = 5;
    private static final int SHOWN = 80;

    private final Path file;
    private final boolean index;

    TextSplit(Path file, boolean index) {
        this.file = file;
        this.index = index;
    }

    /** Whether a file is a FASTA index by its name. */
    static boolean isIndex(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".fai") || name.endsWith(".fai.gz");
    }

    @Override
    public String description() {
        return file.toString();
    }

    @Override
    public String place(long row) {
        return file + ":" + row;
    }

    @Override
    public void forEach(Sink sink) throws IOException {
        try (Lines lines = new Lines(Files.newInputStream(file))) {
            if (index) {
                readIndex(lines, sink);
            } else {
                readTable(lines, sink);
            }
        } catch (ZipException | EOFException e) {
            RejectedInputException rejected = new RejectedInputException(
                    "Cannot read " + file + ": expected complete gzip data, found them damaged or cut ("
                            + e.getMessage() + "). Fetch the file again.",
                    0,
                    0);
            rejected.initCause(e);
            throw rejected;
        }
    }

    private void readIndex(Lines lines, Sink sink) throws IOException {
        for (String line = lines.next(); line != null; line = lines.next()) {
            String[] fields = line.split("\t", -1);
            if (fields.length < INDEX_FIELDS) {
                throw rejected(
                        lines.number,
                        "expected a line of a FASTA index, name, length, offset, line bases and line bytes separated by"
                                + " tabs, found " + shown(line));
            }
            sink.add(fields[0], length(fields[1], lines.number), lines.number);
        }
    }

    private void readTable(Lines lines, Sink sink) throws IOException {
        String header = lines.next();
        char separator = header != null && header.indexOf('\t') >= 0 ? '\t' : ',';
        List<String> names = header == null ? List.of() : fields(header, separator, 1);
        int contigId = names.indexOf(SplitFile.CONTIG_ID);
        int length = names.indexOf(SplitFile.LENGTH);
        if (contigId < 0 || length < 0 || twice(names, SplitFile.CONTIG_ID) || twice(names, SplitFile.LENGTH)) {
            List<String> missing = new ArrayList<>(List.of(SplitFile.CONTIG_ID, SplitFile.LENGTH));
            missing.removeAll(names);
            throw rejected(
                    1,
                    "expected a first line that names the columns contig_id and length once each, found "
                            + (header == null ? "an empty file" : shown(header))
                            + (missing.isEmpty() ? "" : "; missing: " + String.join(", ", missing)));
        }
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (line.isBlank()) {
                continue;
            }
            List<String> fields = fields(line, separator, lines.number);
            if (fields.size() != names.size()) {
                throw rejected(
                        lines.number,
                        "expected " + names.size() + " fields as in the first line, found " + fields.size() + ": "
                                + shown(line));
            }
            sink.add(fields.get(contigId), length(fields.get(length), lines.number), lines.number);
        }
    }

    private static boolean twice(List<String> names, String name) {
        return names.indexOf(name) != names.lastIndexOf(name);
    }

    private long length(String text, long line) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw rejected(line, "expected a length in whole bases, found " + shown(text));
        }
    }

    /* RFC 4180, but a field ends with its line: no contig has a line feed in its name. */
    private List<String> fields(String line, char separator, long number) {
        List<String> fields = new ArrayList<>();
        int at = 0;
        while (true) {
            if (at < line.length() && line.charAt(at) == '"') {
                StringBuilder field = new StringBuilder();
                at = unquote(line, at + 1, field, number);
                fields.add(field.toString());
            } else {
                int end = line.indexOf(separator, at);
                end = end < 0 ? line.length() : end;
                fields.add(line.substring(at, end).strip());
                at = end;
            }
            if (at == line.length()) {
                return fields;
            }
            if (line.charAt(at) != separator) {
                throw rejected(number, "expected a separator after a closing quote, found " + shown(line));
            }
            at++;
        }
    }

    private int unquote(String line, int from, StringBuilder field, long number) {
        int at = from;
        while (at < line.length()) {
            char next = line.charAt(at++);
            if (next != '"') {
                field.append(next);
            } else if (at < line.length() && line.charAt(at) == '"') {
                field.append('"');
                at++;
            } else {
                return at;
            }
        }
        throw rejected(number, "expected a closing quote in the line, found none: " + shown(line));
    }

    private RejectedInputException rejected(long line, String what) {
        return new RejectedInputException("Cannot read " + place(line) + ": " + what + ".", 1, line);
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder("'");
        text.codePoints()
                .limit(SHOWN)
                .forEach(point -> shown.appendCodePoint(Character.isISOControl(point) ? '?' : point));
        return shown.append(text.codePointCount(0, text.length()) > SHOWN ? "…'" : "'")
                .toString();
    }

    /** Lines of strict UTF-8 without their ends, LF or CRLF; a byte order mark is passed over. */
    private final class Lines implements AutoCloseable {
        private final InputStream in;
        private byte[] line = new byte[1 << 10];
        private long number;

        Lines(InputStream file) throws IOException {
            InputStream buffered = new BufferedInputStream(file, 1 << 16);
            try {
                buffered.mark(2);
                boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
                buffered.reset();
                in = gzip ? new BufferedInputStream(new GZIPInputStream(buffered, 1 << 16), 1 << 16) : buffered;
            } catch (IOException e) {
                buffered.close();
                throw e;
            }
        }

        @Nullable
        String next() throws IOException {
            int length = 0;
            int next = in.read();
            if (next < 0) {
                return null;
            }
            number++;
            for (; next >= 0 && next != '\n'; next = in.read()) {
                if (length == LONGEST_LINE) {
                    throw rejected(number, "expected a line of at most " + LONGEST_LINE + " bytes, found a longer one");
                }
                if (length == line.length) {
                    line = Arrays.copyOf(line, 2 * length);
                }
                line[length++] = (byte) next;
            }
            return text(length > 0 && line[length - 1] == '\r' ? length - 1 : length);
        }

        private String text(int length) {
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(line, 0, length))
                        .toString();
                return number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
            } catch (CharacterCodingException e) {
                throw rejected(number, "expected text in UTF-8, found other bytes");
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
