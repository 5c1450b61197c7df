package dev.millrace.cli;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.genome.Composition;
import dev.millrace.genome.GenomeOverview;
import dev.millrace.genome.LengthHistogram;
import dev.millrace.genome.Window;
import dev.millrace.genome.WindowFormat;
import dev.millrace.genome.WindowSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code millrace genome inspect}: what is in a store, a folder of samples, or a file of windows. */
@Command(
        name = "inspect",
        description = {
            "Show contigs, lengths, letters and windows of a genome store, a folder of the original's files of samples, or"
                    + " a file of windows. All bases of a folder are read.",
            "For example: millrace genome inspect genomes.db"
        })
final class GenomeInspectCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "STORE.db|DIR|WINDOWS.db", description = "What to look at.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path path;

    @Option(
            names = "--window",
            paramLabel = "I",
            description =
                    "Also print window I of each split of a store, as text; 'genome windows' prints any as tokens.")
    private @Nullable Long window;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(path)) {
            Inputs.file(path);
        }
        GenomeOverview overview;
        try {
            overview = GenomeOverview.read(path);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        Map<String, List<String>> decoded = window == null ? Map.of() : decode(overview, window);
        if (json) {
            Map<String, Object> fields = fields(overview);
            if (window != null) {
                fields.put("decoded", decoded);
            }
            console.printJson(fields);
        } else {
            print(overview);
            decoded.forEach((split, lines) -> {
                console.print("");
                console.print("split " + split);
                lines.forEach(console::print);
            });
        }
        return ExitCode.DONE.code();
    }

    /** One window of each split of a store, by the default format. */
    private Map<String, List<String>> decode(GenomeOverview overview, long index) {
        Map<String, List<String>> decoded = new LinkedHashMap<>();
        for (GenomeOverview.Windows windows : overview.windows()) {
            if (windows.split().isEmpty()) {
                break;
            }
            WindowFormat format =
                    WindowFormat.builder(windows.geometry().windowSize()).build();
            WindowSource.Options options =
                    WindowSource.Options.of(path, null, Split.parse(windows.split()), format, 0, -1);
            try (WindowSource source = WindowSource.open(options);
                    RowReader<Window> reader = source.openReader()) {
                Window row = reader.read(new long[] {index}).get(0);
                decoded.put(windows.split(), WindowView.lines(format, row, format.encode(row)));
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                throw new UsageException("--window: " + e.getMessage());
            }
        }
        if (decoded.isEmpty()) {
            throw new UsageException("--window: expected a store with windows, found none in " + path
                    + ". Run 'millrace genome windows' with --sequences and --windows.");
        }
        return decoded;
    }

    private Map<String, Object> fields(GenomeOverview overview) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path", path.toString());
        fields.put("layout", overview.layout());
        fields.put("contigs", overview.contigs());
        Composition letters = overview.composition();
        if (letters != null) {
            fields.put("samples", overview.samples());
            fields.put("bases", letters.total());
            fields.put("n_share", share(letters.unknown(), letters.total()));
            fields.put("lower_case_share", share(letters.lower(), letters.total()));
            fields.put("other_share", share(letters.other(), letters.total()));
            Map<String, Long> counts = new LinkedHashMap<>();
            letters.counts().forEach((code, count) -> counts.put(Character.toString(code), count));
            fields.put("letters", counts);
        }
        fields.put("lengths", overview.lengths());
        List<Map<String, Object>> sets = new ArrayList<>();
        for (GenomeOverview.Windows windows : overview.windows()) {
            sets.add(fields(windows));
        }
        fields.put("windows", sets);
        fields.put("info", overview.info());
        return fields;
    }

    private static Map<String, Object> fields(GenomeOverview.Windows windows) {
        Map<String, Object> set = new LinkedHashMap<>();
        if (!windows.split().isEmpty()) {
            set.put("split", windows.split());
        }
        set.put("window_size", windows.geometry().windowSize());
        set.put("stride", windows.geometry().stride());
        set.put("window_min_length_threshold", windows.geometry().minLength());
        set.put("tail", windows.geometry().tail().id());
        set.put("total_windows", windows.totalWindows());
        set.put("distinct_sequences", windows.distinctSequences());
        if (windows.lostBases() >= 0) {
            set.put("lost_bases", windows.lostBases());
        }
        return set;
    }

    private void print(GenomeOverview overview) {
        Composition letters = overview.composition();
        if (letters == null) {
            console.print(
                    String.format(Locale.ROOT, "%s: %s, %,d contigs", path, overview.layout(), overview.contigs()));
        } else {
            console.print(String.format(
                    Locale.ROOT,
                    "%s: %s, %,d contigs, %,d bases of %,d samples",
                    path,
                    overview.layout(),
                    overview.contigs(),
                    letters.total(),
                    overview.samples()));
            console.print(String.format(
                    Locale.ROOT,
                    "N %.2f %%, lower case %.2f %%, other than A, C, G, T, N %.2f %%",
                    100 * share(letters.unknown(), letters.total()),
                    100 * share(letters.lower(), letters.total()),
                    100 * share(letters.other(), letters.total())));
        }
        if (!overview.lengths().isEmpty()) {
            console.print("");
            console.printTable(
                    List.of("length", "contigs", "bases"),
                    overview.lengths().stream().map(GenomeInspectCommand::row).toList());
        }
        if (!overview.windows().isEmpty()) {
            console.print("");
            console.printTable(
                    List.of("split", "window", "stride", "threshold", "tail", "windows", "contigs", "lost bases"),
                    overview.windows().stream().map(GenomeInspectCommand::row).toList());
        }
        if (!overview.info().isEmpty()) {
            console.print("");
            console.printTable(
                    List.of("key", "value"),
                    overview.info().entrySet().stream()
                            .map(entry -> List.of(entry.getKey(), entry.getValue()))
                            .toList());
        }
    }

    private static List<String> row(LengthHistogram.Bin bin) {
        return List.of(
                String.format(Locale.ROOT, "%,d", bin.from()),
                String.format(Locale.ROOT, "%,d", bin.contigs()),
                String.format(Locale.ROOT, "%,d", bin.bases()));
    }

    private static List<String> row(GenomeOverview.Windows windows) {
        return List.of(
                windows.split().isEmpty() ? "-" : windows.split(),
                Integer.toString(windows.geometry().windowSize()),
                Integer.toString(windows.geometry().stride()),
                Integer.toString(windows.geometry().minLength()),
                windows.geometry().tail().id(),
                Long.toString(windows.totalWindows()),
                Long.toString(windows.distinctSequences()),
                windows.lostBases() < 0 ? "unknown" : Long.toString(windows.lostBases()));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
