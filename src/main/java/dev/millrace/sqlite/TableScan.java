package dev.millrace.sqlite;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One pass over a table that sums up its rows by split, and compares each with its {@code row_crc} where it has one. */
final class TableScan {
    /** The rows of one split, or of the whole table. */
    static final class Part {
        private final String split;
        private final long @Nullable [] ids;
        private long rowCount;
        private long digest;

        Part(String split, long @Nullable [] ids) {
            this.split = split;
            this.ids = ids;
        }

        /** A part that was summed up already. */
        Part(String split, long rowCount, long digest) {
            this(split, null);
            this.rowCount = rowCount;
            this.digest = digest;
        }

        String split() {
            return split;
        }

        long rowCount() {
            return rowCount;
        }

        long digest() {
            return digest;
        }

        private void add(long key, long content) {
            if (ids == null || IdList.contains(ids, key)) {
                rowCount++;
                digest += contribution(key, content);
            }
        }
    }

    /** What one row adds to a digest. */
    static long contribution(long key, long content) {
        long z = key * 0x9E3779B97F4A7C15L ^ content;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private final CheckedTable table;
    private final boolean hasCrc;
    private final List<Part> parts;
    private long lastKey = Long.MIN_VALUE;

    private TableScan(CheckedTable table, boolean hasCrc, List<Part> parts) {
        this.table = table;
        this.hasCrc = hasCrc;
        this.parts = parts;
    }

    static TableScan bySplit(CheckedTable table, Map<String, long[]> splits) {
        List<Part> parts = new ArrayList<>();
        splits.forEach((split, ids) -> parts.add(new Part(split, ids)));
        return new TableScan(table, true, parts);
    }

    static TableScan whole(CheckedTable table) {
        return new TableScan(table, false, List.of(new Part(Manifest.WHOLE_TABLE, null)));
    }

    /** The result of a pass that was made otherwise, row by row as they were written. */
    static TableScan of(CheckedTable table, List<Part> sums) {
        return new TableScan(table, true, sums);
    }

    /** Reads only rows of larger keys. */
    TableScan beyond(long key) {
        lastKey = key;
        return this;
    }

    CheckedTable table() {
        return table;
    }

    List<Part> parts() {
        return parts;
    }

    /**
     * Reads the table.
     *
     * @throws CorruptDatabaseException at the first row that is not what its {@code row_crc} says
     */
    TableScan run(Database database) {
        run(database, fault -> {
            throw new CorruptDatabaseException(fault + " (" + database.file() + ")", database.file(), null);
        });
        return this;
    }

    /** Reads the table and reports every row that is not what its {@code row_crc} says. */
    void run(Database database, Consumer<String> onFault) {
        String sql = "SELECT " + table.key() + ", " + String.join(", ", table.columns())
                + (hasCrc ? ", " + CheckedTable.CRC_COLUMN : "") + " FROM " + table.name()
                + (lastKey == Long.MIN_VALUE ? "" : " WHERE " + table.key() + " > " + lastKey);
        database.read("Cannot read table " + table.name(), connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet rows = select.executeQuery()) {
                scan(rows, onFault);
            }
            return table;
        });
    }

    private void scan(ResultSet rows, Consumer<String> onFault) throws SQLException {
        RowDigest digest = new RowDigest(table);
        int width = table.columns().size();
        @Nullable Object[] values = new @Nullable Object[width];
        while (rows.next()) {
            long key = rows.getLong(1);
            for (int i = 0; i < width; i++) {
                values[i] = rows.getObject(i + 2);
            }
            long crc = digest.of(key, values);
            if (hasCrc && crc != rows.getLong(width + 2)) {
                onFault.accept("Damaged row: expected row_crc " + rows.getLong(width + 2) + ", found " + crc + " ("
                        + table.name() + ", " + table.key() + "=" + key + ")");
            }
            long content = hasCrc ? crc : crc | storageClasses(values) << Integer.SIZE;
            for (Part part : parts) {
                part.add(key, content);
            }
        }
    }

    /** One number for which of the values are NULL, texts, BLOBs, REALs and INTEGERs. */
    static long storageClasses(@Nullable Object[] values) {
        long classes = 0;
        for (Object value : values) {
            int code = value == null
                    ? 0
                    : value instanceof String ? 1 : value instanceof byte[] ? 2 : value instanceof Double ? 3 : 4;
            classes = 31 * classes + code;
        }
        return classes;
    }
}
