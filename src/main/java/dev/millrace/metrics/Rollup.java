package dev.millrace.metrics;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;

/**
 * What a number of consecutive points of a series come to. Superseded points are not counted. Mutable; one thread at a time.
 */
final class Rollup {
    /** A rollup of one level sums up this many of the level below; level 0 are the points. */
    static final int FAN_OUT = 16;

    static final int BITS_PER_LEVEL = 4;
    /** The highest level that a count of points can reach. */
    static final int LEVELS = 15;

    /** In the order in which {@link #bind} and {@link #read} go over them. */
    static final String COLUMNS =
            "count, not_finite, min_step, max_step, min_time_ms, max_time_ms, first_value, min_value,"
                    + " max_value, last_value, sum_value";

    long count;
    long notFinite;
    /** Greater than {@link #maxStep} if no point has a step. */
    long minStep;

    long maxStep;
    long minTimeMillis;
    long maxTimeMillis;
    /** Values in the order of arrival; NaN if not finite. */
    double first;

    double last;
    /** Over finite values; NaN if there is none. */
    double min;

    double max;
    double sum;

    Rollup() {
        clear();
    }

    /** How many points one full rollup of a level stands for. */
    static long points(int level) {
        return 1L << (BITS_PER_LEVEL * level);
    }

    void clear() {
        count = 0;
        notFinite = 0;
        minStep = Long.MAX_VALUE;
        maxStep = Long.MIN_VALUE;
        minTimeMillis = Long.MAX_VALUE;
        maxTimeMillis = Long.MIN_VALUE;
        first = Double.NaN;
        last = Double.NaN;
        min = Double.NaN;
        max = Double.NaN;
        sum = Double.NaN;
    }

    void addTimed(long timeMillis, double value) {
        minTimeMillis = Math.min(minTimeMillis, timeMillis);
        maxTimeMillis = Math.max(maxTimeMillis, timeMillis);
        boolean finite = Double.isFinite(value);
        double shown = finite ? value : Double.NaN;
        if (count++ == 0) {
            first = shown;
        }
        last = shown;
        if (!finite) {
            notFinite++;
        } else if (count - notFinite == 1) {
            min = value;
            max = value;
            sum = value;
        } else {
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
        }
    }

    void addAtStep(long step, long timeMillis, double value) {
        minStep = Math.min(minStep, step);
        maxStep = Math.max(maxStep, step);
        addTimed(timeMillis, value);
    }

    /** Adds one that stands for later points. */
    void add(Rollup later) {
        if (later.count == 0) {
            return;
        }
        if (count == 0) {
            first = later.first;
        }
        last = later.last;
        if (later.count > later.notFinite) {
            boolean firstFinite = count == notFinite;
            min = firstFinite ? later.min : Math.min(min, later.min);
            max = firstFinite ? later.max : Math.max(max, later.max);
            sum = firstFinite ? later.sum : sum + later.sum;
        }
        count += later.count;
        notFinite += later.notFinite;
        minStep = Math.min(minStep, later.minStep);
        maxStep = Math.max(maxStep, later.maxStep);
        minTimeMillis = Math.min(minTimeMillis, later.minTimeMillis);
        maxTimeMillis = Math.max(maxTimeMillis, later.maxTimeMillis);
    }

    /** Sets {@link #COLUMNS} from {@code place} on. Times of one without points are 0. */
    void bind(PreparedStatement statement, int place) throws SQLException {
        statement.setLong(place, count);
        statement.setLong(place + 1, notFinite);
        if (minStep <= maxStep) {
            statement.setLong(place + 2, minStep);
            statement.setLong(place + 3, maxStep);
        } else {
            statement.setNull(place + 2, Types.INTEGER);
            statement.setNull(place + 3, Types.INTEGER);
        }
        statement.setLong(place + 4, count == 0 ? 0 : minTimeMillis);
        statement.setLong(place + 5, count == 0 ? 0 : maxTimeMillis);
        // The driver makes NULL of NaN.
        statement.setDouble(place + 6, first);
        statement.setDouble(place + 7, min);
        statement.setDouble(place + 8, max);
        statement.setDouble(place + 9, last);
        statement.setDouble(place + 10, sum);
    }

    /** Takes {@link #COLUMNS} from {@code column} on. */
    void read(ResultSet row, int column) throws SQLException {
        count = row.getLong(column);
        notFinite = row.getLong(column + 1);
        minStep = row.getLong(column + 2);
        maxStep = row.getLong(column + 3);
        if (row.wasNull()) {
            minStep = Long.MAX_VALUE;
            maxStep = Long.MIN_VALUE;
        }
        minTimeMillis = count == 0 ? Long.MAX_VALUE : row.getLong(column + 4);
        maxTimeMillis = count == 0 ? Long.MIN_VALUE : row.getLong(column + 5);
        first = number(row, column + 6);
        min = number(row, column + 7);
        max = number(row, column + 8);
        last = number(row, column + 9);
        sum = number(row, column + 10);
    }

    /** Whether both say the same, bit for bit. */
    boolean equalsRollup(Rollup other) {
        return count == other.count
                && notFinite == other.notFinite
                && minStep == other.minStep
                && maxStep == other.maxStep
                && minTimeMillis == other.minTimeMillis
                && maxTimeMillis == other.maxTimeMillis
                && same(first, other.first)
                && same(min, other.min)
                && same(max, other.max)
                && same(last, other.last)
                && same(sum, other.sum);
    }

    /** 0 and −0 are one: SQLite stores either as 0. */
    private static boolean same(double one, double other) {
        return one == other || (Double.isNaN(one) && Double.isNaN(other));
    }

    static double number(ResultSet row, int column) throws SQLException {
        double value = row.getDouble(column);
        return value == 0 && row.wasNull() ? Double.NaN : value;
    }
}
