package dev.millrace.central;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Points of one table on their way, column by column. One thread at a time. */
final class PointColumns {
    private final CopiedTable table;
    private final List<SeriesKey> series = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();
    private final List<List<@Nullable Object>> columns = new ArrayList<>();

    PointColumns(CopiedTable table) {
        this.table = table;
        table.columns().forEach(column -> columns.add(new ArrayList<>()));
    }

    int size() {
        return numbers.size();
    }

    /** Takes a row of {@link CopiedTable#select}. */
    void add(SeriesKey key, ResultSet row) throws SQLException {
        series.add(key);
        numbers.add(row.getLong(1));
        for (int i = 0; i < columns.size(); i++) {
            Object value =
                    table.columns().get(i).isReal() ? (Object) row.getDouble(i + 2) : (Object) row.getLong(i + 2);
            columns.get(i).add(row.wasNull() ? null : value);
        }
    }

    /** Stores the points that are not there yet, and returns how many those were. */
    long insert(Connection connection, SeriesIds ids) throws SQLException {
        if (numbers.isEmpty()) {
            return 0;
        }
        Long[] seriesIds = series.stream().map(ids::of).toArray(Long[]::new);
        List<Array> arrays = new ArrayList<>();
        arrays.add(connection.createArrayOf("int8", seriesIds));
        arrays.add(connection.createArrayOf("int8", numbers.toArray()));
        for (int i = 0; i < columns.size(); i++) {
            arrays.add(connection.createArrayOf(
                    table.columns().get(i).type(), columns.get(i).toArray()));
        }
        try (PreparedStatement statement = connection.prepareStatement(table.insert())) {
            for (int i = 0; i < arrays.size(); i++) {
                statement.setArray(i + 1, arrays.get(i));
            }
            return statement.executeLargeUpdate();
        } finally {
            for (Array array : arrays) {
                array.free();
            }
        }
    }
}
