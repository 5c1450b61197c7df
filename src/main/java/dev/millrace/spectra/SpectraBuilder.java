package dev.millrace.spectra;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectFile;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.build.Workers;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Builds a spectra database from an MSP file and a folder of MOL files.
 *
 * {@snippet :
 * SpectraBuildReport report = new SpectraBuilder()
 *         .setMsp(Path.of("nist.msp")).setMolFolder(Path.of("mol")).setDatabase(Path.of("nist.db"))
 *         .optSeed(42).optThreads(4).build();
 * }
 *
 * <p>The database appears complete or not at all. The same inputs, settings and seed give the same rows for any number of
 * threads. When it exists already and was built from the same inputs with the same settings, nothing is done.
 *
 * <p>One thread at a time. Memory: a few thousand compounds, plus the ids and group keys of all.
 */
public final class SpectraBuilder {
    /** Share of rejected records beyond which nothing is published. */
    public static final double DEFAULT_MAX_REJECTS = 0.05;

    private static final String SAME_SETTINGS = "the settings are the same, but the MSP file or the MOL files changed";

    private @Nullable Path msp;
    private @Nullable Path molFolder;
    private @Nullable Path database;
    private String featureSpec = "bitspec-48-6";
    private SpectrumOptions spectrum = SpectrumOptions.defaults();
    private SplitRatios ratios = SplitRatios.defaults();
    private long seed = 42;
    private int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    private int maxSamples;
    private double maxRejects = DEFAULT_MAX_REJECTS;
    private boolean rebuild;
    private @Nullable Path rejects;
    private BuildProgress progress = BuildProgress.NONE;
    private long maxPages;

    public SpectraBuilder setMsp(Path file) {
        msp = file;
        return this;
    }

    /** Folder of {@code ID<n>.MOL} files. */
    public SpectraBuilder setMolFolder(Path folder) {
        molFolder = folder;
        return this;
    }

    /** The file to build. */
    public SpectraBuilder setDatabase(Path file) {
        database = file;
        return this;
    }

    /** Feature specification of the graphs: {@code bitspec-48-6} (default) or {@code ogb-9-3}. */
    public SpectraBuilder optFeatureSpec(String name) {
        featureSpec = name;
        return this;
    }

    public SpectraBuilder optSpectrum(SpectrumOptions options) {
        spectrum = options;
        return this;
    }

    /** Shares of train, val and test; 0.8, 0.1, 0.1 by default. */
    public SpectraBuilder optSplitRatios(SplitRatios shares) {
        ratios = shares;
        return this;
    }

    /** Decides the split, and the subset of {@link #optMaxSamples}; 42 by default. */
    public SpectraBuilder optSeed(long value) {
        seed = value;
        return this;
    }

    /** Threads that compute features; all processors by default. Does not change the result. */
    public SpectraBuilder optThreads(int count) {
        threads = count;
        return this;
    }

