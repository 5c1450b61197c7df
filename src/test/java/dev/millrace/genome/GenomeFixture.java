package dev.millrace.genome;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The same contigs as a store, as a sharded folder and as window databases, written by plain SQL as the documents say. */
final class GenomeFixture {
    private static final String LETTERS = "ACGTACGTACGTACGTNacgtRY";

    private GenomeFixture() {}

    /** Contigs of these lengths in two samples, in the order of their ids' bytes. */
    static Map<String, String> contigs(long seed, int... lengths) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<String, String> contigs = new TreeMap<>();
        for (int i = 0; i < lengths.length; i++) {
            StringBuilder bases = new StringBuilder(lengths[i]);
            for (int j = 0; j < lengths[i]; j++) {
                bases.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            contigs.put(String.format("BCR__EXT-S%d__CT1-%03d", i % 2, lengths.length - i), bases.toString());
        }
        return contigs;
    }

    static Path sharded(Path folder, Map<String, String> contigs) throws IOException {
        Map<String, Map<String, String>> samples = new TreeMap<>();
        contigs.forEach(
                (id, bases) -> samples.computeIfAbsent(id.split("__", -1)[1].substring(4), any -> new TreeMap<>())
                        .put(id, bases));
        for (Map.Entry<String, Map<String, String>> sample : samples.entrySet()) {
            Path own = Files.createDirectories(folder.resolve(sample.getKey()));
            try (Database file =
                    Database.open(own.resolve("glm_dataset_" + sample.getKey() + ".sqlite"), Access.BUILD)) {
                file.execute("CREATE TABLE sequences (contig_id TEXT PRIMARY KEY, nt_sequence TEXT NOT NULL)");
                file.write("contigs", connection -> {
                    try (PreparedStatement insert = connection.prepareStatement(
                            "INSERT INTO sequences (contig_id, nt_sequence) VALUES (?, ?)")) {
                        for (Map.Entry<String, String> contig :
                                sample.getValue().entrySet()) {
                            insert.setString(1, contig.getKey());
                            insert.setString(2, contig.getValue());
                            insert.executeUpdate();
                        }
                    }
                });
            }
        }
        return folder;
    }

