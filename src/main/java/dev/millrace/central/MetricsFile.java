package dev.millrace.central;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A metrics file, read for copying. One thread at a time; who opens it closes it. */
final class MetricsFile implements AutoCloseable {
    private static final int MOST_EVENTS = 10_000;
    private static final String SERIES =
            "SELECT series_id, kind, name, scope, unit FROM series WHERE run_id = ? ORDER BY series_id";
    private static final String SUPERSESSIONS = """
            SELECT supersession_id, time_ms, after_step FROM supersession
            WHERE run_id = ? AND supersession_id > ? ORDER BY supersession_id""";
    private static final String EVENTS = """
            SELECT event_id, time_ms, level, text FROM event
            WHERE run_id = ? AND event_id > ? ORDER BY event_id LIMIT ?""";
    private static final String STAGES = """
            SELECT stage_id, name, status, started_ms, duration_seconds FROM stage
            WHERE run_id = ? AND stage_id >= ? ORDER BY stage_id""";

    private final MetricsReader reader;
    private final Database database;

    private MetricsFile(MetricsReader reader, Database database) {
        this.reader = reader;
        this.database = database;
    }

    /**
     * How far a run is stored.
     *
     * @param event the last event
     * @param stage the first stage that may have changed
     * @param supersession the last one
     */
    record Progress(long event, long stage, long supersession) {
        static final Progress NOTHING = new Progress(0, 0, 0);
    }

    record Supersession(long seq, long timeMillis, long afterStep) {}

    record Event(long seq, long timeMillis, String level, String text) {}

    record Stage(
            long seq,
            String name,
            String status,
            long startedMillis,
            @Nullable Double seconds) {}

    /**
     * What the database does not have of a run, up to a limit, from one snapshot of the file.
     *
     * @param series all of the run, with their units
     * @param complete whether nothing is left
     */
    record News(
            Map<SeriesKey, String> series,
            List<Supersession> supersessions,
            List<Event> events,
            List<Stage> stages,
            List<PointColumns> points,
            boolean complete) {}

    /**
     * Opens a file.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no metrics file, or another version's
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be opened
     */
    static MetricsFile open(Path file) {
        // The reader's look at the tables serves both.
        MetricsReader reader = MetricsReader.open(file);
        try {
            return new MetricsFile(reader, Database.open(file, Access.READ));
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    List<RunInfo> runs() {
        return reader.runs();
    }

    /** Reads what is new of a run, in one short read transaction. */
    News news(long runId, Progress progress, SeriesIds stored, int mostPoints) {
        database.execute("BEGIN");
        try {
            return database.read("Cannot read new metrics", open -> read(open, runId, progress, stored, mostPoints));
        } finally {
            database.execute("ROLLBACK");
        }
    }

    private static News read(Connection open, long runId, Progress progress, SeriesIds stored, int mostPoints)
            throws SQLException {
        List<Supersession> supersessions = new ArrayList<>();
        each(
                open,
                SUPERSESSIONS,
                row -> supersessions.add(new Supersession(row.getLong(1), row.getLong(2), row.getLong(3))),
                runId,
                progress.supersession);
        List<Event> events = new ArrayList<>();
        each(
                open,
                EVENTS,
                row -> events.add(new Event(row.getLong(1), row.getLong(2), row.getString(3), row.getString(4))),
                runId,
                progress.event,
                (long) MOST_EVENTS);
        List<Stage> stages = new ArrayList<>();
        each(open, STAGES, row -> stages.add(stage(row)), runId, progress.stage);
        Map<SeriesKey, String> series = new LinkedHashMap<>();
        Map<SeriesKey, Long> local = new LinkedHashMap<>();
        each(
                open,
                SERIES,
                row -> {
                    SeriesKey key = new SeriesKey(row.getString(2), row.getString(3), row.getString(4));
                    series.put(key, row.getString(5));
                    local.put(key, row.getLong(1));
                },
                runId);
        int left = mostPoints;
        List<PointColumns> points = new ArrayList<>();
        for (CopiedTable table : CopiedTable.ALL) {
            PointColumns columns = points(open, table, local, stored, left);
            left -= columns.size();
            points.add(columns);
        }
        return new News(series, supersessions, events, stages, points, left > 0 && events.size() < MOST_EVENTS);
    }

    private static Stage stage(ResultSet row) throws SQLException {
        double seconds = row.getDouble(5);
        return new Stage(
                row.getLong(1), row.getString(2), row.getString(3), row.getLong(4), row.wasNull() ? null : seconds);
    }

    private static PointColumns points(
            Connection open, CopiedTable table, Map<SeriesKey, Long> local, SeriesIds stored, int most)
            throws SQLException {
        PointColumns columns = new PointColumns(table);
        try (PreparedStatement statement = open.prepareStatement(table.select())) {
            for (Map.Entry<SeriesKey, Long> series : local.entrySet()) {
                SeriesKey key = series.getKey();
                if (columns.size() >= most || !table.kinds().contains(key.kind())) {
                    continue;
                }
                statement.setLong(1, series.getValue());
                statement.setLong(2, stored.lastNumber(key));
                statement.setLong(3, most - columns.size());
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        columns.add(key, row);
                    }
                }
            }
        }
        return columns;
    }

    private interface RowAction {
        void with(ResultSet row) throws SQLException;
    }

    private static void each(Connection open, String sql, RowAction action, long... arguments) throws SQLException {
        try (PreparedStatement statement = open.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setLong(i + 1, arguments[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    action.with(row);
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            reader.close();
        } finally {
            database.close();
        }
    }
}
