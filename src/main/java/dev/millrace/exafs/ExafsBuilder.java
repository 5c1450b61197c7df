package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a database of χ(k) from a tree of FEFF path files, and brings it up to date when the tree has changed.
 *
 * {@snippet :
 * ExafsBuildReport report = new ExafsBuilder()
 *         .setTree(Path.of("feff_calculations")).setDatabase(Path.of("chi.db")).optThreads(4).build();
 * }
 *
 * <p>The database appears complete or not at all, and whoever reads the old one meanwhile keeps it. Only files that are new or
 * have changed are read; the ids of all other paths stay, and those of changed files too. When nothing has changed nothing is
 * written. A build that was interrupted, even by a kill or a power cut, goes on from a few seconds before at the next call with
 * the same settings. A file that cannot be used stops nothing: it is named in table {@code rejects} and tried again when it has
 * changed. The same tree, settings and seed give the same rows for any number of threads and interruptions of a first build.
 *
 * <p>Settings that are not given are those of the existing database. One thread at a time. Memory beside a constant 100 MB: 150
 * bytes per file.
 */
public final class ExafsBuilder {
    /** Share of rejected files beyond which nothing is published. */
    public static final double DEFAULT_MAX_REJECTS = 0.05;

    /** So many rejected files are allowed whatever their share, where no share was asked for. */
    public static final int ALWAYS_ALLOWED_REJECTS = 10;

    private @Nullable Path tree;
    private @Nullable Path database;
    private FeffTree.Rules rules = FeffTree.Rules.DEFAULT;
    private @Nullable ChiParameters parameters;
    private @Nullable String gridRule;
    private @Nullable DType storage;
    private @Nullable Compression compression;
    private @Nullable Boolean keepsArrays;
    private @Nullable String splitBy;
    private @Nullable SplitRatios ratios;
    private @Nullable Long seed;
    private int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    private boolean rebuild;
    private boolean prune;
    private boolean checksSpace = true;
    private @Nullable Double maxRejects;
    private @Nullable Path rejects;
    private BuildProgress progress = BuildProgress.NONE;
    private long savePaths = Long.MAX_VALUE;
    private long maxPages;

    /** The folder below which the path files are. */
    public ExafsBuilder setTree(Path folder) {
        tree = folder;
        return this;
    }

    /** The file to build. */
    public ExafsBuilder setDatabase(Path file) {
        database = file;
        return this;
    }

    /** What the names of files and folders mean; {@link FeffTree.Rules#DEFAULT} by default. */
    public ExafsBuilder optRules(FeffTree.Rules value) {
        rules = value;
        return this;
    }

    /** What χ is computed with; {@link ChiParameters#DEFAULT} by default. */
    public ExafsBuilder optParameters(ChiParameters value) {
        parameters = value;
        return this;
    }

    /**
     * The k grid of χ; 0, 0.05 … 20 by default.
     *
     * @throws IllegalArgumentException as {@link KGrid#of(double, double, double)}
     */
    public ExafsBuilder optGrid(double kmin, double kmax, double kstep) {
        String rule = kmin + "," + kmax + "," + kstep;
        ExafsSettings.grid(rule);
        gridRule = rule;
        return this;
    }

    /**
     * Element type of χ: FLOAT64, the default and exact, or FLOAT32.
     *
     * @throws IllegalArgumentException for any other
     */
    public ExafsBuilder optStorage(DType type) {
        if (type != DType.FLOAT64 && type != DType.FLOAT32) {
            throw new IllegalArgumentException("Expected float64 or float32 for χ, found " + type + ".");
        }
        storage = type;
        return this;
    }

    /** How BLOBs are compressed; not at all by default. */
    public ExafsBuilder optCompression(Compression value) {
        compression = value;
        return this;
    }

    /** Whether FEFF's columns are stored too, so that χ can be computed with other parameters; true by default. */
    public ExafsBuilder optArrays(boolean value) {
        keepsArrays = value;
        return this;
    }

