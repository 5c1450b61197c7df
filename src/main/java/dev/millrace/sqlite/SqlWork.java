package dev.millrace.sqlite;

import java.sql.Connection;
import java.sql.SQLException;

/** Something read on a connection. */
@FunctionalInterface
public interface SqlWork<T> {
    T run(Connection connection) throws SQLException;
}
