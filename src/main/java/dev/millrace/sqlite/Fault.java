package dev.millrace.sqlite;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells errors that one record causes from errors that any record would meet. */
final class Fault {
    /** SQLITE_ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE: another record may well pass. */
    private static final Set<Integer> OF_RECORD = Set.of(1, 18, 19, 20, 25);

    private Fault() {}

    /** Whether it is worth writing the other records without the one that threw this. */
    static boolean isOfRecord(Throwable e) {
        if (e instanceof OfDatabase || e instanceof Error) {
            return false;
        }
        SQLException sql = sqlCause(e);
        return sql == null || OF_RECORD.contains(sql.getErrorCode() & 0xFF);
    }

    static SQLException asSql(Exception e) {
        SQLException sql = sqlCause(e);
        return sql == null ? new SQLException(e.toString(), e) : sql;
    }

    private static @Nullable SQLException sqlCause(Throwable e) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof SQLException)) {
            cause = cause.getCause();
        }
        return (SQLException) cause;
    }

    /** An error that concerns the database whatever its code says: the tables are not as the sink needs them. */
    static final class OfDatabase extends RuntimeException {
        OfDatabase(DatabaseException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
