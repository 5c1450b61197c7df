package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Divides contigs into train, val and test: into the table {@code contig_splits} of a store, into files that
 * {@link SplitFile} reads, or both.
 *
 * {@snippet :
 * ContigSplitReport report = new ContigSplit()
 *         .setSource(Path.of("genomes.db"))
 *         .optRatios(SplitRatios.parse("0.8,0.1,0.1"))
 *         .optBy(ContigSplit.By.SAMPLE)
 *         .run();
 * }
 *
 * <p>Which split a contig, or a sample, is in depends on its name, the seed and the others' names only, not on the order in which
 * they come. Numbers are exact: shares rounded down, what is left to the largest remainders. Memory does not grow with the
 * contigs. One thread at a time.
 */
public final class ContigSplit {
    private static final String RATIOS = "split_ratios";
    private static final String BY = "split_by";
    private static final String STRATA = "split_strata";
    private static final String SEED = "split_seed";

    /** What is never divided. */
    public enum By {
        /** A contig: contigs of one sample may be in several splits. */
        CONTIG,
        /** A sample: nothing of it is in two splits. */
        SAMPLE
    }

    /** Kinds of files. */
    public enum Format {
        CSV,
        PARQUET
    }

    private @Nullable Path source;
    private @Nullable Path folder;
    private @Nullable SplitRatios givenRatios;
    private @Nullable By givenBy;
    private Format format = Format.CSV;
    private BuildProgress progress = BuildProgress.NONE;
    private @Nullable Boolean stratified;
    private @Nullable Long givenSeed;
    private boolean force;
    private boolean append;

    /** A genome store, which is told its splits; else any file or folder that {@link SplitFile} reads. */
    public ContigSplit setSource(Path source) {
        this.source = source;
        return this;
    }

    /** Where {@code train_split}, {@code val_split} and {@code test_split} are written; needed where the source is no store. */
    public ContigSplit optFolder(@Nullable Path folder) {
        this.folder = folder;
        return this;
    }

    /** Shares of the contigs, or of the samples; 0.8, 0.1 and 0.1 if not said. */
    public ContigSplit optRatios(SplitRatios ratios) {
        givenRatios = ratios;
        return this;
    }

    /** What is never divided; a contig if not said. */
    public ContigSplit optBy(By by) {
        givenBy = by;
        return this;
    }

    /** Whether contigs below 10,000 bases, below 100,000 and longer ones are divided each for themselves; so if not said. */
    public ContigSplit optStratified(boolean stratified) {
        this.stratified = stratified;
        return this;
    }

    /** Of the draw; 42 if not said. */
    public ContigSplit optSeed(long seed) {
        givenSeed = seed;
        return this;
    }

    /** Kind of the files; CSV if not said. */
    public ContigSplit optFormat(Format format) {
        this.format = format;
        return this;
    }

    /**
     * Whether other splits, and files, that are there are replaced. Windows of the old splits are removed from the store, as
     * contigs of train could be in those of test.
     */
    public ContigSplit optForce(boolean force) {
        this.force = force;
        return this;
    }

    /**
     * Whether contigs of a store that are in no split are added to the splits that it has, which stay. Ratios, unit, strata and seed
     * are those of these splits; others are refused. What is new of a sample goes where the sample is; the rest makes up for what
     * splits lack of their shares. Windows stay as they are: they lack those of the new contigs until they are computed again.
     */
    public ContigSplit optAppend(boolean append) {
        this.append = append;
        return this;
    }

    /** Who is told how far it is. */
    public ContigSplit optProgress(BuildProgress progress) {
        this.progress = progress;
        return this;
    }

    /**
     * Divides.
     *
     * @throws IllegalArgumentException if settings contradict each other or the source, or a contig's name tells no sample
     * @throws OutdatedDatabaseException if there are other splits already, or those to be added to were made otherwise
     * @throws dev.millrace.build.RejectedInputException if a contig is there twice
     * @throws MissingLibraryException if Parquet is to be read or written without its library
     * @throws IOException if files cannot be read or written
     */
    public ContigSplitReport run() throws IOException {
        Path from = Objects.requireNonNull(source, "setSource");
        if (givenBy == By.SAMPLE && Boolean.TRUE.equals(stratified)) {
            throw new IllegalArgumentException(
                    "Expected samples or strata of length, found both: a sample has contigs of every length.");
        }
        if (append && (force || folder != null)) {
            throw new IllegalArgumentException("Expected to add to the splits of a store, found "
                    + (force ? "--force, which replaces them." : "a folder of files, which cannot be added to."));
        }
        ContigLengths contigs = SplitFile.open(from);
        if (contigs instanceof StoreSplit) {
            try (Database store = Database.open(from, Access.AMEND)) {
                Settings settings = settings(append ? Schema.info(store) : Map.of(), from);
                return divide(store, from, append ? StoreSplit.ofNone(from) : contigs, settings);
            }
        }
        if (folder == null) {
            throw new IllegalArgumentException("Expected a folder for the splits of " + from
                    + ", found none: it is no genome store that could be told. Name one with --out.");
        }
        // The order of contigs takes room on the disk; what is built there is never published.
        try (DatabaseBuild scratch = DatabaseBuild.beginForeign(folder.resolve(".splitting"))) {
            return divide(scratch.database(), null, contigs, settings(Map.of(), from));
        }
    }

