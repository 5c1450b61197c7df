package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.build.SplitRatios;
import dev.millrace.genome.ContigSplit;
import dev.millrace.genome.ContigSplitReport;
import dev.millrace.genome.MissingLibraryException;
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

/** {@code millrace genome split}: contigs into train, val and test. */
@Command(
        name = "split",
        description = {
            "Divide contigs into train, val and test.",
            "SOURCE is a genome store, which keeps the splits; or a folder of sample databases, Parquet, CSV, TSV or a FASTA"
                    + " index, with --out. The same seed gives the same splits, whatever the order of the contigs."
        },
        footerHeading = "%nExample:%n",
        footer = "  millrace genome split genomes.db --ratios 0.8,0.1,0.1 --by sample --seed 42")
final class GenomeSplitCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(index = "0", paramLabel = "SOURCE", description = "The contigs.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path source;

    @Option(
            names = "--ratios",
            paramLabel = "T,V,T",
            description = "Shares of train, val and test (default 0.8,0.1,0.1).")
    private @Nullable String ratios;

    @Option(
            names = "--by",
            paramLabel = "UNIT",
            description = "contig (default) or sample: nothing of a sample is in two splits.")
    private @Nullable String by;

    @Option(
            names = "--stratify",
            negatable = true,
            description =
                    "Divide contigs below 10,000 bases, below 100,000 and longer ones each for themselves (default by"
                            + " contig).")
    private @Nullable Boolean stratify;

    @Option(names = "--seed", paramLabel = "N", description = "Of the draw (default 42).")
    private @Nullable Long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write train_split, val_split and test_split there, too.")
    private @Nullable Path out;

    @Option(names = "--format", defaultValue = "csv", description = "Of the files: csv (default) or parquet.")
    private String format = "csv";

    @Option(
            names = "--force",
            description = "Replace other splits, and remove the windows computed from them from the store.")
    private boolean force;

    @Option(
            names = "--append",
            description = "Add contigs of the store that are in no split to the splits it has, which stay, as do their"
                    + " settings.")
    private boolean append;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(source)) {
            Inputs.file(source);
        }
        if (out != null) {
            Files.createDirectories(out);
        }
        ContigSplit split = new ContigSplit()
                .setSource(source)
                .optFolder(out)
                .optFormat(choice("--format", format, ContigSplit.Format.values()))
                .optForce(force)
                .optAppend(append);
        SplitRatios shares = SplitRatios.defaults();
        if (ratios != null) {
            String given = ratios;
            shares = Inputs.checked(() -> SplitRatios.parse(given));
            split.optRatios(shares);
        }
        ContigSplit.By unit = ContigSplit.By.CONTIG;
        if (by != null) {
            unit = choice("--by", by, ContigSplit.By.values());
            split.optBy(unit);
        }
        if (seed != null) {
            split.optSeed(seed);
        }
        if (stratify != null) {
            split.optStratified(stratify);
        }
        ContigSplitReport report;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            report = split.optProgress(progress).run();
        } catch (IllegalArgumentException | MissingLibraryException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } finally {
            interruption.end();
        }
        if (append) {
            warnOfStale(report);
        } else {
            warn(report, shares, unit == ContigSplit.By.CONTIG && !Boolean.FALSE.equals(stratify));
        }
        if (json) {
            console.printJson(fields(report));
        } else {
            print(report);
        }
        return ExitCode.DONE.code();
    }

    private static <T extends Enum<T>> T choice(String option, String text, T[] known) {
        for (T value : known) {
            if (value.name().equalsIgnoreCase(text.strip())) {
                return value;
            }
        }
        List<String> names = new ArrayList<>();
        for (T value : known) {
            names.add(value.name().toLowerCase(Locale.ROOT));
        }
        throw new UsageException(option + ": expected " + String.join(" or ", names) + ", found '" + text + "'.");
    }

    private void warn(ContigSplitReport report, SplitRatios shares, boolean byLength) {
        warnIfEmpty(report, Split.TRAIN, shares.train(), byLength);
        warnIfEmpty(report, Split.VALIDATION, shares.validation(), byLength);
        warnIfEmpty(report, Split.TEST, shares.test(), byLength);
        if (!report.droppedSets().isEmpty()) {
            console.warn("Removed the windows of " + String.join(", ", report.droppedSets())
                    + ", which were of the old splits. Compute them again with 'millrace genome precompute " + source
                    + "'.");
        }
    }

    private void warnOfStale(ContigSplitReport report) {
        if (!report.staleSets().isEmpty()) {
            console.warn("Windows of " + String.join(", ", report.staleSets())
                    + " lack those of the new contigs. Compute them again with 'millrace genome precompute " + source
                    + " --force'.");
        }
    }

    private void warnIfEmpty(ContigSplitReport report, Split split, double share, boolean byLength) {
        if (share > 0 && !report.parts().containsKey(split)) {
            console.warn("Split " + split.id() + " is empty: there are too few contigs or samples for its share"
                    + (byLength ? " among those of like length. '--no-stratify' divides all lengths together." : "."));
        }
    }

    private Map<String, Object> fields(ContigSplitReport report) {
        Map<String, Object> splits = new LinkedHashMap<>();
        report.parts().forEach((split, part) -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("contigs", part.contigs());
            fields.put("samples", part.samples());
            fields.put("bases", part.bases());
            fields.put("contigs_below_10k", part.shortContigs());
            fields.put("contigs_below_100k", part.mediumContigs());
            fields.put("contigs_from_100k", part.longContigs());
            splits.put(split.id(), fields);
        });
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("source", source.toString());
        if (!append) {
            fields.put("seed", seed == null ? 42 : seed);
            fields.put("ratios", ratios == null ? SplitRatios.defaults().toString() : ratios);
            fields.put("by", by == null ? "contig" : by);
        }
        fields.put("splits", splits);
        fields.put("files", report.files().stream().map(Path::toString).toList());
        fields.put("removed_windows_of", report.droppedSets());
        fields.put("windows_lacking_contigs", report.staleSets());
        fields.put("up_to_date", report.upToDate());
        return fields;
    }

    private void print(ContigSplitReport report) {
        if (append) {
            console.print(report.upToDate() ? "No contig of " + source + " is in no split." : "added to the splits:");
            if (report.upToDate()) {
                return;
            }
        }
        List<List<String>> rows = new ArrayList<>();
        report.parts()
                .forEach((split, part) -> rows.add(List.of(
                        split.id(),
                        number(part.contigs()),
                        number(part.samples()),
                        number(part.bases()),
                        number(part.shortContigs()),
                        number(part.mediumContigs()),
                        number(part.longContigs()))));
        console.printTable(List.of("split", "contigs", "samples", "bases", "<10k", "<100k", ">=100k"), rows);
        if (report.upToDate()) {
            console.print(source + " has these splits already.");
        }
        report.files().forEach(file -> console.print("wrote " + file));
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
