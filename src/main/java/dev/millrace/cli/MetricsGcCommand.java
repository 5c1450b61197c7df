package dev.millrace.cli;

import dev.millrace.chart.PlainText;
import dev.millrace.metrics.MetricsRetention;
import dev.millrace.metrics.RunInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics gc}: removes old runs. */
@Command(
        name = "gc",
        description =
                "Remove old runs and superseded values from a metrics file. Runs that are running stay; nobody may"
                        + " record into the file meanwhile. Killed at any moment, the file is sound and the next time goes on.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics gc RUN.db --keep 20 --dry-run",
            "  millrace metrics gc RUN.db --older-than 30d --drop-superseded --vacuum"
        })
final class MetricsGcCommand implements Callable<Integer> {
    private static final Pattern AGE = Pattern.compile("(\\d{1,9})([smhdw])");

    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Option(names = "--keep", paramLabel = "N", description = "Keep the latest N runs, remove the others.")
    private @Nullable Integer keep;

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description = "Remove runs that ended longer ago: 12h, 30d, 8w.")
    private @Nullable String olderThan;

    @Option(names = "--drop-superseded", description = "Remove values that resumed runs have gone over again.")
    private boolean dropSuperseded;

    @Option(
            names = "--vacuum",
            description = "Give freed pages back to the disk; needs as much room as the file takes.")
    private boolean vacuum;

    @Option(names = "--dry-run", description = "Only say what would go.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (keep == null && olderThan == null && !dropSuperseded && !vacuum) {
            throw new UsageException("Expected --keep, --older-than, --drop-superseded or --vacuum, found none.");
        }
        if (keep != null) {
            Inputs.range("--keep", keep, 0, Integer.MAX_VALUE);
        }
        Path file = MetricsInput.file(named);
        MetricsRetention retention =
                new MetricsRetention(keep, olderThan == null ? null : age(olderThan), dropSuperseded, vacuum);
        MetricsRetention.Plan plan = dryRun ? retention.plan(file) : retention.apply(file);
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("dry_run", dryRun);
            fields.put("runs", plan.runs().stream().map(RunInfo::id).toList());
            fields.put("points", plan.points());
            fields.put("superseded_points", plan.supersededPoints());
            console.printJson(fields);
            return ExitCode.DONE.code();
        }
        if (!plan.runs().isEmpty()) {
            console.printTable(
                    List.of("run", "name", "status", "started"),
                    plan.runs().stream()
                            .map(run -> List.of(
                                    String.valueOf(run.id()),
                                    PlainText.visible(run.name(), 60),
                                    run.status().name().toLowerCase(java.util.Locale.ROOT),
                                    run.startedAt().toString()))
                            .toList());
        }
        console.print((dryRun ? "would remove " : "removed ") + plan.runs().size() + " runs with " + plan.points()
                + " values" + (dropSuperseded ? ", " + plan.supersededPoints() + " superseded values of others" : "")
                + (vacuum ? dryRun ? "; would vacuum" : "; vacuumed" : ""));
        return ExitCode.DONE.code();
    }

    private static Duration age(String text) {
        Matcher matcher = AGE.matcher(text);
        if (!matcher.matches()) {
            throw new UsageException("--older-than: expected an age such as 12h, 30d or 8w, found '" + text + "'.");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> Duration.ofDays(7 * count);
        };
    }
}
