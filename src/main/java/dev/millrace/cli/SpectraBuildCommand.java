package dev.millrace.cli;

import dev.millrace.build.SplitRatios;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.spectra.SpectraBuildReport;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectrumOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace spectra build}: from an MSP file and MOL files to a database. */
@Command(
        name = "build",
        description =
                "Build a database from an MSP file and a folder of ID<n>.MOL files, or add them to one. It appears whole or"
                        + " not at all.")
final class SpectraBuildCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--msp", required = true, paramLabel = "F.msp", description = "The spectra.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path msp;

    @Option(names = "--mol-dir", required = true, paramLabel = "DIR", description = "The molecules, ID<n>.MOL.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path molFolder;

    @Option(names = "--out", required = true, paramLabel = "D.db", description = "The database to build.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(
            names = "--spec",
            paramLabel = "SPEC",
            description = "Molecule features: bitspec-48-6 (default) or ogb-9-3.")
    private @Nullable String spec;

    @Option(
            names = "--split",
            paramLabel = "T,V,T",
            description = "Shares of train, val and test (default 0.8,0.1,0.1). Equal structures stay together.")
    private @Nullable String split;

    @Option(names = "--seed", description = "Seed of splits and --max-samples (default 42).")
    private @Nullable Long seed;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: as many as processors).")
    private @Nullable Integer threads;

    @Option(names = "--max-samples", paramLabel = "N", description = "Take N records, chosen by the seed.")
    private @Nullable Integer maxSamples;

    @Mixin
    private final Replacement replacement = new Replacement();

    @Option(
            names = "--rejects",
            paramLabel = "R.tsv",
            description = "Write what was rejected: file, line, id, reason, detail.")
    private @Nullable Path rejects;

    @Option(
            names = "--max-rejects",
            defaultValue = "0.05",
            paramLabel = "SHARE",
            description = "Largest share of rejected input (default 0.05); beyond it nothing is published.")
    private double maxRejects;

    @Mixin
    private final SpectrumFlags spectrum = new SpectrumFlags();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** How a spectrum becomes a vector; what is not given is as it is by default, or in the database that is added to. */
    static final class SpectrumFlags {
        @Option(names = "--max-mz", description = "End of the m/z range (default 1000).")
        private @Nullable Double maxMz;

        @Option(names = "--mz-bin-size", description = "Width of a bin in m/z (default 1).")
        private @Nullable Double binSize;

        @Option(names = "--binning", description = "Bin of a peak: ${COMPLETION-CANDIDATES} (default floor).")
        private SpectrumOptions.@Nullable Binning binning;

        @Option(names = "--mz-origin", description = "Number of the first bin, 0 (default) or 1.")
        private @Nullable Integer origin;

        @Option(names = "--transform", description = "Applied to intensities: ${COMPLETION-CANDIDATES} (default none).")
        private SpectrumOptions.@Nullable Transform transform;

        @Option(
                names = "--min-intensity",
                description = "Intensities below this share of the base peak become 0 (default 0).")
        private @Nullable Double minIntensity;

        @Option(names = "--raw-intensity", description = "Keep intensities as they are; otherwise the base peak is 1.")
        private boolean raw;

        SpectrumOptions over(SpectrumOptions base) {
            return Inputs.checked(() -> new SpectrumOptions(
                    maxMz == null ? base.maxMassToCharge() : maxMz,
                    binSize == null ? base.binSize() : binSize,
                    binning == null ? base.binning() : binning,
                    origin == null ? base.origin() : origin,
                    transform == null ? base.transform() : transform,
                    minIntensity == null ? base.minIntensity() : minIntensity,
                    raw ? SpectrumOptions.Scale.RAW : base.scale()));
        }
    }

    @Override
    public Integer call() throws IOException {
        SpectraBuilder builder = new SpectraBuilder()
                .setMsp(Inputs.file(msp))
                .setMolFolder(Inputs.folder(molFolder))
                .setDatabase(replacement.output(out, msp))
                .optSpectrumChange(spectrum::over)
                .optRebuild(replacement.rebuild())
                .optAppend(replacement.append())
                .optSpaceCheck(replacement.checksSpace())
                .optRejects(rejects == null ? null : Inputs.report(rejects, msp, out));
        giveSettings(builder);
        Inputs.checked(() -> builder.optMaxRejects(maxRejects));
        if (threads != null) {
            Inputs.range("--threads", threads, 1, 1024);
            builder.optThreads(threads);
        }
        if (maxSamples != null) {
            Inputs.range("--max-samples", maxSamples, 1, Integer.MAX_VALUE);
            builder.optMaxSamples(maxSamples);
        }
        SpectraBuildReport report;
        // Ctrl-C takes away what is half built.
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            report = builder.optProgress(progress).build();
        } finally {
            interruption.end();
        }
        if (report.compounds() > 0 && report.withGraph() == 0) {
            console.warn("No compound of " + out
                    + " has a graph, so there is nothing to train on: expected files ID<number>.MOL" + " in "
                    + molFolder + " whose numbers are in " + msp + ", or SMILES there.");
        }
        if (json) {
            console.printJson(fields(report));
        } else {
            print(report);
        }
        return ExitCode.DONE.code();
    }

    private void giveSettings(SpectraBuilder builder) {
        if (spec != null) {
            String name = spec;
            builder.optFeatureSpec(Inputs.checked(() -> FeatureSpec.named(name)).id());
        }
        if (split != null) {
            String shares = split;
            builder.optSplitRatios(Inputs.checked(() -> SplitRatios.parse(shares)));
        }
        if (seed != null) {
            builder.optSeed(seed);
        }
    }

    /** What a program reads: names as in {@code dataset_info}, the path as the user gave it. */
    private Map<String, Object> fields(SpectraBuildReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", out.toString());
        fields.put("up_to_date", report.upToDate());
        fields.put("spectra_present", report.spectraPresent());
        fields.put("spectra_read", report.spectraRead());
        fields.put("spectra_rejected", report.spectraRejected());
        fields.put("stray_blocks", report.strayBlocks());
        fields.put("compounds", report.compounds());
        fields.put("with_graph", report.withGraph());
        fields.put("without_graph", report.withoutGraph());
        fields.put("bad_structures", report.badStructures());
        fields.put("splits", new TreeMap<>(report.splits()));
        fields.put("rejects", new TreeMap<>(report.rejects()));
        fields.put("fingerprint", report.fingerprint());
        fields.put("seconds", report.seconds());
        SpectraBuildReport.Appended appended = report.appended();
        if (appended != null) {
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("records", appended.records());
            more.put("added", appended.added());
            more.put("already_stored", appended.alreadyStored());
            more.put("rejected", appended.rejected());
            more.put("with_graph", appended.withGraph());
            more.put("between_splits", appended.betweenSplits());
            more.put("splits", new TreeMap<>(appended.splits()));
            fields.put("appended", more);
        }
        return fields;
    }

    private void print(SpectraBuildReport report) {
        SpectraBuildReport.Appended appended = report.appended();
        if (report.upToDate()) {
            console.print(out + " is up to date: "
                    + (appended != null
                            ? "it has all records of " + msp + " that can be used."
                            : replacement.append() ? "it has this input." : "the same inputs and settings."));
            return;
        }
        if (appended != null) {
            print(appended);
        }
        console.print(
                String.format(Locale.ROOT, "%s: %,d compounds in %.1f s", out, report.compounds(), report.seconds()));
        console.print(String.format(
                Locale.ROOT,
                "spectra: %,d present = %,d read + %,d rejected",
                report.spectraPresent(),
                report.spectraRead(),
                report.spectraRejected()));
        console.print(String.format(
                Locale.ROOT,
                "graphs: %,d with, %,d without (%,d structures could not be used)",
                report.withGraph(),
                report.withoutGraph(),
                report.badStructures()));
        if (!report.rejects().isEmpty()) {
            console.print("reasons: " + new TreeMap<>(report.rejects()));
        }
        console.print("splits: " + new TreeMap<>(report.splits()));
    }

    private void print(SpectraBuildReport.Appended appended) {
        console.print(String.format(
                Locale.ROOT,
                "%s: %,d of %,d records added (%,d with a graph), %,d there already, %,d rejected",
                msp,
                appended.added(),
                appended.records(),
                appended.withGraph(),
                appended.alreadyStored(),
                appended.rejected()));
        console.print("added to splits: " + new TreeMap<>(appended.splits()));
        if (appended.betweenSplits() > 0) {
            console.warn(String.format(
                    Locale.ROOT,
                    "%,d compounds are in no split: they link structures of two, and would let one be known from the"
                            + " other.",
                    appended.betweenSplits()));
        }
    }
}
