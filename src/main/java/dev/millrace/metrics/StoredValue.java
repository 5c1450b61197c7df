package dev.millrace.metrics;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;

/** The one place that turns a double into {@code value} and {@code flag} and back. */
final class StoredValue {
    static final int FINITE = 0;
    static final int NAN = 1;
    static final int POSITIVE_INFINITY = 2;
    static final int NEGATIVE_INFINITY = 3;

    private StoredValue() {}

    /** Sets the value at {@code place} and the flag at the next one. */
    static void bind(PreparedStatement statement, int place, double value) throws SQLException {
        if (Double.isFinite(value)) {
            statement.setDouble(place, value);
            statement.setInt(place + 1, FINITE);
        } else {
            statement.setNull(place, Types.REAL);
            statement.setInt(place + 1, Double.isNaN(value) ? NAN : value > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY);
        }
    }

    /** Reads the value from {@code column} and the flag from the next one. */
    static double read(ResultSet row, int column) throws SQLException {
        return switch (row.getInt(column + 1)) {
            case FINITE -> row.getDouble(column);
            case POSITIVE_INFINITY -> Double.POSITIVE_INFINITY;
            case NEGATIVE_INFINITY -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }
}
