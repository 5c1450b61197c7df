package dev.millrace.sqlite;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A small finished file: a checked table {@code items}, an unchecked one {@code notes}, three splits. */
final class SampleFile {
    static final CheckedTable ITEMS = new CheckedTable("items", "id", List.of("payload", "label", "score"));
    static final Schema SCHEMA = new Schema(
            "sample",
            3,
            Stream.concat(Stream.of("""
                                    CREATE TABLE items (
                                      id INTEGER PRIMARY KEY,
                                      payload BLOB NOT NULL,
                                      label TEXT,
                                      score REAL,
                                      row_crc INTEGER NOT NULL
                                    )""", """
                                    CREATE TABLE notes (
                                      id INTEGER PRIMARY KEY,
                                      note TEXT
                                    )"""), Manifest.TABLES.stream()).toList(),
            List.of("CREATE INDEX notes_note ON notes (note)"));

    static final String INSERT_ITEM = "INSERT INTO items (id, payload, label, score, row_crc) VALUES (?, ?, ?, ?, ?)";
    static final String INSERT_NOTE = "INSERT INTO notes (id, note) VALUES (?, ?)";

    private SampleFile() {}

    /** Writes {@code count} items with ids 1 … count; same count, same rows. */
    static void write(Path file, int count) {
        try (DatabaseBuild build = DatabaseBuild.begin(file, SCHEMA)) {
            fill(build, count);
            build.publish();
        }
    }

    static void fill(DatabaseBuild build, int count) {
        RowDigest digest = new RowDigest(ITEMS);
        try (BulkWriter writer = new BulkWriter(build.database(), 100)) {
            for (int id = 1; id <= count; id++) {
                SplittableRandom random = new SplittableRandom(id);
                byte[] payload = new byte[20 + random.nextInt(80)];
                random.nextBytes(payload);
                String label = id % 7 == 0 ? null : "item " + id;
                double score = random.nextDouble();
                writer.insert(INSERT_ITEM, id, payload, label, score, digest.of(id, payload, label, score));
                writer.insert(INSERT_NOTE, id, "note " + id % 10);
            }
        }
        Manifest.write(
                build.database(),
                List.of(ITEMS),
                Map.of(
                        "train",
                        ids(1, count * 8 / 10),
                        "val",
                        ids(count * 8 / 10 + 1, count * 9 / 10),
                        "test",
                        ids(count * 9 / 10 + 1, count)));
    }

    private static long[] ids(long from, long to) {
        return LongStream.rangeClosed(from, to).toArray();
    }
}
