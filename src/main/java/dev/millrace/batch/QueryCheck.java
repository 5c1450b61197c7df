package dev.millrace.batch;

import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.ReadOnlyQuery;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Compares a definition with the file before anything is read, so that all of its faults can be told at once. */
final class QueryCheck {
    /** What SQLite says of a statement that is wrong, and not of a file that is. */
    private static final int SQLITE_ERROR = 1;

    private QueryCheck() {}

    /** What is wrong with slots, with statements, and with columns that slots need, in words. */
    static List<String> faults(Database database, QueryDefinition definition) {
        List<String> faults = new ArrayList<>(definition.faults());
        boolean sound = isSound(database, "ids", definition.ids(), faults);
        if (definition.selectsFromBatch() && isSound(database, "rows", definition.batchSql(), faults) && sound) {
            missingColumns(database, definition, faults);
        }
        return faults;
    }

    private static boolean isSound(Database database, String key, String sql, List<String> faults) {
        return database.read("Cannot prepare the " + key + " query", open -> {
            try (PreparedStatement statement = open.prepareStatement(sql)) {
                // The driver runs the first of several statements and passes over the others.
                ReadOnlyQuery.requireOneSelect(sql);
                return !statement.isClosed();
            } catch (ReadOnlyQuery.RefusedException e) {
                faults.add(key + " must be one SELECT. " + e.clause());
                return false;
            } catch (SQLException e) {
                if ((e.getErrorCode() & 0xFF) != SQLITE_ERROR) {
                    throw e;
                }
                faults.add(key + " must be a query that SQLite can run, found: " + reason(e));
                return false;
            }
        });
    }

    /** SQLite's own words, without the driver's around them. */
    private static String reason(SQLException e) {
        String message = String.valueOf(e.getMessage());
        int open = message.indexOf('(');
        return open >= 0 && message.endsWith(")") ? message.substring(open + 1, message.length() - 1) : message;
    }

    private static void missingColumns(Database database, QueryDefinition definition, List<String> faults) {
        List<String> available = database.read("Cannot describe the rows query", open -> {
            try (PreparedStatement statement = open.prepareStatement(definition.batchSql())) {
                return QueryReader.labels(statement);
            }
        });
        List<String> missing = new ArrayList<>();
        QueryReader.place(available, QueryReader.POSITION, QueryReader.ROWS, missing);
        definition
                .slots()
                .forEach(slot -> slot.columns()
                        .forEach(column -> QueryReader.place(available, column, QueryReader.asker(slot), missing)));
        faults.addAll(missing);
    }
}
