package dev.millrace.sqlite;

import java.sql.Connection;
import java.sql.SQLException;

/** Something done on a connection. */
@FunctionalInterface
public interface SqlTask {
    void run(Connection connection) throws SQLException;
}
