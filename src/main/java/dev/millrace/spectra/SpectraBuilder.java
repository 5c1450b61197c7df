package dev.millrace.spectra;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
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

    private @Nullable Path msp;
    private @Nullable Path molFolder;
    private @Nullable Path database;
    private @Nullable String featureSpec;
    private UnaryOperator<SpectrumOptions> spectrum = UnaryOperator.identity();
    private @Nullable SplitRatios ratios;
    private @Nullable Long seed;
    private int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    private int maxSamples;
    private double maxRejects = DEFAULT_MAX_REJECTS;
    private boolean rebuild;
    private boolean append;
    private boolean checksSpace = true;
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

    /** How a spectrum becomes a vector; {@link SpectrumOptions#defaults()} by default. */
    public SpectraBuilder optSpectrum(SpectrumOptions options) {
        spectrum = base -> options;
        return this;
    }

    /** As {@link #optSpectrum}: what is to be changed of the defaults, or of what the database has that is appended to. */
    public SpectraBuilder optSpectrumChange(UnaryOperator<SpectrumOptions> change) {
        spectrum = change;
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

    /**
     * Adds the records to a database that exists, instead of building one. Rows that are there keep their keys and their bytes,
     * new ones get the keys after them; a record that is there already is passed over and counted. Settings that are not given are
     * the database's; others are refused, as are other rules of features. A new compound of a group that is in a split comes into
     * that split, new groups are dealt out to what the splits lack of their shares. The new file takes the place of the old one
     * when it is whole; whoever reads the old one keeps it. The disk must have room for both. False by default.
     */
    public SpectraBuilder optAppend(boolean value) {
        append = value;
        return this;
    }

    /** Whether a build is refused at its start when the disk has less room than such a file takes at least; true by default. */
    public SpectraBuilder optSpaceCheck(boolean value) {
        checksSpace = value;
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
     * Builds, appends, or finds that there is nothing to do.
     *
     * @throws NoSuchFileException if an input is missing, or the database that is to be appended to
     * @throws RejectedInputException if too much of the input was rejected
     * @throws OutdatedDatabaseException if the database exists, was built otherwise, and no rebuild was asked for; or if it is
     *     to be appended to with other settings
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room; nothing was begun
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
        SpectraBuild.Ways ways =
                new SpectraBuild.Ways(threads, rebuild, maxRejects, rejects, checksSpace, progress, maxPages);
        SpectraBuild build = new SpectraBuild(input, folder, target, ways, start);
        SpectraSettings.Request request = new SpectraSettings.Request(featureSpec, spectrum, ratios, seed, maxSamples);
        if (append) {
            if (!Files.isRegularFile(target)) {
                throw new NoSuchFileException(target.toString(), null, "there is nothing to append to");
            }
            return build.append(request);
        }
        return build.build(request.overDefaults());
    }

    private static Path required(@Nullable Path value, String setter) {
        if (value == null) {
            throw new IllegalStateException(setter + " is required.");
        }
        return value;
    }
}