    /** Takes this many records at random; 0, the default, takes all. */
    public SpectraBuilder optMaxSamples(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("Expected a number of samples ≥ 0, found " + count + ".");
        }
        maxSamples = count;
        return this;
    }

    /** Largest share, 0 … 1, of rejected records and bad structures; 0.05 by default. */
    public SpectraBuilder optMaxRejects(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("Expected a share of rejects 0 … 1, found " + share + ".");
        }
        maxRejects = share;
        return this;
    }

    /** Replaces an existing database that was built otherwise. */
    public SpectraBuilder optRebuild(boolean value) {
        rebuild = value;
        return this;
    }

    /** Where to write the rejects; written also when the build fails for too many of them. */
    public SpectraBuilder optRejects(@Nullable Path file) {
        rejects = file;
        return this;
    }

    public SpectraBuilder optProgress(BuildProgress listener) {
        progress = listener;
        return this;
    }

    /** Lets the file grow to this many pages only, so that tests can see a full disk. */
    SpectraBuilder optMaxPages(long count) {
        maxPages = count;
        return this;
    }

    /**
     * Builds, or finds that there is nothing to do.
     *
     * @throws NoSuchFileException if an input is missing
     * @throws RejectedInputException if too much of the input was rejected
     * @throws OutdatedDatabaseException if the database exists, was built otherwise, and no rebuild was asked for
     * @throws dev.millrace.sqlite.StorageFullException if the disk is full
     */
    public SpectraBuildReport build() throws IOException {
        long start = System.nanoTime();
        Path input = required(msp, "setMsp");
        Path target = required(database, "setDatabase");
        if (!Files.isRegularFile(input)) {
            throw new NoSuchFileException(input.toString());
        }
        MolFolder folder = MolFolder.list(required(molFolder, "setMolFolder"));
        StructureReader structures = StructureReaders.of(featureSpec);
        try (Workers workers = new Workers(threads)) {
            SourceFingerprint sources = SourceFingerprint.of(input, folder, workers, progress);
            String fingerprint = sources.with(settings());
            if (Files.exists(target) && !rebuild) {
                return existing(target, fingerprint, start);
            }
            try (DatabaseBuild build = DatabaseBuild.begin(target, SpectraSchema.SCHEMA);
                    RejectFile rejectFile = RejectFile.open(rejects, RejectFile.Place.LINE)) {
                if (maxPages > 0) {
                    build.database().execute("PRAGMA max_page_count=" + maxPages);
                }
                Compound.Maker maker =
                        new Compound.Maker(String.valueOf(input.getFileName()), folder, structures, spectrum);
                SpectraWriter writer = new SpectraWriter(build.database(), rejectFile);
                SpectraBuildReport report = fill(input, target, workers, maker, writer, fingerprint);
                Map<String, String> info = new LinkedHashMap<>(settings());
                info.putAll(SpectraInfo.sources(input, sources, folder));
                writer.finish(report, info, ratios, seed);
                build.publish();
                return SpectraInfo.timed(report, writer.splitCounts(), start);
            }
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private SpectraBuildReport fill(
            Path input, Path target, Workers workers, Compound.Maker maker, SpectraWriter writer, String fingerprint)
            throws IOException {
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "build", maxSamples);
        try (RecordStream records = RecordStream.open(input, spectrum, maxSamples, seed)) {
            workers.inOrder(Workers.chunks(records), chunk -> SpectraWriter.prepare(maker, chunk), prepared -> {
                writer.write(prepared);
                meter.estimate(maxSamples > 0 ? maxSamples : records.estimatedTotal());
                meter.advanceTo(writer.compounds());
            });
            writer.endRows();
            meter.finish();
            SpectraBuildReport report = writer.report(target, records, fingerprint);
            requireFewRejects(report, input);
            return report;
        }
    }

    private void requireFewRejects(SpectraBuildReport report, Path input) throws IOException {
        long rejected = report.spectraRejected() + report.badStructures();
        long present = report.spectraPresent();
        if (present == 0) {
            throw new RejectedInputException(
                    "Cannot build from " + input + ": expected MSP records, found " + MspLines.instead(input) + ".",
                    0,
                    0);
        }
        if (report.compounds() == 0) {
            throw new RejectedInputException(
                    "All of the input was rejected: expected a record that can be used, found " + present
                            + " rejected " + new TreeMap<>(report.rejects()) + " (" + input
                            + "). Nothing was written. See them with '--rejects FILE'.",
                    rejected,
                    present);
        }
        if (rejected > maxRejects * present) {
            throw new RejectedInputException(
                    "Too much of the input was rejected: expected at most " + 100 * maxRejects + " % of " + present
                            + " records, found " + report.spectraRejected() + " rejected and " + report.badStructures()
                            + " bad structures " + new TreeMap<>(report.rejects()) + " (" + msp
                            + "). Nothing was written. See them with '--rejects FILE', or allow more with '--max-rejects'.",
                    rejected,
                    present);
        }
    }

    private SpectraBuildReport existing(Path target, String fingerprint, long start) {
        try (Database found = Database.open(target, Access.READ)) {
            SpectraSchema.SCHEMA.check(found);
            Map<String, String> info = Schema.info(found);
            if (!fingerprint.equals(info.get(SpectraInfo.FINGERPRINT))) {
                throw new OutdatedDatabaseException(
                        "The database was built otherwise: " + BuildSettings.difference(info, settings(), SAME_SETTINGS)
                                + " (" + target + "). Build it again with '--rebuild', or choose another name.",
                        target);
            }
            return SpectraInfo.timed(SpectraInfo.report(target, info), SpectraInfo.splits(info), start);
        }
    }

    /** Everything beside the inputs that decides what the rows are. */
    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(spectrum.toInfo());
        settings.put("feature_spec", featureSpec);
        settings.put("split_scheme", SplitPlan.SCHEME);
        settings.put("split_ratios", ratios.toString());
        settings.put("seed", Long.toString(seed));
        settings.put("max_samples", Integer.toString(maxSamples));
        settings.put("rdkit_rules", "2022.09");
        settings.put("codec", "tensor-blob-1 lz4");
        settings.put("schema_version", Integer.toString(SpectraSchema.VERSION));
        return settings;
    }

    private static Path required(@Nullable Path value, String setter) {
        if (value == null) {
            throw new IllegalStateException(setter + " is required.");
        }
        return value;
    }
}
