package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.sql.Connection;
import java.sql.SQLException;

/** Something done on a connection. */
@Internal
@FunctionalInterface
public interface SqlTask {
    void run(Connection connection) throws SQLException;
}
