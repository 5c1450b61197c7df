package dev.millrace.pcqm;

import dev.millrace.build.RejectedInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads which molecule is in which split: CSV with columns {@code idx,split}, plain or gzip, or JSON with an array of idx for
 * each split, {@code {"train":[0,1],"valid":[2]}}.
 */
final class SplitFile {
    private static final long LARGEST_IDX = Integer.MAX_VALUE >> 2;

    private final Path file;
    private final List<String> names = new ArrayList<>();
    private byte[] splitOf = new byte[1 << 10];

    private SplitFile(Path file) {
        this.file = file;
    }

    static PcqmSplits read(Path file) throws IOException {
        PcqmSplits splits = readAny(file);
        if (!splits.names().contains(PcqmSplits.TRAIN)) {
            throw new SplitFile(file).fault("expected a split 'train', found " + splits.names());
        }
        return splits;
    }

    /** As {@link #read}, for molecules that are added to others: training need not get any. */
    static PcqmSplits readAny(Path file) throws IOException {
        SplitFile reading = new SplitFile(file);
        if (beginsWithBrace(file)) {
            // Not a decoder that refuses: what is no UTF-8 is no name of a split either, and is reported as such.
            try (Reader text =
                    new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
                reading.json(text);
            }
        } else {
            reading.csv();
        }
        return new PcqmSplits.Listed(reading.names, reading.splitOf);
    }

    private static boolean beginsWithBrace(Path file) throws IOException {
        try (BufferedReader text = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            int next = text.read();
            while (next >= 0 && Character.isWhitespace(next)) {
                next = text.read();
            }
            return next == '{';
        }
    }

    private void csv() throws IOException {
        try (CsvRecords records = CsvRecords.open(file)) {
            CsvHeader header = CsvHeader.read(records, file, List.of("idx", "split"));
            CsvFields fields = new CsvFields();
            for (CsvRecords.Chunk chunk = records.next(512); chunk != null; chunk = records.next(512)) {
                for (int i = 0; i < chunk.count(); i++) {
                    if (fields.parse(chunk.bytes(), chunk.from(i), chunk.to(i)) != header.width()) {
                        throw fault("expected " + header.width() + " fields, found others in record "
                                + (chunk.first() + i));
                    }
                    put(fields.index(header.columns()[0]), name(fields.text(header.columns()[1])));
                }
            }
        }
    }

    private void json(Reader text) throws IOException {
        int next = expect(text, skipBlank(text), "{");
        while (next != '}') {
            require(next, "\"");
            StringBuilder word = new StringBuilder();
            for (next = text.read(); next != '"'; next = text.read()) {
                if (next < 0 || word.length() > 40) {
                    throw fault("expected the name of a split, found '" + word + "'");
                }
                word.append((char) next);
            }
            int split = name(word.toString());
            next = expect(text, expect(text, skipBlank(text), ":"), "[");
            while (next != ']') {
                next = number(text, next, split);
                next = next == ',' ? skipBlank(text) : require(next, "]");
            }
            next = skipBlank(text);
            next = next == ',' ? skipBlank(text) : require(next, "}");
        }
        next = skipBlank(text);
        if (next >= 0) {
            throw fault("expected the end behind '}', found '" + (char) next + "'");
        }
    }

    /** Reads a number that begins with {@code first}; returns the first character behind it that is not blank. */
    private int number(Reader text, int first, int split) throws IOException {
        long idx = 0;
        int next = first;
        if (next < '0' || next > '9') {
            throw fault("expected a whole number from 0, found '" + (char) next + "'");
        }
        for (; next >= '0' && next <= '9'; next = text.read()) {
            idx = Math.min(LARGEST_IDX + 1, 10 * idx + next - '0');
        }
        put(idx, split);
        return next >= 0 && Character.isWhitespace(next) ? skipBlank(text) : next;
    }

    private int expect(Reader text, int found, String wanted) throws IOException {
        require(found, wanted);
        return skipBlank(text);
    }

    private int require(int found, String wanted) {
        if (found != wanted.charAt(0)) {
            throw fault("expected '" + wanted + "', found " + (found < 0 ? "the end" : "'" + (char) found + "'"));
        }
        return found;
    }

    private static int skipBlank(Reader text) throws IOException {
        int next = text.read();
        while (next >= 0 && Character.isWhitespace(next)) {
            next = text.read();
        }
        return next;
    }

    /** The number of a split, from 1. */
    private int name(String word) {
        String name = switch (word.strip().toLowerCase(Locale.ROOT)) {
            case "train" -> PcqmSplits.TRAIN;
            case "val", "valid", "validation" -> PcqmSplits.VALIDATION;
            case "test" -> PcqmSplits.TEST;
            case "test-dev" -> PcqmSplits.TEST_DEV;
            case "test-challenge", "holdout" -> PcqmSplits.TEST_CHALLENGE;
            default ->
                throw fault("expected train, valid, test, test-dev or test-challenge, found '"
                        + new PcqmReject(0, null, PcqmReject.Reason.MALFORMED_RECORD, word).detail() + "'");
        };
        if (!names.contains(name)) {
            names.add(name);
        }
        return names.indexOf(name) + 1;
    }

    private void put(long idx, int split) {
        if (idx < 0 || idx > LARGEST_IDX) {
            throw fault("expected an idx 0.." + LARGEST_IDX + ", found another");
        }
        if (idx >= splitOf.length) {
            splitOf = Arrays.copyOf(splitOf, (int) Math.max(idx + 1, 2L * splitOf.length));
        }
        int before = splitOf[(int) idx];
        if (before != 0 && before != split) {
            Set<String> both = new TreeSet<>(List.of(names.get(before - 1), names.get(split - 1)));
            throw fault("expected every idx in one split, found " + idx + " in " + both);
        }
        splitOf[(int) idx] = (byte) split;
    }

    private RejectedInputException fault(String what) {
        return new RejectedInputException("Cannot read the splits: " + what + " (" + file + ").", 0, 0);
    }
}
