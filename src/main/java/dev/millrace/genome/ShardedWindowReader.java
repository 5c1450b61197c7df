package dev.millrace.genome;

import dev.millrace.batch.RowReader;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadPool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads windows of the sharded layout: one statement for the windows of a batch, then one per sample for its bases, contig by
 * contig. SQLite reads the whole text of a contig for any part of it, once for all windows of the batch in it.
 */
final class ShardedWindowReader implements RowReader<Window> {
    /* Plan: SCAN of the id list, one SEARCH by INTEGER PRIMARY KEY per id. */
    static final String SELECT_WINDOWS = """
            SELECT m.window_idx, m.sequence_id, m.window_in_seq_idx
            FROM json_each(?) AS ids
            CROSS JOIN window_mappings AS m ON m.window_idx = ids.value""";

    /* Lengths are in the header of a row: they cost no reading of the sequence. */
    static final String SELECT_LENGTHS = """
            SELECT ids.key, octet_length(s.nt_sequence), typeof(s.nt_sequence)
            FROM json_each(?) AS ids
            CROSS JOIN sequences AS s ON s.contig_id = ids.value""";

    /*
     * Plan: SCAN of the contig list, one SEARCH by the primary key per contig, SCAN of its windows. SQLite reads a text that is
     * longer than a page whole, and keeps it only until the next row of the result: so all windows of a contig are one row. Bytes
     * are counted instead of characters, for which it would look at each from the first.
     */
    static final String SELECT_BASES = """
            SELECT c.key, (
                SELECT group_concat(
                         substr(CAST(s.nt_sequence AS BLOB), (w.value ->> 0) + 1, w.value ->> 1), '' ORDER BY w.key)
                FROM json_each(c.value, '$[1]') AS w)
            FROM json_each(?) AS c
            CROSS JOIN sequences AS s ON s.contig_id = c.value ->> 0""";

    private static final String SELECT_WHOLE = "SELECT nt_sequence FROM sequences WHERE contig_id = ?";

    private final ReadPool.Lease lease;
    private final ShardedFolder sequences;
    private final SampleConnections connections;
    private final SequenceCache<String> cache;
    private final WindowReading reading;

    ShardedWindowReader(
            ReadPool.Lease lease,
            ShardedFolder sequences,
            SampleConnections connections,
            SequenceCache<String> cache,
            WindowReading reading) {
        this.lease = lease;
        this.sequences = sequences;
        this.connections = connections;
        this.cache = cache;
        this.reading = reading;
    }

    /** A window whose bases are wanted. */
    private record Wanted(long index, long windowInContig) {}

    @Override
    public List<Window> read(long[] ids) {
        WindowIds windows =
                new WindowIds(ids, reading.table().windows(), reading.table().file());
        Map<String, Map<String, List<Wanted>>> bySample = find(windows);
        for (Map.Entry<String, Map<String, List<Wanted>>> sample : bySample.entrySet()) {
            String anyContig = sample.getValue().keySet().iterator().next();
            Path file = sequences.fileOf(anyContig);
            try (SampleConnections.Lease own = connections.lease(file)) {
                readSample(own.database(), sample.getKey(), sample.getValue(), windows);
            }
        }
        long missing = windows.missing();
        if (missing >= 0) {
            throw WindowFault.noWindow(missing, reading.table().file());
        }
        return windows.inOrder();
    }

    private Map<String, Map<String, List<Wanted>>> find(WindowIds windows) {
        Database table = lease.database();
        Map<String, Map<String, List<Wanted>>> bySample = new TreeMap<>();
        int found = table.read("Cannot read windows", connection -> {
            int rows = 0;
            PreparedStatement select = table.prepared(SELECT_WINDOWS);
            select.setString(1, Arrays.toString(windows.sorted()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String contigId = String.valueOf(row.getString(2));
                    bySample.computeIfAbsent(sequences.sampleOf(contigId), any -> new LinkedHashMap<>())
                            .computeIfAbsent(contigId, any -> new ArrayList<>())
                            .add(new Wanted(row.getLong(1), row.getLong(3)));
                    rows++;
                }
            }
            return rows;
        });
        if (found < windows.sorted().length) {
            throw WindowFault.noWindow(firstMissing(windows, bySample), table.file());
        }
        return bySample;
    }

    private static long firstMissing(WindowIds windows, Map<String, Map<String, List<Wanted>>> bySample) {
        long[] there = bySample.values().stream()
                .flatMap(contigs -> contigs.values().stream().flatMap(List::stream))
                .mapToLong(Wanted::index)
                .sorted()
                .toArray();
        return Arrays.stream(windows.sorted())
                .filter(id -> Arrays.binarySearch(there, id) < 0)
                .findFirst()
                .orElse(-1);
    }

