package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.DatabaseBuild;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a database of PCQM4Mv2 from the CSV file of Open Graph Benchmark, from PyTorch Geometric's processed database, or from
 * an SD file.
 *
 * {@snippet :
 * PcqmBuildReport report = new PcqmBuilder()
 *         .setCsv(Path.of("data.csv.gz")).setDatabase(Path.of("pcqm.db")).optThreads(4).build();
 * }
 *
 * <p>The database appears complete or not at all. The same input, settings and seed give the same rows for any number of
 * threads and interruptions. A build that was interrupted, even by a kill or a power cut, goes on from a few seconds before
 * with {@link #optResume}. When the database exists already and was built from the same input with the same settings, nothing
 * is done.
 *
 * <p>One thread at a time. Memory beside a constant 100 MB: 8 bytes per molecule.
 */
public final class PcqmBuilder {
    /** Share of rejected records beyond which nothing is published. */
    public static final double DEFAULT_MAX_REJECTS = 0.05;

    /** Graphs in a row of layout blocks. */
    public static final int DEFAULT_GRAPHS_PER_BLOCK = 64;

    /** Records between two points that a build can be resumed from, if they come faster than in a few seconds. */
    static final long DEFAULT_RECORDS_PER_SAVE = 100_000;

    private @Nullable Path csv;
    private @Nullable Path pygDatabase;
    private @Nullable Path sdf;
    private @Nullable Path database;
    private @Nullable Path gaps;
    private String gapField = "homolumogap";
    private @Nullable List<String> targets;
    private @Nullable String featureSpec;
    private @Nullable PcqmLayout layout;
    private @Nullable Integer graphsPerBlock;
    private @Nullable PcqmAdapter adapter;
    private PcqmSplitChoice split = PcqmSplitChoice.automatic();
    private @Nullable SplitRatios ratios;
    private @Nullable Long seed;
    private int maxSamples;
    private int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    private @Nullable Boolean smiles;
    private @Nullable Boolean sourceIndexes;
    private double maxRejects = DEFAULT_MAX_REJECTS;
    private @Nullable Path rejects;
    private boolean rebuild;
    private boolean resume;
    private boolean append;
    private boolean checksSpace = true;
    private BuildProgress progress = BuildProgress.NONE;
    private long recordsPerSave = DEFAULT_RECORDS_PER_SAVE;

    /** CSV, plain or gzip, with columns {@code idx,smiles,homolumogap} in any order. One input is required. */
    public PcqmBuilder setCsv(Path file) {
        csv = file;
        return this;
    }

    /** PyTorch Geometric's {@code processed/sqlite.db}. */
    public PcqmBuilder setPygDatabase(Path file) {
        pygDatabase = file;
        return this;
    }

    /** SD file, plain or gzip, V2000 or V3000; idx is the number of the record from 0. */
    public PcqmBuilder setSdf(Path file) {
        sdf = file;
        return this;
    }

    /** The file to build. */
    public PcqmBuilder setDatabase(Path file) {
        database = file;
        return this;
    }

    /** Data field of an SD file that holds the gap, in any case; {@code homolumogap} by default. */
    public PcqmBuilder optGapField(String name) {
        gapField = name;
        return this;
    }

    /** CSV, plain or gzip, with columns {@code idx,homolumogap}, for an SD file without gaps. */
    public PcqmBuilder optGaps(@Nullable Path file) {
        gaps = file;
        return this;
    }

    /**
     * Names of further columns of a CSV file that become targets after the gap.
     *
     * @throws IllegalArgumentException for a name that is there twice, has other characters than letters, digits and
     *     {@code _ . -}, or is that of another number of {@code dataset_stats}
     */
    public PcqmBuilder optTargets(List<String> names) {
        targets = PcqmTotals.requireTargetNames(names);
        return this;
    }

    /**
     * Feature specification: {@code ogb-9-3} or {@code bitspec-48-6} from SMILES and SD files, {@code pyg-9-3} or {@code ogb-9-3}
     * from PyTorch Geometric's. The first of each is the default.
     */
    public PcqmBuilder optFeatureSpec(@Nullable String name) {
        featureSpec = name;
        return this;
    }

    /** {@link PcqmLayout#ROWS} by default. */
    public PcqmBuilder optLayout(PcqmLayout value) {
        layout = value;
        return this;
    }

    /** Graphs in a row of layout blocks, 1 … 65,536; {@value #DEFAULT_GRAPHS_PER_BLOCK} by default. */
    public PcqmBuilder optGraphsPerBlock(int count) {
        if (count < 1 || count > 1 << 16) {
            throw new IllegalArgumentException("Expected 1 to 65536 graphs per block, found " + count + ".");
        }
        graphsPerBlock = count;
        return this;
    }

    /** What models take by default; {@link PcqmAdapter#NATIVE}. */
    public PcqmBuilder optAdapter(PcqmAdapter value) {
        adapter = value;
        return this;
    }

    /** How to divide; by default the data set's own way if the input reaches into its validation range, else by shares. */
    public PcqmBuilder optSplit(PcqmSplitChoice choice) {
        split = choice;
        return this;
    }

    /** Shares of train, val and test; 0.8, 0.1, 0.1 by default. */
    public PcqmBuilder optSplitRatios(SplitRatios shares) {
        ratios = shares;
        return this;
    }

    /** Decides the shares' members, and the subset of {@link #optMaxSamples}; 42 by default. */
    public PcqmBuilder optSeed(long value) {
        seed = value;
        return this;
    }

    /** Takes this many records at random; 0, the default, takes all. */
    public PcqmBuilder optMaxSamples(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("Expected a number of samples ≥ 0, found " + count + ".");
        }
        maxSamples = count;
        return this;
    }

    /** Threads that compute features; all processors by default. Does not change the result. */
    public PcqmBuilder optThreads(int count) {
        threads = count;
        return this;
    }

    /** Whether to keep the SMILES; true by default. */
    public PcqmBuilder optSmiles(boolean value) {
        smiles = value;
        return this;
    }

    /** Whether to make the source document's other indexes, by number of atoms and by gap; false by default. */
    public PcqmBuilder optSourceIndexes(boolean value) {
        sourceIndexes = value;
        return this;
    }

    /** Largest share, 0 … 1, of rejected records; 0.05 by default. */
    public PcqmBuilder optMaxRejects(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("Expected a share of rejects 0 … 1, found " + share + ".");
        }
        maxRejects = share;
        return this;
    }

    /** Where to write the rejects; written also when the build fails for too many of them. */
    public PcqmBuilder optRejects(@Nullable Path file) {
        rejects = file;
        return this;
    }

    /** Replaces an existing database that was built otherwise. */
    public PcqmBuilder optRebuild(boolean value) {
        rebuild = value;
        return this;
    }

    /** Goes on with an interrupted build, if there is one. */
    public PcqmBuilder optResume(boolean value) {
        resume = value;
        return this;
    }

    /**
     * Adds molecules to a database that exists, instead of building one. Rows that are there keep their keys and their bytes; a
     * molecule that is there is passed over and counted, another one of its idx is rejected. Settings that are not given are the
     * database's; others are refused, as is another kind of input. Splits stay: new molecules are divided by the same rule, shares
     * so that all molecules together have them; a database that was divided by a file wants a file for the new ones, too. In layout
     * blocks every new idx is to be above those that are there. The idx of an SD file's records go on after those of the records
     * before. The new file takes the place of the old one when it is whole; whoever reads the old one keeps it. The disk must have
     * room for both. False by default.
     */
    public PcqmBuilder optAppend(boolean value) {
        append = value;
        return this;
    }

    /** Whether a build is refused at its start when the disk has less room than such a file takes at least; true by default. */
    public PcqmBuilder optSpaceCheck(boolean value) {
        checksSpace = value;
        return this;
    }

    public PcqmBuilder optProgress(BuildProgress listener) {
        progress = listener;
        return this;
    }

    /** How often to save, so that tests need no large inputs. */
    PcqmBuilder optRecordsPerSave(long count) {
        recordsPerSave = count;
        return this;
    }

    /** Whether there is an interrupted build of this database, to be resumed or, without {@link #optResume}, given up. */
    public static boolean hasPartial(Path database) {
        return DatabaseBuild.hasPartial(database);
    }

    /**
     * Builds, appends, or finds that there is nothing to do.
     *
     * @throws IllegalArgumentException if the settings do not fit the input
     * @throws NoSuchFileException if an input is missing, or the database that is to be appended to
     * @throws DamagedInputException if an input is damaged gzip data
     * @throws RejectedInputException if too much of the input was rejected
     * @throws OutdatedDatabaseException if the database exists, was built otherwise, and no rebuild was asked for; if it is to be
     *     appended to with other settings; or if the build to be resumed is another
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room; nothing was begun
     * @throws InterruptedIOException if the thread was interrupted; the build can be resumed
     * @throws dev.millrace.sqlite.StorageFullException if the disk is full; the build can be resumed
     */
    public PcqmBuildReport build() throws IOException {
        long start = System.nanoTime();
        Path target = Objects.requireNonNull(database, "setDatabase is required.");
        PcqmRequest request = new PcqmRequest(
                layout,
                graphsPerBlock,
                featureSpec,
                adapter,
                smiles,
                sourceIndexes,
                split,
                ratios,
                seed,
                maxSamples,
                recordsPerSave);
        PcqmPlan plan;
        if (append) {
            if (!Files.isRegularFile(target)) {
                throw new NoSuchFileException(target.toString(), null, "there is nothing to append to");
            }
            PcqmBase base = PcqmBase.read(target);
            List<String> all = base.settings().targets();
            plan = request.over(base, source(csv == null ? List.of() : all.subList(1, all.size())), progress);
        } else {
            plan = request.overDefaults(source(List.of()), progress);
        }
        return new PcqmBuild(target, plan, threads, maxRejects, rejects, checksSpace, progress)
                .run(rebuild, resume, start);
    }

    /** @param unlessGiven further targets */
    private PcqmInput source(List<String> unlessGiven) throws IOException {
        List<String> furtherTargets = targets == null ? unlessGiven : targets;
        long given = java.util.stream.Stream.of(csv, pygDatabase, sdf)
                .filter(Objects::nonNull)
                .count();
        if (given != 1) {
            throw new IllegalArgumentException(
                    "Expected one input, a CSV file, a PyTorch Geometric database or an SD file, found " + given + ".");
        }
        if (csv == null && !furtherTargets.isEmpty()) {
            throw new IllegalArgumentException("Further targets are columns of a CSV file: expected none, found "
                    + String.join(",", furtherTargets) + ".");
        }
        if (sdf == null && gaps != null) {
            throw new IllegalArgumentException(
                    "A file of gaps belongs to an SD file: expected none, found " + gaps + ".");
        }
        for (Path file : new @Nullable Path[] {csv, pygDatabase, sdf, gaps, split.file()}) {
            if (file != null && !Files.isRegularFile(file)) {
                throw new NoSuchFileException(file.toString());
            }
        }
        return csv != null
                ? new CsvSource(csv, furtherTargets)
                : pygDatabase != null
                        ? new PygSource(pygDatabase)
                        : new SdfSource(Objects.requireNonNull(sdf), gapField, gaps);
    }
}