    /** How contigs are divided, as it is kept in a store. */
    private record Settings(SplitRatios ratios, By by, boolean strata, long seed) {
        Map<String, String> info() {
            return Map.of(
                    RATIOS, ratios.toString(),
                    BY, by.name().toLowerCase(Locale.ROOT),
                    STRATA, Boolean.toString(strata),
                    SEED, Long.toString(seed));
        }
    }

    /** What was asked for, over what the splits that are there were made with. */
    private Settings settings(Map<String, String> info, Path from) {
        By unit = givenBy != null
                ? givenBy
                : By.valueOf(info.getOrDefault(BY, By.CONTIG.name()).toUpperCase(Locale.ROOT));
        boolean known = info.containsKey(STRATA);
        boolean strata = stratified != null
                ? stratified && unit == By.CONTIG
                : known ? Boolean.parseBoolean(info.get(STRATA)) : unit == By.CONTIG;
        Settings settings = new Settings(
                givenRatios != null
                        ? givenRatios
                        : info.containsKey(RATIOS)
                                ? SplitRatios.parse(info.getOrDefault(RATIOS, ""))
                                : SplitRatios.defaults(),
                unit,
                strata,
                givenSeed != null ? givenSeed : Long.parseLong(info.getOrDefault(SEED, "42")));
        if (info.containsKey(RATIOS)) {
            String difference = BuildSettings.difference(info, settings.info(), "");
            if (!difference.isEmpty()) {
                throw new OutdatedDatabaseException(
                        "Cannot add to splits that were made otherwise: " + difference + " (" + from
                                + "). Leave these options out, or use --force to divide all contigs anew.",
                        from);
            }
        }
        return settings;
    }

    private ContigSplitReport divide(Database database, @Nullable Path store, ContigLengths contigs, Settings settings)
            throws IOException {
        SplitDraw draw =
                new SplitDraw(database, contigs, settings.by, settings.strata, settings.seed, settings.ratios, append);
        draw.load(progress);
        Map<Split, Path> files = files();
        Map<Split, ContigSplitReport.Part> parts = new EnumMap<>(Split.class);
        try (SplitWriters writers = new SplitWriters(files, format)) {
            draw.forEach((contigId, sample, length, row, split) -> {
                parts.computeIfAbsent(split, each -> new ContigSplitReport.Part())
                        .add(length);
                writers.add(split, contigId, length);
            });
            draw.countSamples(parts);
            boolean same = store != null && draw.isIn();
            List<String> dropped =
                    store == null || same || append ? List.of() : replace(database, store, draw, settings);
            if (append && !same) {
                add(database, draw, settings);
            }
            writers.publish();
            return new ContigSplitReport(
                    parts, List.copyOf(files.values()), same && files.isEmpty(), dropped, stale(database, parts));
        }
    }

    private List<String> stale(Database database, Map<Split, ContigSplitReport.Part> parts) {
        return append
                ? WindowSet.all(database).stream()
                        .map(WindowSet::split)
                        .filter(split -> parts.containsKey(Split.parse(split)))
                        .toList()
                : List.of();
    }

    private static void add(Database store, SplitDraw draw, Settings settings) {
        Manifest.amend(store, "Cannot add to the splits", List.of("contig_splits"), settings.info(), draw::insert);
    }

    private Map<Split, Path> files() {
        Map<Split, Path> files = new EnumMap<>(Split.class);
        if (folder != null) {
            for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST)) {
                Path file = folder.resolve(split.id() + "_split" + (format == Format.CSV ? ".csv" : ".parquet"));
                if (Files.exists(file) && !force) {
                    throw new OutdatedDatabaseException(
                            "Cannot write " + file + ": expected none, found one. Use --force to replace it.", file);
                }
                files.put(split, file);
            }
        }
        return files;
    }

    private List<String> replace(Database database, Path store, SplitDraw draw, Settings settings) {
        long there = database.queryLong("SELECT count(*) FROM contig_splits");
        if (there > 0 && !force) {
            throw new OutdatedDatabaseException(
                    "Cannot divide " + store + ": expected no splits in it, or the same, found others of " + there
                            + " contigs. Use --append to add contigs that are in none, or --force to replace them, and"
                            + " the windows computed from them.",
                    store);
        }
        List<String> dropped = new ArrayList<>();
        Manifest.amend(
                database,
                "Cannot write the splits",
                List.of("contig_splits", "window_contigs", "window_sets"),
                settings.info(),
                connection -> {
                    for (WindowSet set : WindowSet.all(database)) {
                        if (!set.split().equals(Split.ALL.id())) {
                            delete(connection, "DELETE FROM window_contigs WHERE set_id = ?", set.setId());
                            delete(connection, "DELETE FROM window_sets WHERE set_id = ?", set.setId());
                            dropped.add(set.split());
                        }
                    }
                    delete(connection, "DELETE FROM contig_splits WHERE seq_id >= ?", Long.MIN_VALUE);
                    draw.insert(connection);
                });
        return dropped;
    }

    private static void delete(Connection connection, String sql, long number) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, number);
            delete.executeUpdate();
        }
    }
}
