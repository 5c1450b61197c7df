package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A table that training reads, and which of its columns {@code row_crc} covers.
 *
 * @param name table name
 * @param key its INTEGER primary key
 * @param columns the covered columns, in DDL order
 */
@Internal
public record CheckedTable(String name, String key, List<String> columns) {
    /** Name of the checksum column, the same in every checked table. */
    public static final String CRC_COLUMN = "row_crc";

    // These names become part of SQL text, also when they were read from a file.
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

    public CheckedTable {
        requireIdentifier(name);
        requireIdentifier(key);
        columns = List.copyOf(columns);
        columns.forEach(CheckedTable::requireIdentifier);
    }

    static void requireIdentifier(String name) {
        if (!IDENTIFIER.matcher(name).matches()) {
            throw new IllegalArgumentException("Expected an SQL identifier, found '" + name + "'.");
        }
    }
}