    /** A window database as the original writes it. */
    static Path windows(Path target, Map<String, String> contigs, WindowGeometry geometry) {
        try (Database file = Database.open(target, Access.BUILD)) {
            file.execute(
                    "CREATE TABLE metadata (key TEXT PRIMARY KEY, value INTEGER NOT NULL)",
                    "CREATE TABLE window_mappings (window_idx INTEGER PRIMARY KEY, sequence_id TEXT NOT NULL,"
                            + " window_in_seq_idx INTEGER NOT NULL)",
                    "CREATE INDEX idx_sequence_id ON window_mappings(sequence_id)");
            file.write("windows", connection -> {
                long next = 0;
                long distinct = 0;
                try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO window_mappings (window_idx, sequence_id, window_in_seq_idx) VALUES (?, ?, ?)")) {
                    for (Map.Entry<String, String> contig : contigs.entrySet()) {
                        long count = geometry.windows(contig.getValue().length());
                        distinct += count > 0 ? 1 : 0;
                        for (long i = 0; i < count; i++) {
                            insert.setLong(1, next++);
                            insert.setString(2, contig.getKey());
                            insert.setLong(3, i);
                            insert.executeUpdate();
                        }
                    }
                }
                Map<String, Long> metadata = new TreeMap<>(Map.of(
                        "window_size", (long) geometry.windowSize(),
                        "stride", (long) geometry.stride(),
                        "window_min_length_threshold", (long) geometry.minLength(),
                        "total_windows", next,
                        "distinct_sequences", distinct));
                if (geometry.tail() != Tail.DROP) {
                    metadata.put(WindowTable.TAIL_KEY, geometry.tail() == Tail.KEEP ? 1L : 2L);
                }
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO metadata (key, value) VALUES (?, ?)")) {
                    for (Map.Entry<String, Long> pair : metadata.entrySet()) {
                        insert.setString(1, pair.getKey());
                        insert.setLong(2, pair.getValue());
                        insert.executeUpdate();
                    }
                }
            });
        }
        return target;
    }

    /** A store with one window set of the split "all"; contigs are stored in another order than that of their ids. */
    static Path store(Path target, Map<String, String> contigs, WindowGeometry geometry) {
        try (Database file = Database.open(target, Access.BUILD)) {
            GenomeSchema.SCHEMA.create(file);
            Map<String, Long> seqIds = new TreeMap<>();
            file.write("contigs", connection -> {
                RowDigest contigDigest = new RowDigest(GenomeSchema.CONTIGS);
                RowDigest chunkDigest = new RowDigest(GenomeSchema.CHUNKS);
                String[] names = contigs.keySet().toArray(String[]::new);
                java.util.Collections.reverse(Arrays.asList(names));
                long chunkId = 1;
                try (PreparedStatement contig = connection.prepareStatement(
                                "INSERT INTO contigs (seq_id, contig_id, sample_id, length, first_chunk, sha256, row_crc)"
                                        + " VALUES (?, ?, ?, ?, ?, ?, ?)");
                        PreparedStatement chunk = connection.prepareStatement(
                                "INSERT INTO chunks (chunk_id, bases, row_crc) VALUES (?, ?, ?)")) {
                    for (String name : names) {
                        long seqId = seqIds.size() + 1L;
                        byte[] bases = String.valueOf(contigs.get(name)).getBytes(StandardCharsets.US_ASCII);
                        byte[] sha = sha256(bases);
                        String sample = name.split("__", -1)[1].substring(4);
                        contig.setLong(1, seqId);
                        contig.setString(2, name);
                        contig.setString(3, sample);
                        contig.setLong(4, bases.length);
                        contig.setLong(5, chunkId);
                        contig.setBytes(6, sha);
                        contig.setLong(7, contigDigest.of(seqId, name, sample, (long) bases.length, chunkId, sha));
                        contig.executeUpdate();
                        seqIds.put(name, seqId);
                        for (int at = 0; at < bases.length; at += GenomeSchema.CHUNK_BASES) {
                            byte[] part = Arrays.copyOfRange(
                                    bases, at, Math.min(bases.length, at + GenomeSchema.CHUNK_BASES));
                            chunk.setLong(1, chunkId);
                            chunk.setBytes(2, part);
                            chunk.setLong(3, chunkDigest.of(chunkId, (Object) part));
                            chunk.executeUpdate();
                            chunkId++;
                        }
                    }
                }
                long next = 0;
                long distinct = 0;
                try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO window_contigs (set_id, first_window, seq_id, windows) VALUES (1, ?, ?, ?)")) {
                    for (Map.Entry<String, String> entry : contigs.entrySet()) {
                        long count = geometry.windows(entry.getValue().length());
                        if (count > 0) {
                            insert.setLong(1, next);
                            insert.setLong(2, seqIds.getOrDefault(entry.getKey(), 0L));
                            insert.setLong(3, count);
                            insert.executeUpdate();
                            next += count;
                            distinct++;
                        }
                    }
                }
                try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO window_sets (set_id, split, window_size, stride, window_min_length_threshold, tail,"
                                + " total_windows, distinct_sequences, source, created)"
                                + " VALUES (1, 'all', ?, ?, ?, ?, ?, ?, 'fixture', '2026-01-01T00:00:00Z')")) {
                    insert.setInt(1, geometry.windowSize());
                    insert.setInt(2, geometry.stride());
                    insert.setInt(3, geometry.minLength());
                    insert.setString(4, geometry.tail().id());
                    insert.setLong(5, next);
                    insert.setLong(6, distinct);
                    insert.executeUpdate();
                }
            });
            GenomeSchema.SCHEMA.finish(file);
            Manifest.write(file, java.util.List.of(), Map.of());
            Schema.putInfo(file, Map.of("source", "fixture"));
        }
        return target;
    }

    /** The bases of every window in order, cut from the contigs themselves. */
    static java.util.List<String> expected(Map<String, String> contigs, WindowGeometry geometry, int most) {
        java.util.List<String> windows = new java.util.ArrayList<>();
        contigs.forEach((id, bases) -> {
            for (long i = 0; i < geometry.windows(bases.length()); i++) {
                int start = (int) geometry.start(bases.length(), i);
                windows.add(id + ":" + i + ":" + bases.substring(start, Math.min(bases.length(), start + most)));
            }
        });
        return windows;
    }

    /** A window as {@link #expected} writes it. */
    static String text(Window window) {
        return window.contigId() + ":" + window.windowInContig() + ":"
                + new String(window.bases(), window.offset(), window.length(), StandardCharsets.US_ASCII);
    }

    private static byte[] sha256(byte[] bases) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bases);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
