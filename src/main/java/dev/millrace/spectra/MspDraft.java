package dev.millrace.spectra;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of lines on its way to become a record. Keeps the first fault and no more than {@link #LARGEST_RECORD} of text,
 * however long the block is.
 */
final class MspDraft {
    /** Characters of all lines of a record together. */
    static final int LARGEST_RECORD = 1 << 24;

    private static final int MOST_LINES = 500_000;

    private record Field(String key, String value) {}

    private final long firstLine;
    private final MspFields fields = new MspFields();
    private final List<PeakParser.Line> peakLines = new ArrayList<>();
    private final List<Field> trailing = new ArrayList<>();
    private boolean named;
    private boolean otherwiseNamed;
    private @Nullable String peakCount;
    private long peakCountLine;
    private long size;
    private int lines;
    private MspReject.@Nullable Reason fault;
    private long faultLine;
    private String faultDetail = "";

    MspDraft(long firstLine) {
        this.firstLine = firstLine;
    }

    /** A block is a record when it has a name or a line that announces peaks. */
    boolean isRecord() {
        return named || otherwiseNamed || peakCount != null;
    }

    boolean hasPeakCount() {
        return peakCount != null;
    }

    /** Whether a field of this name belongs to the next record, although no blank line came before it. */
    boolean endsBefore(String key) {
        if (MspFields.isName(key)) {
            return named || !peakLines.isEmpty();
        }
        return MspFields.isPeakCount(key)
                ? peakCount != null
                : MspFields.isOtherName(key) && (otherwiseNamed || !peakLines.isEmpty());
    }

    /** A field after peaks may belong to this record or be the head of the next one; what follows tells. */
    void field(String key, String value, long line) {
        if (!room(key.length() + value.length(), line)) {
            // The name and the count still decide what the block is.
            markHead(key, value, line);
        } else if (peakLines.isEmpty()) {
            markHead(key, value, line);
            fields.put(key, value);
        } else {
            trailing.add(new Field(key, value));
        }
    }

    private void markHead(String key, String value, long line) {
        named |= MspFields.isName(key);
        otherwiseNamed |= MspFields.isOtherName(key);
        if (MspFields.isPeakCount(key)) {
            peakCount = value;
            peakCountLine = line;
        }
    }

    void peaks(String text, long line) {
        if (room(text.length(), line)) {
            peakLines.add(new PeakParser.Line(text, line));
        }
    }

    void fault(MspReject.Reason reason, long line, String detail) {
        if (fault == null) {
            fault = reason;
            faultLine = line;
            faultDetail = detail;
        }
    }

    /** The draft of the record that follows without a blank line, with the fields that turned out to be its own. */
    MspDraft next(long line) {
        MspDraft next = new MspDraft(line - trailing.size());
        for (Field field : trailing) {
            next.field(field.key(), field.value(), line);
        }
        trailing.clear();
        return next;
    }

    /** The record, or why it is none. */
    MspEntry finish(String file) {
        trailing.forEach(field -> fields.put(field.key(), field.value()));
        if (fault != null) {
            return reject(file, faultLine, fault, faultDetail);
        }
        if (peakCount == null) {
            return reject(
                    file,
                    firstLine,
                    MspReject.Reason.NO_PEAK_COUNT,
                    "expected a line 'Num Peaks: n', found none before the end of the record");
        }
        try {
            long announced = announced(peakCount);
            return fields.toRecord(firstLine, PeakParser.parse(peakLines, announced, peakCountLine));
        } catch (NumberFormatException e) {
            return reject(
                    file,
                    peakCountLine,
                    MspReject.Reason.PEAK_COUNT,
                    "expected a number of peaks ≥ 0, found " + PeakParser.shown(peakCount));
        } catch (PeakParser.Fault e) {
            return reject(file, e.line(), e.reason(), e.detail());
        }
    }

    private static long announced(String value) {
        String digits = value.strip();
        if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new NumberFormatException(digits);
        }
        return Long.parseLong(digits);
    }

    private MspReject reject(String file, long line, MspReject.Reason reason, String detail) {
        return new MspReject(file, line, fields.sourceId(), reason, detail);
    }

    /** Whether a line more may be kept; the text kept so far is dropped when not. */
    private boolean room(int length, long line) {
        size += length;
        lines++;
        if (size <= LARGEST_RECORD && lines <= MOST_LINES) {
            return true;
        }
        fault(
                MspReject.Reason.TOO_LONG,
                line,
                "expected at most " + LARGEST_RECORD + " characters and " + MOST_LINES
                        + " lines in a record, found more");
        // One line stays, so that a following name is still seen as the next record's.
        if (peakLines.size() > 1) {
            peakLines.subList(1, peakLines.size()).clear();
        }
        return false;
    }
}
