package dev.millrace.cli;

import dev.millrace.build.SplitRatios;
import dev.millrace.pcqm.PcqmAdapter;
import dev.millrace.pcqm.PcqmBuildReport;
import dev.millrace.pcqm.PcqmBuilder;
import dev.millrace.pcqm.PcqmLayout;
import dev.millrace.pcqm.PcqmSplitChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace pcqm build}: from molecules with their gaps to a database of graphs. */
@Command(
        name = "build",
        description =
                "Build a database of graphs from PCQM4Mv2, or add molecules to one. It appears whole or not at all; an"
                        + " interrupted build goes on with --resume.")
final class PcqmBuildCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Source source;

    @Option(names = "--out", required = true, paramLabel = "D.db", description = "The database to build.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(names = "--layout", description = "${COMPLETION-CANDIDATES} (default rows).")
    private @Nullable PcqmLayout layout;

    @Option(
            names = "--graphs-per-block",
            paramLabel = "N",
            description = "Graphs in a row of layout blocks (default " + PcqmBuilder.DEFAULT_GRAPHS_PER_BLOCK + ").")
    private @Nullable Integer graphsPerBlock;

    @Option(
            names = "--feature-spec",
            paramLabel = "SPEC",
            description = "Molecule features: ogb-9-3 (default) or bitspec-48-6 from CSV and SDF; pyg-9-3 (default) or"
                    + " ogb-9-3 from a PyTorch Geometric database.")
    private @Nullable String featureSpec;

    @Option(
            names = "--adapter",
            description = "What models take by default: ${COMPLETION-CANDIDATES} (default native).")
    private @Nullable PcqmAdapter adapter;

    @Option(
            names = "--targets",
            split = ",",
            paramLabel = "NAME",
            description = "Further columns of the CSV file that become targets.")
    private @Nullable List<String> targets;

    @Option(
            names = "--gap-field",
            paramLabel = "NAME",
            description = "Data field of the SD file that holds the gap (default homolumogap).")
    private @Nullable String gapField;

    @Option(names = "--gaps", paramLabel = "F.csv", description = "Gaps for an SD file without: CSV idx,homolumogap.")
    private @Nullable Path gaps;

    @Mixin
    private final SplitFlags split = new SplitFlags();

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: as many as processors).")
    private @Nullable Integer threads;

    @Option(names = "--no-smiles", description = "Leave out the SMILES.")
    private boolean withoutSmiles;

    @Option(
            names = "--indexes",
            description =
                    "${COMPLETION-CANDIDATES}: the index by split only (default), or those by number of atoms and by gap"
                            + " as well.")
    private @Nullable Indexes indexes;

    @Mixin
    private final Replacement replacement = new Replacement();

    @Option(names = "--resume", description = "Go on with an interrupted build of the same input and settings.")
    private boolean resume;

    @Option(
            names = "--rejects",
            paramLabel = "R.tsv",
            description = "Write what was rejected: file, record, idx, reason, detail.")
    private @Nullable Path rejects;

    @Option(
            names = "--max-rejects",
            defaultValue = "0.05",
            paramLabel = "SHARE",
            description = "Largest share of rejected input (default 0.05); beyond it nothing is published.")
    private double maxRejects;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** Indexes beside the keys. */
    enum Indexes {
        SPLIT,
        SOURCE
    }

    /** Where the molecules are; files ending in .gz are unpacked on the way. */
    static final class Source {
        @Option(
                names = "--csv",
                required = true,
                paramLabel = "F.csv[.gz]",
                description = "Columns idx,smiles,homolumogap, as Open Graph Benchmark's data.csv.gz.")
        private @Nullable Path csv;

        @Option(
                names = "--pyg-db",
                required = true,
                paramLabel = "sqlite.db",
                description = "PyTorch Geometric's processed/sqlite.db.")
        private @Nullable Path pyg;

        @Option(names = "--sdf", required = true, paramLabel = "F.sdf[.gz]", description = "An SD file.")
        private @Nullable Path sdf;

        Path giveTo(PcqmBuilder builder) {
            if (csv != null) {
                builder.setCsv(Inputs.file(csv));
                return csv;
            } else if (pyg != null) {
                builder.setPygDatabase(Inputs.file(pyg));
                return pyg;
            }
            Path file = Inputs.file(Objects.requireNonNull(sdf));
            builder.setSdf(file);
            return file;
        }
    }

    /** How molecules are divided. */
    static final class SplitFlags {
        @Option(
                names = "--split",
                paramLabel = "own|ratios|FILE",
                description =
                        "own: by the data set's ranges of idx; ratios: seeded shares; or a file, CSV idx,split or JSON"
                                + " {\"train\":[...],...}. Default: own if the input reaches into the validation range, else ratios.")
        private @Nullable String rule;

        @Option(
                names = "--split-ratios",
                paramLabel = "T,V,T",
                description = "Shares of train, val and test (default 0.8,0.1,0.1).")
        private @Nullable String ratios;

        @Option(names = "--seed", description = "Seed of shares and --max-samples (default 42).")
        private @Nullable Long seed;

        @Option(names = "--max-samples", paramLabel = "N", description = "Take N records, chosen by the seed.")
        private @Nullable Integer maxSamples;

        void giveTo(PcqmBuilder builder) {
            builder.optSplit(choice());
            if (seed != null) {
                builder.optSeed(seed);
            }
            if (ratios != null) {
                String shares = ratios;
                if (rule != null && !rule.equals("ratios")) {
                    throw new UsageException("--split-ratios: expected --split ratios with it, found --split " + rule
                            + ", which takes none.");
                }
                builder.optSplitRatios(Inputs.checked(() -> SplitRatios.parse(shares)));
            }
            if (maxSamples != null) {
                Inputs.range("--max-samples", maxSamples, 1, Integer.MAX_VALUE);
                builder.optMaxSamples(maxSamples);
            }
        }

        /** The file that tells the splits; null if there is none. */
        @Nullable
        Path file() {
            return rule == null || rule.equals("own") || rule.equals("ratios") ? null : Path.of(rule);
        }

        private PcqmSplitChoice choice() {
            if (rule == null) {
                return PcqmSplitChoice.automatic();
            }
            return switch (rule) {
                case "own" -> PcqmSplitChoice.own();
                case "ratios" -> PcqmSplitChoice.ratios();
                default -> {
                    Path file = Path.of(rule);
                    if (!Files.isRegularFile(file)) {
                        throw new UsageException("--split: expected own, ratios or a file, found '" + rule + "'.");
                    }
                    yield PcqmSplitChoice.file(file);
                }
            };
        }
    }

    @Override
    public Integer call() throws IOException {
        PcqmBuilder builder = builder();
        boolean interrupted = PcqmBuilder.hasPartial(out);
        if (interrupted) {
            console.note(
                    resume
                            ? "Going on with the interrupted build of " + out + "."
                            : "Giving up the interrupted build of " + out + ": without --resume it begins anew.");
        }
        PcqmBuildReport report;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            report = build(builder.optProgress(progress));
        } finally {
            if (Thread.currentThread().isInterrupted() && PcqmBuilder.hasPartial(out)) {
                console.note("Go on with: " + resumeCommand());
            }
            interruption.end();
        }
        if (report.unlabelled() == report.molecules()) {
            console.warn("No molecule of " + out
                    + " has a gap, so there is nothing to train on: expected numbers in the column"
                    + " homolumogap of a CSV, or with an SDF '--gap-field' or '--gaps'.");
        }
        if (json) {
            console.printJson(fields(report));
        } else {
            print(report);
        }
        return ExitCode.DONE.code();
    }

    private PcqmBuilder builder() throws IOException {
        requireTogether();
        PcqmBuilder builder = new PcqmBuilder();
        List<Path> inputs = new ArrayList<>(List.of(source.giveTo(builder)));
        if (gaps != null) {
            inputs.add(Inputs.file(gaps));
        }
        split.giveTo(builder);
        if (split.file() != null) {
            inputs.add(split.file());
        }
        builder.setDatabase(replacement.output(out, inputs.toArray(Path[]::new)))
                .optFeatureSpec(featureSpec)
                .optGaps(gaps)
                .optRebuild(replacement.rebuild())
                .optAppend(replacement.append())
                .optSpaceCheck(replacement.checksSpace())
                .optResume(resume);
        giveSettings(builder);
        if (gapField != null) {
            builder.optGapField(gapField);
        }
        if (rejects != null) {
            inputs.add(out);
            builder.optRejects(Inputs.report(rejects, inputs.toArray(Path[]::new)));
        }
        Inputs.checked(() -> builder.optMaxRejects(maxRejects));
        if (threads != null) {
            Inputs.range("--threads", threads, 1, 1024);
            builder.optThreads(threads);
        }
        return builder;
    }

    /** Those that were given: what is not is as it is by default, or in the database that is added to. */
    private void giveSettings(PcqmBuilder builder) {
        if (layout != null) {
            builder.optLayout(layout);
        }
        if (adapter != null) {
            builder.optAdapter(adapter);
        }
        if (targets != null) {
            List<String> names = targets;
            Inputs.checked(() -> builder.optTargets(names));
        }
        if (graphsPerBlock != null) {
            int count = graphsPerBlock;
            Inputs.checked(() -> builder.optGraphsPerBlock(count));
        }
        if (withoutSmiles) {
            builder.optSmiles(false);
        }
        if (indexes != null) {
            builder.optSourceIndexes(indexes == Indexes.SOURCE);
        }
    }

    /** An option that would not be looked at is a mistake of whoever gave it. */
    private void requireTogether() {
        if (graphsPerBlock != null && layout != PcqmLayout.BLOCKS && !replacement.append()) {
            throw new UsageException("--graphs-per-block: expected --layout blocks with it, found --layout rows.");
        }
        if (gapField != null && source.sdf == null) {
            throw new UsageException("--gap-field: expected --sdf with it, found another input.");
        }
        if (gapField != null && gaps != null) {
            throw new UsageException("Expected one origin of gaps, found --gap-field and --gaps. Leave one out.");
        }
    }

    /** Options that contradict each other or the input are wrong usage. */
    private static PcqmBuildReport build(PcqmBuilder builder) throws IOException {
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private String resumeCommand() {
        StringBuilder command = new StringBuilder("./millrace");
        for (String word : spec.root().commandLine().getParseResult().originalArgs()) {
            boolean plain = word.matches("[A-Za-z0-9_./,:=@%+-]+");
            command.append(' ').append(plain ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return command + (resume ? "" : " --resume");
    }

    /** What a program reads: names as in {@code dataset_info}, the path as the user gave it. */
    private Map<String, Object> fields(PcqmBuildReport report) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", out.toString());
        fields.put("up_to_date", report.upToDate());
        fields.put("resumed_from", report.resumedFrom());
        fields.put("records_present", report.recordsPresent());
        fields.put("molecules", report.molecules());
        fields.put("unlabelled", report.unlabelled());
        fields.put("rejected", report.rejected());
        fields.put("left_out", report.leftOut());
        fields.put("layout", report.layout());
        fields.put("feature_spec", report.featureSpec());
        fields.put("split_rule", report.splitRule());
        fields.put("splits", new TreeMap<>(report.splits()));
        fields.put("rejects", new TreeMap<>(report.rejects()));
        fields.put("bytes", Files.size(out));
        fields.put("fingerprint", report.fingerprint());
        fields.put("seconds", report.seconds());
        PcqmBuildReport.Appended appended = report.appended();
        if (appended != null) {
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("records", appended.records());
            more.put("added", appended.added());
            more.put("already_stored", appended.alreadyStored());
            more.put("rejected", appended.rejected());
            more.put("left_out", appended.leftOut());
            fields.put("appended", more);
        }
        return fields;
    }

    private void print(PcqmBuildReport report) throws IOException {
        PcqmBuildReport.Appended appended = report.appended();
        if (report.upToDate()) {
            console.print(out + " is up to date: "
                    + (appended != null
                            ? "it has all molecules of this input that can be used."
                            : replacement.append() ? "it has this input." : "the same input and settings."));
            return;
        }
        if (appended != null) {
            console.print(String.format(
                    Locale.ROOT,
                    "%,d of %,d records added, %,d there already, %,d rejected, %,d left out",
                    appended.added(),
                    appended.records(),
                    appended.alreadyStored(),
                    appended.rejected(),
                    appended.leftOut()));
        }
        console.print(String.format(
                Locale.ROOT,
                "%s: %,d molecules in %.1f s, %,d bytes, layout %s, features %s",
                out,
                report.molecules(),
                report.seconds(),
                Files.size(out),
                report.layout(),
                report.featureSpec()));
        long repeated = report.recordsPresent() - report.molecules() - report.rejected() - report.leftOut();
        console.print(String.format(
                Locale.ROOT,
                "records: %,d present = %,d molecules (%,d without a gap) + %,d rejected + %,d left out%s",
                report.recordsPresent(),
                report.molecules(),
                report.unlabelled(),
                report.rejected(),
                report.leftOut(),
                repeated == 0 ? "" : String.format(Locale.ROOT, " + %,d there already", repeated)));
        if (report.resumedFrom() > 0) {
            console.print(String.format(Locale.ROOT, "resumed after record %,d", report.resumedFrom()));
        }
        if (!report.rejects().isEmpty()) {
            console.print("reasons: " + new TreeMap<>(report.rejects()));
        }
        console.print("splits by " + report.splitRule() + ": " + new TreeMap<>(report.splits()));
    }
}
