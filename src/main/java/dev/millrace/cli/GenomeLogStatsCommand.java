package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.genome.WindowLogStats;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace genome log-stats}: which windows a training visited, and how often. */
@Command(
        name = "log-stats",
        description = "Count visits of windows in access logs: coverage of each epoch, repeats, ranks.",
        footer = {
            "",
            "Examples:",
            "  millrace genome log-stats logs/ --windows train_windows.db",
            "  millrace genome log-stats window_access_train_rank*.csv --json",
            "The k-th visit of a window counts for epoch k - 1, whatever the order of rows."
        })
final class GenomeLogStatsCommand implements Callable<Integer> {
    private static final int MOST_EPOCHS = 1000;
    private static final int MOST_ROWS = 20;

    @Mixin
    private final Console console = new Console();

    @Parameters(
            arity = "1..*",
            paramLabel = "LOG.csv|DIR",
            description = "Logs, or folders of logs named window_access_*.csv.")
    private List<Path> logs = new ArrayList<>();

    @Option(
            names = "--windows",
            paramLabel = "W.db",
            description = "The window database, or the store with --split: tells how many windows there are.")
    private @Nullable Path windows;

    @Option(names = "--split", paramLabel = "NAME", description = "Which windows of the store (default all).")
    private @Nullable String split;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        String name = split == null ? Split.ALL.id() : split;
        Split chosen = Inputs.checked(() -> Split.parse(name));
        Long total = windows == null ? null : WindowLogStats.windowsOf(Inputs.file(windows), chosen);
        WindowLogStats stats = WindowLogStats.read(files(), total);
        for (Path cut : stats.cutLines()) {
            console.warn("The last line of " + cut + " is cut, as of a process that was killed; it is not counted.");
        }
        if (stats.outside() > 0) {
            console.warn(stats.outside() + " visits of windows from " + stats.windows() + " on, which " + windows
                    + " does not have: the logs are of another split or other windows.");
        }
        if (json) {
            console.printJson(fields(stats));
        } else {
            print(stats);
        }
        return ExitCode.DONE.code();
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path log : logs) {
            if (!Files.isDirectory(log)) {
                files.add(Inputs.file(log));
                continue;
            }
            List<Path> found = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(log, "window_access_*.csv")) {
                entries.forEach(found::add);
            }
            if (found.isEmpty()) {
                throw new UsageException("No logs in " + log + ": expected files named window_access_*.csv.");
            }
            Collections.sort(found);
            files.addAll(found);
        }
        return files.stream().distinct().toList();
    }

    private static Map<String, Object> fields(WindowLogStats stats) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("files", stats.files());
        fields.put("visits", stats.visits());
        fields.put("windows", stats.windows());
        fields.put("distinct_windows", stats.distinctWindows());
        fields.put("never_visited", stats.visitsPerWindow().getOrDefault(0, 0L));
        fields.put("repeats", stats.repeats());
        fields.put("beyond_epochs", stats.beyondEpochs());
        fields.put("outside", stats.outside());
        fields.put("windows_of_several_ranks", stats.sharedWindows());
        fields.put("visits_per_window", stats.visitsPerWindow());
        List<Object> epochs = new ArrayList<>();
        for (WindowLogStats.Coverage epoch : stats.coverage(MOST_EPOCHS)) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("epoch", epoch.epoch());
            row.put("visited", epoch.visited());
            row.put("coverage", epoch.share());
            epochs.add(row);
        }
        fields.put("epochs", epochs);
        List<Object> ranks = new ArrayList<>();
        stats.ranks().forEach((rank, visits) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("rank", rank);
            row.put("visits", visits.visits());
            row.put("distinct_windows", visits.distinctWindows());
            ranks.add(row);
        });
        fields.put("ranks", ranks);
        fields.put("cut_files", stats.cutLines().stream().map(Path::toString).toList());
        return fields;
    }

    private void print(WindowLogStats stats) {
        console.print(String.format(
                Locale.ROOT,
                "%,d visits of %,d of %,d windows in %,d logs; %,d repeats, %,d more than whole epochs need",
                stats.visits(),
                stats.distinctWindows(),
                stats.windows(),
                stats.files(),
                stats.repeats(),
                stats.beyondEpochs()));
        List<List<String>> rows = new ArrayList<>();
        for (WindowLogStats.Coverage epoch : stats.coverage(MOST_ROWS)) {
            rows.add(List.of(
                    Integer.toString(epoch.epoch()),
                    String.format(Locale.ROOT, "%,d", epoch.visited()),
                    String.format(Locale.ROOT, "%.2f %%", 100 * epoch.share())));
        }
        console.printTable(List.of("epoch", "windows visited", "coverage"), rows);
        if (!stats.visitsPerWindow().isEmpty() && stats.visitsPerWindow().lastKey() > MOST_ROWS) {
            console.print("… up to epoch " + (stats.visitsPerWindow().lastKey() - 1) + "; --json tells more.");
        }
        List<List<String>> ranks = new ArrayList<>();
        stats.ranks()
                .forEach((rank, visits) -> ranks.add(List.of(
                        Integer.toString(rank),
                        String.format(Locale.ROOT, "%,d", visits.visits()),
                        String.format(Locale.ROOT, "%,d", visits.distinctWindows()))));
        console.printTable(List.of("rank", "visits", "windows"), ranks);
        if (stats.ranks().size() > 1) {
            console.print(
                    String.format(Locale.ROOT, "%,d windows were visited by several ranks", stats.sharedWindows()));
        }
    }
}
