package dev.millrace.batch;

import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tensor columns of one or more tables that share a key, for a whole batch with one statement, and checks every
 * row's {@code row_crc}.
 *
 * <p>One thread at a time; closing gives back the lease.
 *
 * @param <R> what one key's tensors are made into
 */
public final class TensorJoinReader<R> implements RowReader<R> {
    /*
     * The statement yields one row: per table the blobs of all keys laid end to end, and the checksums as text. That saves
     * some hundred calls into native code a batch. SQLite does not promise the order in which an aggregate sees its rows, nor
     * does a join tell which key had no row; both show as a checksum that fails, because it covers the key that is expected
     * at that place. A batch that fails is read once more key by key, to name the row at fault.
     *
     * Plan: SCAN of the id list, then one SEARCH by INTEGER PRIMARY KEY per table and id.
     */
    private static final byte NULL_MARK = 0;

    private final ReadPool.Lease lease;
    private final List<CheckedTable> tables;
    private final Function<Row, R> mapper;
    private final PreparedStatement statement;
    private final int columnCount;
    private final StringBuilder idText = new StringBuilder();

    /**
     * The tensors of one key.
     *
     * @param id the key
     * @param tensors in the order of the tables and their columns; null where the column is NULL
     */
    public record Row(long id, @Nullable TensorBlob[] tensors) {
        /** The tensor of a column that is never NULL. */
        public TensorBlob tensor(int column) {
            TensorBlob tensor = tensors[column];
            if (tensor == null) {
                throw new IllegalStateException(
                        "Expected a tensor in column " + column + " of row " + id + ", found NULL.");
            }
            return tensor;
        }
    }

    /** @param tables the joined tables; every id must have a row in each */
    public TensorJoinReader(ReadPool.Lease lease, List<CheckedTable> tables, Function<Row, R> mapper) {
        this.lease = lease;
        this.tables = List.copyOf(tables);
        this.mapper = mapper;
        this.columnCount =
                tables.stream().mapToInt(table -> table.columns().size()).sum();
        this.statement = lease.database().prepared(batchSql(this.tables));
    }

