package dev.millrace.central;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of points, in the file and in PostgreSQL: the same columns under the same names, but the two that name a point.
 * Immutable.
 *
 * @param kinds the kinds of series that have their points there
 * @param local name in the file
 * @param central name in PostgreSQL
 * @param columns without series and number
 */
record CopiedTable(List<String> kinds, String local, String central, List<Column> columns) {
    /** The tables, as {@link CentralSchema} makes them. */
    static final List<CopiedTable> ALL = List.of(
            new CopiedTable(
                    List.of("step", "resource"),
                    "point",
                    "metric_point",
                    List.of(
                            Column.whole("time_ms"),
                            Column.whole("step"),
                            Column.real("value"),
                            Column.whole("flag"),
                            Column.whole("superseded"))),
            new CopiedTable(
                    List.of("epoch"),
                    "epoch_point",
                    "metric_epoch_point",
                    List.of(
                            Column.whole("time_ms"),
                            Column.whole("step"),
                            Column.whole("round_number"),
                            Column.whole("epoch_number"),
                            Column.real("value"),
                            Column.whole("flag"),
                            Column.whole("superseded"))),
            new CopiedTable(
                    List.of("generation"),
                    "generation",
                    "metric_generation",
                    List.of(
                            Column.whole("time_ms"),
                            Column.whole("round_number"),
                            Column.whole("chunk_number"),
                            Column.whole("started_ms"),
                            Column.real("duration_seconds"),
                            Column.whole("samples_generated"),
                            Column.real("memory_used_mb"))));

    /** A column and its type in PostgreSQL. */
    record Column(String name, String type) {
        static Column whole(String name) {
            return new Column(name, "int8");
        }

        static Column real(String name) {
            return new Column(name, "float8");
        }

        boolean isReal() {
            return type.equals("float8");
        }
    }

    /** Parameters: series, number after which, how many at most. SEARCH by the primary key. */
    String select() {
        return "SELECT number, " + names() + " FROM " + local
                + " WHERE series_id = ? AND number > ? ORDER BY number LIMIT ?";
    }

    /** Parameters: an array for each column, series and number first. */
    String insert() {
        String arrays = IntStream.range(0, columns.size() + 2)
                .mapToObj(i -> "?::" + (i < 2 ? "int8" : columns.get(i - 2).type()) + "[]")
                .collect(Collectors.joining(", "));
        return "INSERT INTO " + central + " (series_id, seq, " + names() + ") SELECT * FROM unnest(" + arrays
                + ") ON CONFLICT DO NOTHING";
    }

    private String names() {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }
}
