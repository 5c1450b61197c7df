package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.sql.Connection;
import java.sql.SQLException;

/** Something read on a connection. */
@Internal
@FunctionalInterface
public interface SqlWork<T> {
    T run(Connection connection) throws SQLException;
}
