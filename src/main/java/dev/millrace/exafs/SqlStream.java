package dev.millrace.exafs;

import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Runs a query and hands over its rows as they come, to somebody who may also write files. */
final class SqlStream {
    /** Takes the rows, from before the first. */
    @FunctionalInterface
    interface Work {
        void on(ResultSet rows) throws SQLException, IOException;
    }

    private SqlStream() {}

    /** @param conditions whose arguments are bound, in this order */
    static void run(Database database, String sql, List<CriteriaSql> conditions, Work work) throws IOException {
        try {
            database.<Boolean>read("Cannot read paths", connection -> {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    int place = 1;
                    for (CriteriaSql condition : conditions) {
                        place = condition.bind(statement, place);
                    }
                    try (ResultSet rows = statement.executeQuery()) {
                        work.on(rows);
                    }
                    return true;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
