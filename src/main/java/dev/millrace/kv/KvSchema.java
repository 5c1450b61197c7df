package dev.millrace.kv;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.Schema;
import java.util.List;

/** The tables of a store. */
final class KvSchema {
    static final String KIND = "key-value";

    private static final String NAMESPACES = """
            CREATE TABLE namespaces (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE,
              entry_count INTEGER NOT NULL,
              row_crc INTEGER NOT NULL
            )""";

    /*
     * format: Codecs.Format. compression: that of the tensor format. raw_bytes: length before compression; NULL without.
     * value: if dataset_info says that the file is encrypted, sealed as ValueCipher says, after compression.
     *
     * Rows by number and an index of the keys, not WITHOUT ROWID: new rows are added at the end, and the index that keys are
     * searched in stays small. Measured: docs/decisions/0017.
     */
    private static final String ENTRIES = """
            CREATE TABLE entries (
              id INTEGER PRIMARY KEY,
              namespace_id INTEGER NOT NULL,
              key TEXT NOT NULL,
              format INTEGER NOT NULL,
              compression INTEGER NOT NULL,
              raw_bytes INTEGER,
              value BLOB NOT NULL,
              row_crc INTEGER NOT NULL,
              UNIQUE (namespace_id, key)
            )""";

    static final Schema SCHEMA = new Schema(KIND, 1, List.of(NAMESPACES, ENTRIES), List.of());

    /** The name is what an id means; the count changes with every commit. */
    static final CheckedTable NAMESPACE_TABLE = new CheckedTable("namespaces", "id", List.of("name"));

    static final CheckedTable ENTRY_TABLE =
            new CheckedTable("entries", "namespace_id", List.of("key", "format", "compression", "raw_bytes", "value"));

    private KvSchema() {}
}
