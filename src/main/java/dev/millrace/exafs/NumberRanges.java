package dev.millrace.exafs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A set of whole numbers: of frames, atoms, paths. Immutable. May be empty, and then nothing is in it.
 *
 * <p>Held as ranges, sorted and apart from each other, both ends inside.
 */
public final class NumberRanges {
    private static final Pattern ITEM = Pattern.compile("(-?\\d{1,18})(?:\\s*-\\s*(-?\\d{1,18}))?");

    private final long[] firsts;
    private final long[] lasts;

    private NumberRanges(List<long[]> ranges) {
        List<long[]> sorted = new ArrayList<>(ranges);
        sorted.sort((a, b) -> Long.compare(a[0], b[0]));
        List<long[]> apart = new ArrayList<>();
        for (long[] range : sorted) {
            long[] before = apart.isEmpty() ? null : apart.get(apart.size() - 1);
            if (before != null && range[0] <= before[1] + 1) {
                before[1] = Math.max(before[1], range[1]);
            } else {
                apart.add(range.clone());
            }
        }
        firsts = apart.stream().mapToLong(range -> range[0]).toArray();
        lasts = apart.stream().mapToLong(range -> range[1]).toArray();
    }

    /** These numbers; none at all for an empty list. */
    public static NumberRanges of(long... numbers) {
        List<long[]> ranges = new ArrayList<>();
        for (long number : numbers) {
            ranges.add(new long[] {number, number});
        }
        return new NumberRanges(ranges);
    }

    /** {@code start ≤ number < end}: nothing when end is not above start. */
    public static NumberRanges halfOpen(long start, long end) {
        return end <= start ? of() : closed(start, end - 1);
    }

    /** {@code first ≤ number ≤ last}: nothing when last is below first. */
    public static NumberRanges closed(long first, long last) {
        return last < first ? of() : new NumberRanges(List.of(new long[] {first, last}));
    }

    /**
     * Reads {@code 1-8,12}, or MD-EXAFS's brackets: {@code [1,8]}, two rising numbers, is the range from 1 to 8, and {@code [1,3,5]}
     * are these numbers. Empty text, or empty brackets, is the empty set.
     *
     * @param what named in the error: {@code --frames}
     * @throws IllegalArgumentException if it reads otherwise
     */
    public static NumberRanges parse(String what, String text) {
        String stripped = text.strip();
        boolean brackets = stripped.startsWith("[") && stripped.endsWith("]") && stripped.length() >= 2;
        String inside = brackets ? stripped.substring(1, stripped.length() - 1).strip() : stripped;
        List<long[]> ranges = new ArrayList<>();
        for (String item : inside.isEmpty() ? new String[0] : inside.split(",", -1)) {
            Matcher matcher = ITEM.matcher(item.strip());
            if (!matcher.matches() || (brackets && matcher.group(2) != null)) {
                throw malformed(what, text);
            }
            long first = Long.parseLong(matcher.group(1));
            long last = matcher.group(2) == null ? first : Long.parseLong(matcher.group(2));
            if (last < first) {
                throw new IllegalArgumentException(
                        what + ": expected rising ranges, found " + first + "-" + last + " in '" + text + "'.");
            }
            ranges.add(new long[] {first, last});
        }
        if (brackets && ranges.size() == 2 && ranges.get(0)[0] < ranges.get(1)[0]) {
            return closed(ranges.get(0)[0], ranges.get(1)[0]);
        }
        return new NumberRanges(ranges);
    }

    private static IllegalArgumentException malformed(String what, String text) {
        return new IllegalArgumentException(what
                + ": expected numbers and ranges as 1-8,12, or [1,8] for a range and [1,3,5] for a list, found '" + text
                + "'.");
    }

    public boolean isEmpty() {
        return firsts.length == 0;
    }

    public boolean contains(long number) {
        int low = 0;
        int high = firsts.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (number < firsts[middle]) {
                high = middle - 1;
            } else if (number > lasts[middle]) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    int rangeCount() {
        return firsts.length;
    }

    /** The smallest number. */
    long first() {
        return firsts[0];
    }

    /** The largest number. */
    long last() {
        return lasts[lasts.length - 1];
    }

    /** As SQL's json_each takes it: {@code [[1,8],[12,12]]}. */
    String toJson() {
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; i < firsts.length; i++) {
            json.append(i == 0 ? "[" : ",[")
                    .append(firsts[i])
                    .append(',')
                    .append(lasts[i])
                    .append(']');
        }
        return json.append(']').toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NumberRanges ranges
                && java.util.Arrays.equals(firsts, ranges.firsts)
                && java.util.Arrays.equals(lasts, ranges.lasts);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(firsts) * 31 + java.util.Arrays.hashCode(lasts);
    }

    /** {@code 1-8,12}, for a message; {@code from 8} and {@code up to 8} without an end; {@code none} where the set is empty. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < firsts.length; i++) {
            text.append(i == 0 ? "" : ",");
            if (firsts[i] == Long.MIN_VALUE) {
                text.append("up to ").append(lasts[i]);
            } else if (lasts[i] >= Long.MAX_VALUE - 1) {
                text.append("from ").append(firsts[i]);
            } else {
                text.append(firsts[i]).append(lasts[i] > firsts[i] ? "-" + lasts[i] : "");
            }
        }
        return text.isEmpty() ? "none" : text.toString();
    }
}
