package dev.millrace.exafs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The lines of a file in memory, one at a time, as ISO-8859-1; ends in LF, CR LF or CR. One thread at a time. */
final class FeffLines {
    final byte[] bytes;
    private final Path file;
    /** Of the line, its end of line left out. */
    int start;

    int end;
    private int next;
    private int number;

    FeffLines(Path file, byte[] bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** Goes to the next line; false behind the last. */
    boolean advance() {
        if (next >= bytes.length) {
            return false;
        }
        number++;
        start = next;
        end = start;
        while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
            end++;
        }
        boolean two = end + 1 < bytes.length && bytes[end] == '\r' && bytes[end + 1] == '\n';
        next = Math.min(bytes.length, end + (two ? 2 : 1));
        return true;
    }

    /** From 1. */
    int number() {
        return number;
    }

    /** Whether the file ends within this line. */
    boolean isUnfinished() {
        return end == bytes.length;
    }

    boolean isBlank() {
        return firstInk(start) == end;
    }

    /** Leaves out a leading {@code #}, as some programs write before all lines of a header. */
    void withoutHash() {
        int ink = firstInk(start);
        if (ink < end && bytes[ink] == '#') {
            start = ink + 1;
        }
    }

    /** The place of the first byte that is no blank from {@code at} on; {@link #end} without. */
    int firstInk(int at) {
        int ink = at;
        while (ink < end && (bytes[ink] & 0xFF) <= ' ') {
            ink++;
        }
        return ink;
    }

    /** The place of the first blank from {@code at} on; {@link #end} without. */
    int firstBlank(int at) {
        int blank = at;
        while (blank < end && (bytes[blank] & 0xFF) > ' ') {
            blank++;
        }
        return blank;
    }

    /** The line without blanks around it. */
    String text() {
        return text(start, end);
    }

    /** Part of the line without blanks around it, as far as the line has it. */
    String text(int from, int to) {
        int first = Math.min(from, end);
        return new String(bytes, first, Math.max(0, Math.min(to, end) - first), StandardCharsets.ISO_8859_1).trim();
    }

    /** The number that ends where a column ends, blanks before it allowed; NaN if there is none. */
    double number(int from, int to) {
        int first = Math.max(start, from);
        if (to > end) {
            return Double.NaN;
        }
        while (first < to && bytes[first] == ' ') {
            first++;
        }
        return first < to ? FortranNumber.parse(bytes, first, to) : Double.NaN;
    }

    /** A text for a message: short, and nothing in it that a terminal would act on. */
    static String visible(String text) {
        String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}|[\\x80-\\x9F]", "�");
    }

    FeffFileException failure(FeffFileException.Reason reason, String detail) {
        return failure(number, reason, detail);
    }

    FeffFileException failure(int line, FeffFileException.Reason reason, String detail) {
        return new FeffFileException(file, line, reason, detail);
    }
}
