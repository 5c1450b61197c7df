package dev.millrace.batch;

import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.ReadPool;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Reads the samples of a {@link QueryDefinition}: a sample is one little-endian byte array per slot.
 *
 * <p>One thread at a time; closing gives back the lease.
 */
final class QueryReader implements RowReader<byte[][]> {
    /** The column that says which sample of the batch a row is of. */
    static final String POSITION = "position";

    /** What errors call the query. */
    static final String ROWS = "the rows query";

    private final ReadPool.Lease lease;
    private final QueryDefinition definition;
    private final List<QuerySlot> slots;
    private final PreparedStatement statement;
    private final int positionPlace;
    private final List<SlotDecoder> decoders = new ArrayList<>();
    private final List<SlotComputer> computers = new ArrayList<>();

    /** @throws QueryDefinitionException if the query lacks columns that the slots name */
    QueryReader(ReadPool.Lease lease, QueryDefinition definition) {
        this.lease = lease;
        this.definition = definition;
        this.slots = definition.slots();
        Database database = lease.database();
        this.statement =
                database.read("Cannot prepare the rows query", open -> open.prepareStatement(definition.batchSql()));
        List<String> available = database.read("Cannot describe the rows query", open -> labels(statement));
        List<String> faults = new ArrayList<>();
        this.positionPlace = place(available, POSITION, ROWS, faults);
        for (QuerySlot slot : slots) {
            int[] places = slot.columns().stream()
                    .mapToInt(column -> place(available, column, asker(slot), faults))
                    .toArray();
            SlotDecoder decoder = new SlotDecoder(slot, places);
            SlotTransform transform = slot.transform();
            if (transform != null) {
                computers.add(new SlotComputer(definition, slot, transform, decoders.size(), places, decoder));
            }
            decoders.add(decoder);
        }
        if (!faults.isEmpty()) {
            closeStatement();
            throw new QueryDefinitionException(definition, faults);
        }
    }

    @Override
    public List<byte[][]> read(long[] ids) {
        byte[][][] rows = new byte[ids.length][][];
        computers.forEach(computer -> computer.begin(ids));
        try {
            statement.setString(1, Arrays.toString(ids));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    long found = result.getLong(positionPlace);
                    int position = found >= 0 && found < ids.length ? (int) found : -1;
                    if (result.wasNull() || position < 0 || rows[position] != null) {
                        throw fault("expected every position of the batch once, found "
                                + result.getObject(positionPlace) + " again or out of place"
                                + (position < 0
                                        ? ""
                                        : ": the rows query yields several rows for id " + ids[position]
                                                + "; join or group so that it yields one"));
                    }
                    rows[position] = decode(result, ids[position]);
                    for (SlotComputer computer : computers) {
                        computer.take(result, position);
                    }
                }
            }
        } catch (SQLException e) {
            throw DatabaseException.of("Cannot read a batch", lease.database().file(), e);
        }
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == null) {
                throw fault("expected a row for id " + ids[i] + ", found none; let the ids query leave it out");
            }
        }
        // The statement is done: however long a transform takes, no snapshot of the file is held for it.
        computers.forEach(computer -> computer.compute(rows));
        return Arrays.asList(rows);
    }

    PreparedStatement statement() {
        return statement;
    }

    @Override
    public void close() {
        closeStatement();
        lease.close();
    }

    /** The connection goes back to the pool and lives on; a statement left on it would stay for as long. */
    private void closeStatement() {
        try {
            statement.close();
        } catch (SQLException ignored) {
            // Its connection is gone, and it with that.
        }
    }

    private byte[][] decode(ResultSet result, long id) throws SQLException {
        byte[][] sample = new byte[decoders.size()][];
        for (int i = 0; i < sample.length; i++) {
            QuerySlot slot = slots.get(i);
            if (slot.transform() != null) {
                continue;
            }
            try {
                sample[i] = decoders.get(i).decode(result);
            } catch (SlotMisfitException e) {
                throw fault(e.reason() + " (slot '" + slot.name() + "', column " + e.columnAmong(slot.columns())
                        + ", id " + id + ")");
            }
        }
        return sample;
    }

    /** What errors call a slot that needs a column. */
    static String asker(QuerySlot slot) {
        return "slot '" + slot.name() + "'";
    }

    private QueryDefinitionException fault(String text) {
        return new QueryDefinitionException(definition, List.of(text));
    }

    static List<String> labels(PreparedStatement statement) throws SQLException {
        ResultSetMetaData columns = statement.getMetaData();
        List<String> labels = new ArrayList<>();
        for (int place = 1; place <= columns.getColumnCount(); place++) {
            labels.add(columns.getColumnLabel(place).toLowerCase(Locale.ROOT));
        }
        return labels;
    }

    static int place(List<String> available, String column, String asker, List<String> faults) {
        int index = available.indexOf(column.toLowerCase(Locale.ROOT));
        if (index < 0) {
            faults.add(asker + " needs column '" + column + "', found " + available);
        }
        return index + 1;
    }
}
