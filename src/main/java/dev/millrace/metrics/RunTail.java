package dev.millrace.metrics;

import dev.millrace.metrics.TailRecord.Kind;
import dev.millrace.sqlite.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The records of a run as they come: the last ones first, then what was added since. Each look costs one seek for each series,
 * however long they are. Superseded values are left out.
 *
 * <p>One thread at a time, together with its reader.
 */
public final class RunTail {
    private static final String LAST_POINTS = """
            SELECT number, time_ms, step, NULL, NULL, value, flag, NULL FROM point
            WHERE series_id = ? AND superseded = 0 AND number > ? ORDER BY number DESC LIMIT ?""";
    private static final String NEXT_POINTS = """
            SELECT number, time_ms, step, NULL, NULL, value, flag, NULL FROM point
            WHERE series_id = ? AND superseded = 0 AND number > ? ORDER BY number LIMIT ?""";
    private static final String LAST_EPOCHS = """
            SELECT number, time_ms, step, round_number, epoch_number, value, flag, NULL FROM epoch_point
            WHERE series_id = ? AND superseded = 0 AND number > ? ORDER BY number DESC LIMIT ?""";
    private static final String NEXT_EPOCHS = """
            SELECT number, time_ms, step, round_number, epoch_number, value, flag, NULL FROM epoch_point
            WHERE series_id = ? AND superseded = 0 AND number > ? ORDER BY number LIMIT ?""";
    private static final String LAST_GENERATIONS = """
            SELECT number, time_ms, NULL, round_number, NULL, duration_seconds, duration_seconds IS NULL,
              samples_generated
            FROM generation WHERE series_id = ? AND number > ? ORDER BY number DESC LIMIT ?""";
    private static final String NEXT_GENERATIONS = """
            SELECT number, time_ms, NULL, round_number, NULL, duration_seconds, duration_seconds IS NULL,
              samples_generated
            FROM generation WHERE series_id = ? AND number > ? ORDER BY number LIMIT ?""";
    private static final String LAST_EVENTS = """
            SELECT event_id, time_ms, level, text FROM event WHERE run_id = ? AND event_id > ?
            ORDER BY event_id DESC LIMIT ?""";
    private static final String NEXT_EVENTS = """
            SELECT event_id, time_ms, level, text FROM event WHERE run_id = ? AND event_id > ?
            ORDER BY event_id LIMIT ?""";
    /** What follows the last event; its key is none of a series. */
    private static final long EVENTS = -1;

    private final Database database;
    private final MetricsReader reader;
    private final long runId;
    private final Map<Long, Long> seen = new HashMap<>();
    private Set<Kind> kinds = Set.of(Kind.values());
    private Predicate<SeriesInfo> wanted = series -> true;

    RunTail(Database database, MetricsReader reader, long runId) {
        this.database = database;
        this.reader = reader;
        this.runId = runId;
    }

    /** Leaves out all other kinds. To be called before the first look. */
    public RunTail only(Set<Kind> chosen) {
        kinds = Set.copyOf(chosen);
        return this;
    }

    /** Leaves out all other series; events are not of a series. To be called before the first look. */
    public RunTail only(Predicate<SeriesInfo> chosen) {
        wanted = chosen;
        return this;
    }

    /** The last records so far, at most {@code count}, in the order of time. */
    public List<TailRecord> last(int count) {
        List<TailRecord> found = look(true, count);
        return List.copyOf(found.subList(Math.max(0, found.size() - count), found.size()));
    }

    /**
     * What was added since the look before, in the order of time; of each series at most {@code count} records, the rest at the
     * next look.
     */
    public List<TailRecord> next(int count) {
        return look(false, count);
    }

    /** The last record of each series of the run. */
    public List<TailRecord> latest() {
        List<TailRecord> found = new ArrayList<>();
        for (SeriesInfo series : reader.seriesOf(runId)) {
            if (kinds.contains(Kind.valueOf(series.kind().name())) && wanted.test(series)) {
                found.addAll(points(series, true, 1));
            }
        }
        return found;
    }

    private List<TailRecord> look(boolean last, int count) {
        List<TailRecord> found = new ArrayList<>();
        for (SeriesInfo series : reader.seriesOf(runId)) {
            // Without a look at what is there already: a count that stayed is a series that did.
            boolean grown = series.count() > seen.getOrDefault(series.id(), 0L);
            if (grown && kinds.contains(Kind.valueOf(series.kind().name())) && wanted.test(series)) {
                found.addAll(points(series, last, count));
            }
        }
        if (kinds.contains(Kind.EVENT)) {
            found.addAll(events(last, count));
        }
        found.sort(Comparator.comparingLong(TailRecord::timeMillis));
        return found;
    }

    private List<TailRecord> points(SeriesInfo series, boolean last, int count) {
        String sql = switch (series.kind()) {
            case STEP, RESOURCE -> last ? LAST_POINTS : NEXT_POINTS;
            case EPOCH -> last ? LAST_EPOCHS : NEXT_EPOCHS;
            case GENERATION -> last ? LAST_GENERATIONS : NEXT_GENERATIONS;
        };
        return rows(sql, series.id(), series.id(), last, count, row -> {
            long step = row.getLong(3);
            Long ofStep = row.wasNull() ? null : step;
            int round = row.getInt(4);
            Integer ofRound = row.wasNull() ? null : round;
            int epoch = row.getInt(5);
            Integer ofEpoch = row.wasNull() ? null : epoch;
            long samples = row.getLong(8);
            Long ofSamples = row.wasNull() ? null : samples;
            return new TailRecord(
                    row.getLong(2),
                    Kind.valueOf(series.kind().name()),
                    series.name(),
                    series.scope(),
                    series.kind() == SeriesKind.GENERATION ? "s" : series.unit(),
                    ofStep,
                    ofRound,
                    ofEpoch,
                    StoredValue.read(row, 6),
                    ofSamples,
                    "");
        });
    }

    private List<TailRecord> events(boolean last, int count) {
        return rows(
                last ? LAST_EVENTS : NEXT_EVENTS,
                EVENTS,
                runId,
                last,
                count,
                row -> new TailRecord(
                        row.getLong(2),
                        Kind.EVENT,
                        row.getString(3),
                        "",
                        "",
                        null,
                        null,
                        null,
                        Double.NaN,
                        null,
                        row.getString(4)));
    }

    private List<TailRecord> rows(String sql, long key, long owner, boolean last, int count, Mapping mapping) {
        return database.read("Cannot read the last records", connection -> {
            List<TailRecord> rows = new ArrayList<>();
            // Kept by the database: it is asked for each series, again and again.
            PreparedStatement statement = database.prepared(sql);
            statement.setLong(1, owner);
            statement.setLong(2, seen.getOrDefault(key, 0L));
            statement.setLong(3, count);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    seen.merge(key, row.getLong(1), Math::max);
                    rows.add(mapping.of(row));
                }
            }
            if (last) {
                Collections.reverse(rows);
            }
            return rows;
        });
    }

    /** Makes a record of the current row. */
    private interface Mapping {
        TailRecord of(ResultSet row) throws SQLException;
    }
}
