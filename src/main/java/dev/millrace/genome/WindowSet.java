package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.sqlite.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A row of {@code window_sets}: the windows of one split that lie in a store. Immutable, thread-safe.
 *
 * @param setId what its rows of {@code window_contigs} carry
 * @param split id of a {@link Split}
 * @param geometry where the windows lie
 * @param totalWindows how many there are
 * @param distinctSequences contigs with windows
 * @param source where the lengths came from
 * @param created when, as ISO-8601 in UTC
 */
public record WindowSet(
        long setId,
        String split,
        WindowGeometry geometry,
        long totalWindows,
        long distinctSequences,
        String source,
        String created) {
    private static final String SELECT = """
            SELECT set_id, split, window_size, stride, window_min_length_threshold, tail, total_windows,
                   distinct_sequences, source, created
              FROM window_sets
             ORDER BY set_id""";

    /** All sets of a store. */
    static List<WindowSet> all(Database store) {
        return store.read("Cannot read window_sets", connection -> {
            List<WindowSet> sets = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    sets.add(of(rows));
                }
            }
            return sets;
        });
    }

    /** The set of a split; empty if its windows were not computed. */
    static Optional<WindowSet> find(Database store, String split) {
        return all(store).stream().filter(set -> set.split.equals(split)).findFirst();
    }

    private static WindowSet of(ResultSet row) throws SQLException {
        return new WindowSet(
                row.getLong(1),
                row.getString(2),
                new WindowGeometry(
                        row.getInt(3),
                        row.getInt(4),
                        row.getInt(5),
                        Tail.valueOf(row.getString(6).toUpperCase(Locale.ROOT))),
                row.getLong(7),
                row.getLong(8),
                row.getString(9),
                row.getString(10));
    }
}
