package dev.millrace.batch;

import dev.millrace.Internal;
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
import java.util.Arrays;
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
@Internal
public final class TensorJoinReader<R> implements EncodedReader<R> {
    /*
     * The statement yields one row: per table the blobs of all keys laid end to end, after each row's its checksum as digits
     * and a space. That saves some hundred calls into native code a batch. Ids are asked for in ascending order, so that
     * neighbours in the table share the way down to them; rows go back to the order of the batch here. SQLite does not
     * promise the order in which an aggregate sees its rows, nor does a join tell which key had no row; both show as a
     * checksum that fails, because it covers the key that is expected at that place. A batch that fails is read once more
     * key by key, to name the row at fault.
     *
     * Plan: SCAN of the id list, then one SEARCH by INTEGER PRIMARY KEY per table and id.
     */
    private static final int PLACE_BITS = 16;
    /** Most ids that are read in ascending order. */
    static final int MOST_SORTED = 1 << PLACE_BITS;

    private final ReadPool.Lease lease;
    private final List<CheckedTable> tables;
    private final Function<TensorRow, R> mapper;
    private final PreparedStatement statement;
    private final int columnCount;
    private final IdText idText = new IdText();
    private final TableCursor[] cursors;

    /** @param tables the joined tables; every id must have a row in each */
    public TensorJoinReader(ReadPool.Lease lease, List<CheckedTable> tables, Function<TensorRow, R> mapper) {
        this.lease = lease;
        this.tables = List.copyOf(tables);
        this.mapper = mapper;
        this.columnCount =
                tables.stream().mapToInt(table -> table.columns().size()).sum();
        this.cursors = tables.stream().map(TableCursor::new).toArray(TableCursor[]::new);
        this.statement = lease.database().prepared(batchSql(this.tables));
    }

    @Override
    public List<R> read(long[] ids) {
        int[] order = ascending(ids);
        long[] sorted = new long[ids.length];
        for (int i = 0; i < order.length; i++) {
            sorted[i] = ids[order[i]];
        }
        List<R> rows = rows(sorted, order, fetch(sorted));
        if (rows == null) {
            throw new RowDiagnosis(lease.database(), tables).explain(ids);
        }
        return rows;
    }

    @Override
    public void readEncoded(long[] ids, EncodedRows target) {
        TableCursor[] cursors = fetch(ids);
        @Nullable TensorBlob[] tensors = new @Nullable TensorBlob[columnCount];
        try {
            for (long id : ids) {
                target.begin();
                for (TableCursor cursor : cursors) {
                    int from = cursor.at();
                    int to = cursor.next(id, tensors, 0);
                    if (to < 0) {
                        throw new RowDiagnosis(lease.database(), tables).explain(ids);
                    }
                    target.append(cursor.bytes(), from, to - from);
                    target.appendInt((int) cursor.checksum());
                }
            }
        } catch (CorruptTensorException e) {
            throw new RowDiagnosis(lease.database(), tables).explain(ids);
        }
        if (!areAtEnd(cursors)) {
            throw new RowDiagnosis(lease.database(), tables).explain(ids);
        }
    }

    @Override
    public RowDecoder<R> decoder() {
        return new RowDecoder<>(tables, mapper);
    }

    /** One statement: the values and checksums of all ids, table by table; valid until the next one. */
    TableCursor[] fetch(long[] ids) {
        try {
            statement.setString(1, idText.of(ids));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                for (int i = 0; i < cursors.length; i++) {
                    cursors[i].start(orEmpty(result.getBytes(i + 1)));
                }
            }
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read a batch", lease.database().file(), e);
        }
        return cursors;
    }

    TableCursor[] cursors() {
        return cursors;
    }

    /** The row whose values lie at these places of the tables; null if a checksum does not hold for the id. */
    @Nullable
    R decode(long id, int[][] starts, int row) {
        @Nullable TensorBlob[] tensors = new @Nullable TensorBlob[columnCount];
        int first = 0;
        try {
            for (int t = 0; t < cursors.length; t++) {
                cursors[t].seek(starts[t][row]);
                if (cursors[t].next(id, tensors, first) < 0) {
                    return null;
                }
                first += cursors[t].columnCount();
            }
        } catch (CorruptTensorException e) {
            return null;
        }
        return mapper.apply(new TensorRow(id, tensors));
    }

    /** The places of the ids in ascending order of the ids; as they are where they cannot be packed beside each other. */
    static int[] ascending(long[] ids) {
        int[] order = new int[ids.length];
        long[] packed = new long[ids.length];
        boolean fits = ids.length <= MOST_SORTED;
        for (int i = 0; i < ids.length; i++) {
            order[i] = i;
            packed[i] = (ids[i] << PLACE_BITS) | i;
            fits &= ids[i] >= 0 && ids[i] < 1L << (Long.SIZE - 1 - PLACE_BITS);
        }
        if (fits) {
            Arrays.sort(packed);
            for (int i = 0; i < order.length; i++) {
                order[i] = (int) packed[i] & (MOST_SORTED - 1);
            }
        }
        return order;
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
                    .append("CAST(group_concat(%s || t%d.%s, ' ') AS BLOB)"
                            .formatted(values, t, CheckedTable.CRC_COLUMN));
            comma = ",\n  ";
            from.append("\n%s %s AS t%d ON t%d.%s = ids.value"
                    .formatted(t == 0 ? "CROSS JOIN" : "JOIN", table.name(), t, t, table.key()));
        }
        return select.append(from).toString();
    }

    private static byte[] orEmpty(byte @Nullable [] bytes) {
        return bytes == null ? new byte[0] : bytes;
    }

    /** All rows, each in its place, or null if any of them is not what its checksum says. */
    @SuppressWarnings("unchecked") // an array that never leaves but as a list of its elements
    private @Nullable List<R> rows(long[] sorted, int[] places, TableCursor[] found) {
        R[] rows = (R[]) new Object[sorted.length];
        try {
            for (int i = 0; i < sorted.length; i++) {
                @Nullable TensorBlob[] tensors = new @Nullable TensorBlob[columnCount];
                int first = 0;
                for (TableCursor cursor : found) {
                    if (cursor.next(sorted[i], tensors, first) < 0) {
                        return null;
                    }
                    first += cursor.columnCount();
                }
                rows[places[i]] = mapper.apply(new TensorRow(sorted[i], tensors));
            }
        } catch (CorruptTensorException e) {
            return null;
        }
        return areAtEnd(found) ? Arrays.asList(rows) : null;
    }

    private static boolean areAtEnd(TableCursor[] cursors) {
        return Arrays.stream(cursors).allMatch(TableCursor::isAtEnd);
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
