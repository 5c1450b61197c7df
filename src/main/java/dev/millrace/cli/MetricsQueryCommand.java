package dev.millrace.cli;

import dev.millrace.build.CsvLine;
import dev.millrace.chart.PlainText;
import dev.millrace.metrics.MetricsSql;
import dev.millrace.sqlite.ReadOnlyQuery;
import dev.millrace.sqlite.ReadOnlyQuery.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace metrics query}: one SELECT over a metrics file. */
@Command(
        name = "query",
        description = "Run one SELECT over a metrics file, also while a run records. Nothing can be changed by it."
                + " Views: resource_metrics, generation_metrics, training_metrics, step_metrics, pipeline_stages.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics query RUN.db \"SELECT AVG(value), MAX(value) FROM resource_metrics",
            "      WHERE metric_type = 'cpu' AND metric_name = 'system_total'\"",
            "  millrace metrics query RUN.db --format csv \"SELECT epoch_number, metric_value FROM training_metrics",
            "      WHERE metric_name = 'loss' AND phase = 'val'\""
        })
final class MetricsQueryCommand implements Callable<Integer> {
    private static final int LONGEST_CELL = 200;

    /** How rows are printed. */
    enum Format {
        TABLE,
        CSV,
        JSON,
        JSONL
    }

    @Mixin
    private final Console console = new Console();

    @Parameters(index = "0", paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Parameters(index = "1", paramLabel = "SQL", description = "One statement that begins with SELECT or WITH.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private String sql;

    @Option(names = "--format", paramLabel = "FORMAT", description = "table, csv, json or jsonl (default: table).")
    private Format format = Format.TABLE;

    @Option(names = "--json", description = "Print JSON; the same as --format json.")
    private boolean json;

    @Option(names = "--limit", paramLabel = "ROWS", description = "Most rows to print (default: ${DEFAULT-VALUE}).")
    private int limit = 10_000;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Longest time (default: ${DEFAULT-VALUE}).")
    private double timeoutSeconds = 5;

    @Option(
            names = "--guard-formulas",
            description = "In CSV, put ' before texts that a spreadsheet would take for a formula.")
    private boolean guardFormulas;

    @Override
    public Integer call() {
        Inputs.range("--limit", limit, 1, 10_000_000);
        if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) {
            throw new UsageException("--timeout: expected seconds > 0, found " + timeoutSeconds + ".");
        }
        Path file = MetricsInput.file(named);
        Result result;
        try {
            result = MetricsSql.query(file, sql, limit, Duration.ofNanos((long) (timeoutSeconds * 1e9)));
        } catch (ReadOnlyQuery.RefusedException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        switch (json ? Format.JSON : format) {
            case TABLE -> printTable(result);
            case CSV -> printCsv(result);
            case JSON -> printJson(result);
            case JSONL -> result.rows().forEach(row -> console.print(line(result, row)));
        }
        if (result.isCut()) {
            console.warn("cut after " + result.rows().size() + " rows; --limit allows more");
        }
        return ExitCode.DONE.code();
    }

    private void printTable(Result result) {
        console.printTable(
                result.columns().stream().map(PlainText::visible).toList(),
                result.rows().stream()
                        .map(row -> row.stream().map(MetricsQueryCommand::cell).toList())
                        .toList());
    }

    private static String cell(@Nullable Object value) {
        return value == null ? "NULL" : PlainText.visible(text(value), LONGEST_CELL);
    }

    private void printCsv(Result result) {
        CsvLine head = new CsvLine(guardFormulas);
        result.columns().forEach(head::text);
        console.print(head.toString());
        for (List<@Nullable Object> row : result.rows()) {
            CsvLine line = new CsvLine(guardFormulas);
            for (Object value : row) {
                if (value instanceof Number number) {
                    line.number(number);
                } else {
                    line.text(value == null ? "" : text(value));
                }
            }
            console.print(line.toString());
        }
    }

    private void printJson(Result result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("columns", result.columns());
        fields.put(
                "rows",
                result.rows().stream()
                        .map(row -> {
                            List<@Nullable Object> values = new ArrayList<>();
                            row.forEach(value -> values.add(jsonValue(value)));
                            return values;
                        })
                        .toList());
        fields.put("cut", result.isCut());
        console.printJson(fields);
    }

    private static String line(Result result, List<@Nullable Object> row) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int column = 0; column < row.size(); column++) {
            fields.put(result.columns().get(column), jsonValue(row.get(column)));
        }
        return JsonMapper.shared().writeValueAsString(fields);
    }

    /** JSON has no infinite numbers and no bytes. */
    private static @Nullable Object jsonValue(@Nullable Object value) {
        if (value == null || value instanceof Long || value instanceof String) {
            return value;
        }
        return value instanceof Double number && Double.isFinite(number) ? number : text(value);
    }

    private static String text(Object value) {
        return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
    }
}
