package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.genome.GenomeStore;
import dev.millrace.genome.MissingLibraryException;
import dev.millrace.genome.SplitFile;
import dev.millrace.genome.Tail;
import dev.millrace.genome.WindowGeometry;
import dev.millrace.genome.WindowIndexBuilder;
import dev.millrace.genome.WindowIndexReport;
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

/** {@code millrace genome precompute}: where the windows of contigs lie. */
@Command(
        name = "precompute",
        description = {
            "Compute where the windows of a split lie, into a window database or a genome store.",
            "SPLIT is Parquet, CSV or TSV with the columns contig_id and length, a FASTA index (.fai), a genome store or a"
                    + " folder of sample databases. OUT.db is a genome store that is there, else the window database to make."
                    + " A genome store without OUT.db gets the windows of each of its splits."
        },
        footerHeading = "%nExample:%n",
        footer = "  millrace genome precompute train_split.parquet train_windows.db --window-size 8192 --stride 7992")
final class GenomePrecomputeCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final SpaceCheck space = new SpaceCheck();

    @Parameters(index = "0", paramLabel = "SPLIT", description = "Contigs with their lengths.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path source;

    @Parameters(index = "1", arity = "0..1", paramLabel = "OUT.db", description = "Where the windows go.")
    private @Nullable Path out;

    @Option(
            names = "--window-size",
            defaultValue = "8192",
            paramLabel = "W",
            description = "Tokens of a window (8192).")
    private int windowSize;

    @Option(
            names = "--stride",
            defaultValue = "7992",
            paramLabel = "S",
            description = "Bases from the start of one window to that of the next (7992).")
    private int stride;

    @Option(
            names = "--window-min-length-threshold",
            defaultValue = "0",
            paramLabel = "T",
            description = "Leave out windows of fewer bases (0: none).")
    private int threshold;

    @Option(
            names = "--tail",
            defaultValue = "drop",
            paramLabel = "POLICY",
            description =
                    "What becomes of the bases after the last whole window: drop (default, as the original), keep (a shorter"
                            + " window) or shift (a whole window that ends with the contig).")
    private String tail = "drop";

    @Option(
            names = "--split",
            paramLabel = "NAME",
            description = "Which split of a genome store: train, val, test or all.")
    private @Nullable String split;

    @Option(names = "--control-tags", description = "Check the stride for windows with control tags.")
    private boolean controlTags;

    @Option(names = "--allow-empty", description = "Accept that there are no windows.")
    private boolean allowEmpty;

    @Option(names = "--force", description = "Replace windows of other contigs or settings.")
    private boolean force;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        WindowGeometry geometry =
                Inputs.checked(() -> new WindowGeometry(windowSize, stride, threshold, parseTail(tail)));
        @Nullable Split chosen = split == null ? null : Inputs.checked(() -> Split.parse(String.valueOf(split)));
        if (!Files.isDirectory(source)) {
            Inputs.file(source);
        }
        boolean fromStore = GenomeStore.isStore(source);
        Path target = target(fromStore);
        boolean intoStore = GenomeStore.isStore(target);
        if (chosen != null && !fromStore && !intoStore) {
            throw new UsageException("--split: expected a genome store to read from or to write to, found none: "
                    + source + " holds one split, and " + target + " is one window database.");
        }
        List<WindowIndexReport> reports = new ArrayList<>();
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            for (Split each : splits(chosen, fromStore)) {
                reports.add(build(geometry, target, each, progress));
            }
        } finally {
            interruption.end();
        }
        reports.forEach(this::warn);
        if (json) {
            List<Map<String, Object>> all = reports.stream().map(this::fields).toList();
            console.printJson(out == null ? Map.of("sets", all) : all.get(0));
        } else {
            reports.forEach(this::print);
        }
        return ExitCode.DONE.code();
    }

    private Path target(boolean fromStore) throws IOException {
        if (out == null) {
            if (!fromStore) {
                throw new UsageException("Expected OUT.db: " + source
                        + " is no genome store that its windows could be added to. Name the window database to make.");
            }
            return source;
        }
        boolean same = fromStore && Files.exists(out) && Files.isSameFile(source, out);
        return same ? source : Inputs.output(out, source);
    }

    /** Without OUT.db each split that contigs were assigned to; all contigs where none were. */
    private List<Split> splits(@Nullable Split chosen, boolean fromStore) {
        if (chosen != null || out != null) {
            return List.of(chosen == null ? Split.ALL : chosen);
        }
        List<Split> assigned = fromStore ? SplitFile.splitsOf(source) : List.of();
        return assigned.isEmpty() ? List.of(Split.ALL) : assigned;
    }

    private WindowIndexReport build(WindowGeometry geometry, Path target, Split each, PhaseProgress progress)
            throws IOException {
        try {
            return new WindowIndexBuilder()
                    .setGeometry(geometry)
                    .setContigs(SplitFile.open(source, each))
                    .setOutput(target)
                    .optSplit(each)
                    .optForce(force)
                    .optAllowEmpty(allowEmpty)
                    .optSpaceCheck(space.isWanted())
                    .optProgress(progress)
                    .build();
        } catch (IllegalArgumentException | MissingLibraryException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static Tail parseTail(String text) {
        for (Tail known : Tail.values()) {
            if (known.id().equals(text.strip().toLowerCase(Locale.ROOT))) {
                return known;
            }
        }
        throw new IllegalArgumentException("--tail: expected drop, keep or shift, found '" + text + "'.");
    }

    private void warn(WindowIndexReport report) {
        if (report.hole() > 0) {
            console.warn(String.format(
                    Locale.ROOT,
                    "%sHoles of %,d bases between windows: expected a stride of at most the %,d bases that fit beside BOS and"
                            + " EOS, found %,d. What lies in a hole is never among the tokens.",
                    of(report),
                    report.hole(),
                    stride - report.hole(),
                    stride));
        }
        if (controlTags && report.taggedHole() > 0) {
            console.warn(String.format(
                    Locale.ROOT,
                    "%sHoles of %,d bases between windows with the control tag <ctrl_%s>: expected a stride of at most the"
                            + " %,d bases that fit beside it, found %,d.",
                    of(report),
                    report.taggedHole(),
                    report.longestTag().toLowerCase(Locale.ROOT),
                    stride - report.taggedHole(),
                    stride));
        }
    }

    private static String of(WindowIndexReport report) {
        return report.split().isEmpty() ? "" : "split " + report.split() + ": ";
    }

    private Map<String, Object> fields(WindowIndexReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output", report.output());
        fields.put("split", report.split().isEmpty() ? null : report.split());
        fields.put("window_size", windowSize);
        fields.put("stride", stride);
        fields.put("window_min_length_threshold", threshold);
        fields.put("tail", report.geometry().tail().id());
        fields.put("contigs", report.contigs());
        fields.put("total_windows", report.windows());
        fields.put("distinct_sequences", report.distinctSequences());
        fields.put("skipped_windows", report.skippedWindows());
        fields.put("skipped_contigs", report.skippedContigs());
        fields.put("bases", report.bases());
        fields.put("lost_bases", report.lostBases());
        fields.put("unread_bases", report.unreadBases());
        fields.put("hole_bases", report.hole());
        fields.put("hole_bases_control_tags", report.taggedHole());
        fields.put("longest_control_tag", report.longestTag());
        fields.put("up_to_date", report.upToDate());
        fields.put("seconds", report.seconds());
        return fields;
    }

    private void print(WindowIndexReport report) {
        console.print(String.format(
                Locale.ROOT,
                "%s%s: %,d windows of %,d contigs%s",
                of(report),
                report.output(),
                report.windows(),
                report.distinctSequences(),
                report.upToDate()
                        ? "; up to date: the same contigs and settings"
                        : String.format(Locale.ROOT, " in %.1f s", report.seconds())));
        console.print(String.format(
                Locale.ROOT,
                "  skipped: %,d windows shorter than %,d bases, %,d contigs without windows",
                report.skippedWindows(),
                threshold,
                report.skippedContigs()));
        console.print(String.format(
                Locale.ROOT,
                "  bases: %,d, of them %,d (%s) in no window, %,d (%s) never among the tokens with BOS and EOS",
                report.bases(),
                report.lostBases(),
                share(report.lostBases(), report.bases()),
                report.unreadBases(),
                share(report.unreadBases(), report.bases())));
        if (!controlTags && report.hole() == 0 && report.taggedHole() > 0) {
            console.print(String.format(
                    Locale.ROOT,
                    "  with control tags there would be holes of %,d bases between windows (longest tag <ctrl_%s>)",
                    report.taggedHole(),
                    report.longestTag().toLowerCase(Locale.ROOT)));
        }
    }

    private static String share(long part, long whole) {
        return whole == 0 ? "0 %" : String.format(Locale.ROOT, "%.2f %%", 100.0 * part / whole);
    }
}