    private void readSample(Database sample, String sampleId, Map<String, List<Wanted>> contigs, WindowIds windows) {
        List<String> names = List.copyOf(contigs.keySet());
        long[] lengths = lengths(sample, sampleId, names);
        StringBuilder request = new StringBuilder("[");
        List<String> asked = new ArrayList<>();
        List<List<Window>> shells = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String contigId = names.get(i);
            List<ContigSpan> spans = new ArrayList<>();
            for (Wanted wanted : contigs.getOrDefault(contigId, List.of())) {
                spans.add(reading.span(wanted.index(), contigId, wanted.windowInContig(), lengths[i], sample.file()));
            }
            byte[] whole = whole(sample, contigId, lengths[i]);
            List<Window> open = new ArrayList<>();
            StringBuilder parts = new StringBuilder();
            for (int j = 0; j < spans.size(); j++) {
                Wanted wanted = contigs.getOrDefault(contigId, List.of()).get(j);
                ContigSpan span = spans.get(j);
                if (whole != null || span.bases() == 0) {
                    byte[] bases = whole == null ? new byte[0] : whole;
                    int offset = whole == null ? 0 : Math.toIntExact(span.start());
                    windows.put(window(wanted, contigId, bases, offset, span.bases()));
                } else {
                    parts.append(parts.isEmpty() ? "[" : ",[")
                            .append(span.start())
                            .append(',')
                            .append(span.bases());
                    parts.append(']');
                    open.add(window(wanted, contigId, new byte[0], 0, span.bases()));
                }
            }
            if (!open.isEmpty()) {
                request.append(asked.isEmpty() ? "[" : ",[");
                SqlJson.quote(request, contigId);
                request.append(",[").append(parts).append("]]");
                asked.add(contigId);
                shells.add(open);
            }
        }
        if (!asked.isEmpty()) {
            readBases(sample, request.append(']').toString(), shells, windows);
        }
    }

    private Window window(Wanted wanted, String contigId, byte[] bases, int offset, int length) {
        return new Window(wanted.index(), contigId, wanted.windowInContig(), bases, offset, length, reading.epoch());
    }

    private long[] lengths(Database sample, String sampleId, List<String> names) {
        long[] lengths = new long[names.size()];
        Arrays.fill(lengths, -1);
        sample.read("Cannot read lengths of contigs", connection -> {
            PreparedStatement select = sample.prepared(SELECT_LENGTHS);
            select.setString(1, SqlJson.array(names));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int contig = row.getInt(1);
                    if (!"text".equals(row.getString(3))) {
                        throw WindowFault.damaged(
                                "Cannot read contig " + names.get(contig) + ": expected text, found "
                                        + row.getString(3),
                                sample.file(),
                                "sequences, nt_sequence");
                    }
                    lengths[contig] = row.getLong(2);
                }
            }
            return lengths;
        });
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0) {
                throw WindowFault.noContig(names.get(i), sampleId, sample.file());
            }
        }
        return lengths;
    }

    /** A contig from the cache, or for it; null if it is not kept there. */
    private byte @Nullable [] whole(Database sample, String contigId, long length) {
        if (length == 0 || !cache.takes(length)) {
            return null;
        }
        String key = sample.file() + "\n" + contigId;
        byte[] kept = cache.get(key);
        if (kept != null) {
            return kept;
        }
        byte[] read = sample.read("Cannot read contig " + contigId, connection -> {
            PreparedStatement select = sample.prepared(SELECT_WHOLE);
            select.setString(1, contigId);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getBytes(1) : new byte[0];
            }
        });
        requireAscii(read, length, contigId, sample.file());
        cache.put(key, read);
        return read;
    }

    private void readBases(Database sample, String request, List<List<Window>> shells, WindowIds windows) {
        sample.read("Cannot read bases", connection -> {
            PreparedStatement select = sample.prepared(SELECT_BASES);
            select.setString(1, request);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    fill(shells.get(row.getInt(1)), row.getBytes(2), windows, sample.file());
                }
            }
            return windows;
        });
    }

    private static void fill(List<Window> shells, byte @Nullable [] bases, WindowIds windows, Path file) {
        long expected = shells.stream().mapToLong(Window::length).sum();
        byte[] all = requireAscii(bases, expected, shells.get(0).contigId(), file);
        int offset = 0;
        for (Window shell : shells) {
            windows.put(new Window(
                    shell.index(),
                    shell.contigId(),
                    shell.windowInContig(),
                    all,
                    offset,
                    shell.length(),
                    shell.epoch()));
            offset += shell.length();
        }
    }

    private static byte[] requireAscii(byte @Nullable [] read, long length, String contigId, Path file) {
        byte[] bases = read == null ? new byte[0] : read;
        for (byte base : bases) {
            if (base < 0) {
                String text = new String(bases, StandardCharsets.UTF_8);
                int other = text.chars().filter(c -> c > 127).findFirst().orElse(0xFFFD);
                throw WindowFault.damaged(
                        "Cannot read contig " + contigId + ": expected ASCII letters, found "
                                + String.format("U+%04X", other),
                        file,
                        "sequences, nt_sequence");
            }
        }
        if (bases.length != length) {
            throw WindowFault.damaged(
                    "Cannot read contig " + contigId + ": expected " + length + " bases, found " + bases.length,
                    file,
                    "sequences, nt_sequence");
        }
        return bases;
    }

    @Override
    public void close() {
        lease.close();
    }
}
