package dev.millrace.spectra;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the spectra of an MSP file one after the other, in constant memory, whatever program wrote it.
 *
 * <p>A block is the lines up to a blank line, {@code $$$$} or the next {@code Name:}; it is a record when it has a name or a
 * line that announces peaks. Every record comes out once, as {@link MspRecord} or as {@link MspReject}; other blocks are
 * counted as {@link #strayBlocks()}. Nothing is guessed: a record with fewer or more peaks than announced, with a header line
 * without a colon or with text among its peaks is rejected.
 *
 * <p>Accepted are field names in any case ({@code Num Peaks}, {@code NUM_PEAKS}, {@code RI:1625}), CRLF, CR, a byte order mark,
 * UTF-8 and Latin-1; pairs divided by blank, tab, {@code ;}, {@code :} or {@code ,} on one or many lines, decimal commas,
 * quoted annotations; fields between the peak count and the peaks, or after the peaks.
 *
 * <p>One thread at a time; who opens it closes it. Memory: one record, at most 16 Mi characters.
 *
 * {@snippet :
 * try (MspReader reader = MspReader.open(file)) {
 *     for (MspEntry entry = reader.next(); entry != null; entry = reader.next()) {
 *         if (entry instanceof MspRecord spectrum) {
 *             use(spectrum);
 *         }
 *     }
 * }
 * }
 */
public final class MspReader implements Closeable {
    private final String fileName;
    private final MspLines lines;
    private @Nullable MspDraft draft;
    private long records;
    private long strayBlocks;

    private MspReader(String fileName, MspLines lines) {
        this.fileName = fileName;
        this.lines = lines;
    }

    /**
     * Opens a file.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    public static MspReader open(Path file) throws IOException {
        return of(String.valueOf(file.getFileName()), Files.newInputStream(file));
    }

    /** Reads a stream, which {@link #close()} closes; {@code name} stands in rejects. */
    static MspReader of(String name, InputStream in) {
        return new MspReader(name, new MspLines(in));
    }

    /** The next record or reject; null at the end of the file. */
    public @Nullable MspEntry next() throws IOException {
        String line = lines.next();
        while (line != null) {
            MspDraft finished = accept(line.strip());
            if (finished != null && finished.isRecord()) {
                return emit(finished);
            } else if (finished != null) {
                strayBlocks++;
            }
            line = lines.next();
        }
        MspDraft last = draft;
        draft = null;
        if (last != null && last.isRecord()) {
            return emit(last);
        } else if (last != null) {
            strayBlocks++;
        }
        return null;
    }

    /** Records found so far, read and rejected ones. */
    public long records() {
        return records;
    }

    /** Blocks so far that are no records: neither a name nor a peak count. */
    public long strayBlocks() {
        return strayBlocks;
    }

    /** Bytes of the file looked at so far. */
    public long bytesRead() {
        return lines.consumed();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private MspEntry emit(MspDraft finished) {
        records++;
        return finished.finish(fileName);
    }

    /** Adds a line; returns the block that ended before it, if one did. */
    private @Nullable MspDraft accept(String line) {
        MspDraft current = draft;
        if (line.isEmpty() || line.equals("$$$$")) {
            draft = null;
            return current;
        }
        long number = lines.number();
        if (current == null) {
            current = new MspDraft(number);
            draft = current;
        }
        MspDraft finished = null;
        if (current.hasPeakCount() && beginsLikePeaks(line)) {
            current.peaks(line, number);
        } else {
            finished = acceptField(current, line, number);
        }
        // The line may have begun the next record; its faults are that record's.
        reportFaults(finished == null ? current : Objects.requireNonNull(draft), line, number);
        return finished;
    }

    private void reportFaults(MspDraft owner, String line, long number) {
        if (lines.tooLong()) {
            owner.fault(
                    MspReject.Reason.TOO_LONG,
                    number,
                    "expected at most " + MspLines.LONGEST_LINE_BYTES + " bytes in a line, found more");
        }
        if (line.indexOf('\0') >= 0) {
            owner.fault(MspReject.Reason.NUL_CHARACTER, number, "expected text, found a NUL character");
        }
    }

    private @Nullable MspDraft acceptField(MspDraft current, String line, long number) {
        int colon = line.indexOf(':');
        if (colon <= 0) {
            current.fault(
                    MspReject.Reason.MALFORMED_LINE,
                    number,
                    "expected 'key: value'" + (current.hasPeakCount() ? " or peaks" : "") + ", found "
                            + PeakParser.shown(line));
            return null;
        }
        String key = MspFields.normal(line.substring(0, colon));
        String value = line.substring(colon + 1);
        if (current.endsBefore(key)) {
            MspDraft next = current.next(number);
            next.field(key, value, number);
            draft = next;
            return current;
        }
        current.field(key, value, number);
        return null;
    }

    private static boolean beginsLikePeaks(String line) {
        char c = line.charAt(0);
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == ';' || c == ',';
    }
}
