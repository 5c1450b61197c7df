package dev.millrace.genome;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many bases there are of each letter. Immutable, thread-safe.
 *
 * @param counts by the letter's code, without those that do not occur
 */
public record Composition(SortedMap<Integer, Long> counts) {
    public Composition {
        counts = Collections.unmodifiableSortedMap(new TreeMap<>(counts));
    }

    static Composition of(long[] byCode) {
        SortedMap<Integer, Long> counts = new TreeMap<>();
        for (int code = 0; code < byCode.length; code++) {
            if (byCode[code] > 0) {
                counts.put(code, byCode[code]);
            }
        }
        return new Composition(counts);
    }

    /** Reads what {@link #toString} wrote; what is not of that form is passed over. */
    static Composition parse(String text) {
        SortedMap<Integer, Long> counts = new TreeMap<>();
        for (String entry : text.split(" ", -1)) {
            int sign = entry.indexOf('=');
            if (sign > 0 && entry.matches("\\d{1,3}=\\d{1,18}")) {
                counts.put(Integer.parseInt(entry.substring(0, sign)), Long.parseLong(entry.substring(sign + 1)));
            }
        }
        return new Composition(counts);
    }

    /** All bases. */
    public long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Bases of a letter, in upper and lower case. */
    public long of(char upperCase) {
        return counts.getOrDefault((int) upperCase, 0L)
                + counts.getOrDefault((int) Character.toLowerCase(upperCase), 0L);
    }

    /** Bases that are N. */
    public long unknown() {
        return of('N');
    }

    /** Bases in lower case, which marks repeats. */
    public long lower() {
        return counts.subMap((int) 'a', (int) 'z' + 1).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Bases that are neither A, C, G, T nor N: IUPAC's other letters, gaps and tags. */
    public long other() {
        return total() - of('A') - of('C') - of('G') - of('T') - unknown();
    }

    /** Codes and counts: {@code 65=12 67=3}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        counts.forEach((code, count) ->
                text.append(text.isEmpty() ? "" : " ").append(code).append('=').append(count));
        return text.toString();
    }
}