    @Override
    public List<R> read(long[] ids) {
        Database database = lease.database();
        List<TableCursor> cursors = new ArrayList<>();
        try {
            statement.setString(1, idArray(ids));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                int place = 1;
                for (CheckedTable table : tables) {
                    byte[] values = orEmpty(result.getBytes(place++));
                    cursors.add(new TableCursor(table, values, orEmpty(result.getBytes(place++))));
                }
            }
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read a batch", database.file(), e);
        }
        List<R> rows = rows(ids, cursors);
        if (rows == null) {
            throw new RowDiagnosis(database, tables).explain(ids);
        }
        return rows;
    }

    @Override
    public void close() {
        lease.close();
    }

    /** The query: its only parameter is a JSON array of ids. */
    static String batchSql(List<CheckedTable> tables) {
        StringBuilder select = new StringBuilder("SELECT ");
        StringBuilder from = new StringBuilder("\nFROM json_each(?) AS ids");
        String comma = "";
        for (int t = 0; t < tables.size(); t++) {
            CheckedTable table = tables.get(t);
            int number = t;
            String values = table.columns().stream()
                    .map(column -> "ifnull(t%d.%s, x'00')".formatted(number, column))
                    .collect(Collectors.joining(" || "));
            select.append(comma)
                    .append("CAST(group_concat(%s, '') AS BLOB),\n  ".formatted(values))
                    .append("CAST(group_concat(t%d.%s, ' ') AS BLOB)".formatted(t, CheckedTable.CRC_COLUMN));
            comma = ",\n  ";
            from.append("\n%s %s AS t%d ON t%d.%s = ids.value"
                    .formatted(t == 0 ? "CROSS JOIN" : "JOIN", table.name(), t, t, table.key()));
        }
        return select.append(from).toString();
    }

    private String idArray(long[] ids) {
        idText.setLength(0);
        char separator = '[';
        for (long id : ids) {
            idText.append(separator).append(id);
            separator = ',';
        }
        return idText.append(ids.length == 0 ? "[]" : "]").toString();
    }

    private static byte[] orEmpty(byte @Nullable [] bytes) {
        return bytes == null ? new byte[0] : bytes;
    }

    /** All rows, or null if any of them is not what its checksum says. */
    private @Nullable List<R> rows(long[] ids, List<TableCursor> cursors) {
        List<R> rows = new ArrayList<>(ids.length);
        try {
            for (long id : ids) {
                @Nullable TensorBlob[] tensors = new @Nullable TensorBlob[columnCount];
                int first = 0;
                for (TableCursor cursor : cursors) {
                    if (!cursor.next(id, tensors, first)) {
                        return null;
                    }
                    first += cursor.columnCount;
                }
                rows.add(mapper.apply(new Row(id, tensors)));
            }
        } catch (CorruptTensorException e) {
            return null;
        }
        return cursors.stream().allMatch(TableCursor::isAtEnd) ? rows : null;
    }

    /** Walks the values and checksums of one table row by row. */
    private static final class TableCursor {
        private final byte[] values;
        private final byte[] checksums;
        private final int columnCount;
        private final int[] lengths;
        private final RowDigest digest;
        private int valueAt;
        private int checksumAt;

        TableCursor(CheckedTable table, byte[] values, byte[] checksums) {
            this.values = values;
            this.checksums = checksums;
            this.columnCount = table.columns().size();
            this.lengths = new int[columnCount];
            this.digest = new RowDigest(table);
        }

        /** Reads the tensors of one row into {@code tensors} from {@code first} on; whether the checksum holds for the id. */
        boolean next(long id, @Nullable TensorBlob[] tensors, int first) {
            int start = valueAt;
            for (int i = 0; i < columnCount; i++) {
                if (valueAt < values.length && values[valueAt] == NULL_MARK) {
                    lengths[i] = -1;
                    valueAt++;
                } else {
                    TensorBlob tensor = TensorBlob.parse(values, valueAt, values.length);
                    tensors[first + i] = tensor;
                    lengths[i] = tensor.encodedLength();
                    valueAt += lengths[i];
                }
            }
            digest.begin(id, lengths);
            int at = start;
            for (int length : lengths) {
                if (length < 0) {
                    at++;
                } else {
                    digest.value(values, at, length);
                    at += length;
                }
            }
            return digest.end() == nextChecksum();
        }

        boolean isAtEnd() {
            return valueAt == values.length && checksumAt >= checksums.length;
        }

        private long nextChecksum() {
            long value = 0;
            int digits = 0;
            for (; checksumAt < checksums.length && checksums[checksumAt] != ' '; checksumAt++, digits++) {
                int digit = checksums[checksumAt] - '0';
                if (digit < 0 || digit > 9 || digits > 10) {
                    return -1;
                }
                value = 10 * value + digit;
            }
            checksumAt++;
            return digits == 0 ? -1 : value;
        }
    }

    /** Reads the rows of a failed batch one by one, with plain SQL, to say which of them is wrong and how. */
    private record RowDiagnosis(Database database, List<CheckedTable> tables) {
        CorruptDatabaseException explain(long[] ids) {
            for (CheckedTable table : tables) {
                RowDigest digest = new RowDigest(table);
                for (long id : ids) {
                    String fault = fault(table, digest, id);
                    if (fault != null) {
                        return damaged(fault + ", " + table.key() + "=" + id, table.name());
                    }
                }
            }
            return damaged("the rows of a batch came back in another order or changed while they were read", "");
        }

        private CorruptDatabaseException damaged(String fault, String table) {
            return new CorruptDatabaseException(
                    "Cannot use a row: " + fault + " (" + database.file() + (table.isEmpty() ? "" : ", " + table)
                            + "). Run 'millrace verify " + database.file() + "'.",
                    database.file(),
                    null);
        }

        private @Nullable String fault(CheckedTable table, RowDigest digest, long id) {
            String sql = "SELECT " + String.join(", ", table.columns()) + ", " + CheckedTable.CRC_COLUMN + " FROM "
                    + table.name() + " WHERE " + table.key() + " = ?";
            String verdict = database.read("Cannot read a row of " + table.name(), open -> {
                try (PreparedStatement one = open.prepareStatement(sql)) {
                    one.setLong(1, id);
                    try (ResultSet row = one.executeQuery()) {
                        return row.next() ? verdict(table, digest, id, row) : "expected a row, found none";
                    }
                }
            });
            return verdict.isEmpty() ? null : verdict;
        }

        private static String verdict(CheckedTable table, RowDigest digest, long id, ResultSet row)
                throws SQLException {
            int count = table.columns().size();
            @Nullable Object[] values = new @Nullable Object[count];
            for (int i = 0; i < count; i++) {
                values[i] = row.getObject(i + 1);
            }
            long expected = row.getLong(count + 1);
            long found = digest.of(id, values);
            if (expected != found) {
                return "expected row_crc " + expected + ", found " + found;
            }
            for (int i = 0; i < count; i++) {
                if (values[i] instanceof byte[] bytes) {
                    try {
                        TensorBlob.parse(bytes);
                    } catch (CorruptTensorException e) {
                        return table.columns().get(i) + ": " + e.getMessage();
                    }
                } else if (values[i] != null) {
                    return table.columns().get(i) + ": expected a tensor, found another type";
                }
            }
            return "";
        }
    }
}