    /**
     * What the splits keep together: {@code frame}, {@code atom}, or {@code auto}, which is by frame where there is more than one
     * and the default.
     *
     * @throws IllegalArgumentException for any other
     */
    public ExafsBuilder optSplitBy(String unit) {
        if (!unit.equals("frame") && !unit.equals("atom") && !unit.equals("auto")) {
            throw new IllegalArgumentException("Split: expected frame, atom or auto, found '" + unit + "'.");
        }
        splitBy = unit;
        return this;
    }

    /** Shares of train, val and test; 0.8, 0.1, 0.1 by default. */
    public ExafsBuilder optSplitRatios(SplitRatios shares) {
        ratios = shares;
        return this;
    }

    /** Decides who is in which split; 42 by default. */
    public ExafsBuilder optSeed(long value) {
        seed = value;
        return this;
    }

    /** Threads that read and compute; all processors by default. Does not change the result. */
    public ExafsBuilder optThreads(int count) {
        threads = count;
        return this;
    }

    /** Replaces an existing database by one that is built anew. */
    public ExafsBuilder optRebuild(boolean value) {
        rebuild = value;
        return this;
    }

    /** Removes paths whose files are gone; else they stay and are counted. */
    public ExafsBuilder optPrune(boolean value) {
        prune = value;
        return this;
    }

    /**
     * Largest share, 0 … 1, of files that cannot be used; by default {@value #DEFAULT_MAX_REJECTS}, but
     * {@value #ALWAYS_ALLOWED_REJECTS} files at least.
     */
    public ExafsBuilder optMaxRejects(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("Expected a share of rejects 0 … 1, found " + share + ".");
        }
        maxRejects = share;
        return this;
    }

    /** Whether a build is refused at its start when the disk has less room than such a file takes at least; true by default. */
    public ExafsBuilder optSpaceCheck(boolean value) {
        checksSpace = value;
        return this;
    }

    /** Where to write the rejects; written also when the build fails for too many of them. */
    public ExafsBuilder optRejects(@Nullable Path file) {
        rejects = file;
        return this;
    }

    public ExafsBuilder optProgress(BuildProgress listener) {
        progress = listener;
        return this;
    }

    /** How often to save, so that tests need no large trees. */
    ExafsBuilder optSavePaths(long count) {
        savePaths = count;
        return this;
    }

    /** Lets the file grow to this many pages only, so that tests can see a full disk. */
    ExafsBuilder optMaxPages(long count) {
        maxPages = count;
        return this;
    }

    /**
     * Builds, brings up to date, or finds that there is nothing to do.
     *
     * @throws IllegalArgumentException if a folder has no frame or atom, or two are of the same
     * @throws java.nio.file.NotDirectoryException if the tree is no folder
     * @throws RejectedInputException if there are no path files, or too many cannot be used; nothing is published
     * @throws OutdatedDatabaseException if the database exists, was built with other settings, and no rebuild was asked for
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room; nothing was begun
     * @throws InterruptedIOException if the thread was interrupted; the next build goes on from there
     * @throws dev.millrace.sqlite.SchemaMismatchException if the database is another kind of file
     * @throws dev.millrace.sqlite.StorageFullException if the disk is full; the next build goes on from there
     */
    public ExafsBuildReport build() throws IOException {
        long start = System.nanoTime();
        return new ExafsBuild(
                        Objects.requireNonNull(tree, "setTree is required."),
                        Objects.requireNonNull(database, "setDatabase is required."),
                        rules,
                        new ExafsSettings.Request(
                                parameters, gridRule, storage, compression, keepsArrays, splitBy, ratios, seed),
                        new ExafsBuild.Ways(
                                threads,
                                rebuild,
                                prune,
                                new ExafsRejects(maxRejects, rejects),
                                savePaths,
                                checksSpace,
                                maxPages),
                        progress)
                .run(start);
    }
}
