package dev.millrace.pcqm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** The fields of one CSV record (RFC 4180). Reused for record after record; one thread at a time. */
final class CsvFields {
    private byte[] bytes = new byte[0];
    private int[] starts = new int[8];
    private int[] ends = new int[8];
    private boolean[] doubled = new boolean[8];
    private int count;

    /**
     * Cuts a record.
     *
     * @return number of fields; −1 if a quote is not closed, or is followed by something else than a comma
     */
    int parse(byte[] record, int from, int to) {
        bytes = record;
        count = 0;
        int at = from;
        while (true) {
            boolean quoted = at < to && record[at] == '"';
            int start = quoted ? at + 1 : at;
            boolean twice = false;
            at = start;
            if (quoted) {
                while (at < to && (record[at] != '"' || (at + 1 < to && record[at + 1] == '"'))) {
                    twice |= record[at] == '"';
                    at += record[at] == '"' ? 2 : 1;
                }
                if (at >= to || (at + 1 < to && record[at + 1] != ',')) {
                    return -1;
                }
                add(start, at, twice);
                at++;
            } else {
                while (at < to && record[at] != ',') {
                    at++;
                }
                add(start, at, false);
            }
            if (at >= to) {
                return count;
            }
            at++;
        }
    }

    private void add(int start, int end, boolean twice) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
            doubled = Arrays.copyOf(doubled, 2 * count);
        }
        starts[count] = start;
        ends[count] = end;
        doubled[count++] = twice;
    }

    /** A field's text without white space around it. */
    String text(int field) {
        String text = new String(bytes, starts[field], ends[field] - starts[field], StandardCharsets.UTF_8).strip();
        return doubled[field] ? text.replace("\"\"", "\"") : text;
    }

    /** A field as a whole number from 0 up to 18 digits; −1 if it is none. */
    long index(int field) {
        int from = starts[field];
        int to = ends[field];
        while (from < to && bytes[from] == ' ') {
            from++;
        }
        while (to > from && bytes[to - 1] == ' ') {
            to--;
        }
        if (to == from || to - from > 18) {
            return -1;
        }
        long value = 0;
        for (int at = from; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return value;
    }

    /**
     * A field as a number that float32 can hold; NaN when there is none: blank, NaN or infinite.
     *
     * @throws NumberFormatException if it is anything else
     */
    double number(int field) {
        return number(text(field));
    }

    /** As {@link #number(int)}. */
    static double number(String text) {
        if (text.isEmpty()) {
            return Double.NaN;
        }
        for (int i = 0; i < text.length(); i++) {
            if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
                return absent(text);
            }
        }
        double value = Double.parseDouble(text);
        if (Math.abs(value) > Float.MAX_VALUE) {
            throw new NumberFormatException(text);
        }
        // SQLite keeps no negative zero.
        return value + 0.0;
    }

    private static double absent(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        String unsigned = word.startsWith("-") || word.startsWith("+") ? word.substring(1) : word;
        switch (unsigned) {
            case "nan", "inf", "infinity" -> {
                return Double.NaN;
            }
            default -> throw new NumberFormatException(text);
        }
    }
}
