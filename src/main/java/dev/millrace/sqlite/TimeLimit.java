package dev.millrace.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.sqlite.ProgressHandler;

/**
 * Stops the statements of a connection once a moment has passed. The driver's own query time-out does not: it only bounds
 * the wait for a lock. May be set anew while it is in use.
 */
final class TimeLimit extends ProgressHandler {
    /** Instructions of SQLite's machine between two looks at the clock: some 50 µs. */
    private static final int INSTRUCTIONS = 10_000;

    private volatile long deadlineNanos;

    TimeLimit(Duration limit) {
        set(limit);
    }

    /** From now on. */
    void set(Duration limit) {
        deadlineNanos = System.nanoTime() + limit.toNanos();
    }

    void watch(Connection connection) throws SQLException {
        setHandler(connection, INSTRUCTIONS, this);
    }

    @Override
    protected int progress() {
        return System.nanoTime() - deadlineNanos > 0 ? 1 : 0;
    }
}
