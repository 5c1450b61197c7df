package dev.millrace.genome;

import dev.millrace.build.AppendLog;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.InfoCounts;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectFile;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Sha256;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a genome store of FASTA files, plain or gzip, or the original's files of samples, or both.
 *
 * {@snippet :
 * GenomeImportReport report = new GenomeImport()
 *         .addFasta(Path.of("a.fa.gz")).addFasta(Path.of("b.fa"))
 *         .setStore(Path.of("genomes.db")).optSampleIds(SampleIds.original()).run();
 * }
 *
 * <p>A contig's name is the first word of its header. The first record of a name is kept, others are rejected; a record
 * without bases is a contig of length 0. The store appears whole or not at all, and so does the file of every sample. When
 * the store exists and was made of the same files with the same settings, nothing is done.
 *
 * <p>One thread at a time. Memory: about 100 MB, however long a contig is; for files of samples, also thrice the longest
 * contig.
 */
public final class GenomeImport {
    /** Share of rejected records beyond which nothing is published. */
    public static final double DEFAULT_MAX_REJECTS = 0.05;

    private static final String FINGERPRINT = "fingerprint";
    private final List<Path> fastas = new ArrayList<>();
    private @Nullable Path store;
    private @Nullable Path sharded;
    private @Nullable SampleIds sampleIds;
    private double maxRejects = DEFAULT_MAX_REJECTS;
    private @Nullable Path rejects;
    private boolean rebuild;
    private boolean append;
    private boolean checksSpace = true;
    private BuildProgress progress = BuildProgress.NONE;
    private long maxPages;

    /** One more file to read; one is required. */
    public GenomeImport addFasta(Path file) {
        fastas.add(file);
        return this;
    }

    /** The store to make. This or {@link #setSharded} is required. */
    public GenomeImport setStore(Path file) {
        store = file;
        return this;
    }

    /** The folder in which to make the original's files of samples. */
    public GenomeImport setSharded(Path folder) {
        sharded = folder;
        return this;
    }

    /**
     * Which sample a contig is of. By default the original's rule where a contig's name has its form, else the name of the
     * file without its ending.
     */
    public GenomeImport optSampleIds(@Nullable SampleIds rule) {
        sampleIds = rule;
        return this;
    }

    /** Largest share, 0 … 1, of rejected records; 0.05 by default. */
    public GenomeImport optMaxRejects(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("Expected a share of rejects 0 … 1, found " + share + ".");
        }
        maxRejects = share;
        return this;
    }

    /** Where to write the rejects; written also when the import fails for too many of them. */
    public GenomeImport optRejects(@Nullable Path file) {
        rejects = file;
        return this;
    }

    /** Replaces what exists. */
    public GenomeImport optRebuild(boolean value) {
        rebuild = value;
        return this;
    }

    /**
     * Adds to a store that exists, instead of making one: its contigs, splits and windows stay, the new contigs come after them and
     * are in no split. A contig that is there with the same bases and sample is passed over; one with others is rejected. The rule
     * of {@link #optSampleIds} is for the files that are added; without one it is the store's. The new store takes the place of the
     * old one when it is whole; whoever reads the old one keeps it. The disk must have room for both. False by default.
     */
    public GenomeImport optAppend(boolean value) {
        append = value;
        return this;
    }

    /** Whether an import is refused at its start when the disk has less room than its result takes at least; true by default. */
    public GenomeImport optSpaceCheck(boolean value) {
        checksSpace = value;
        return this;
    }

    /** Is told how many MiB of the files were read. */
    public GenomeImport optProgress(BuildProgress listener) {
        progress = listener;
        return this;
    }

    /** Lets the store grow to this many pages only, so that tests can see a full disk. */
    GenomeImport optMaxPages(long count) {
        maxPages = count;
        return this;
    }

    /**
     * Imports, adds, or finds that there is nothing to do.
     *
     * @throws NoSuchFileException if an input is missing, or the store that is to be added to
     * @throws MalformedFastaException if an input is no FASTA or is damaged
     * @throws RejectedInputException if too many records were rejected
     * @throws OutdatedDatabaseException if the store, or a sample's file, exists, and no rebuild was asked for
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room; nothing was begun
     * @throws IllegalArgumentException if the contigs cannot be in files of samples, or nothing tells which sample added ones
     *     are of
     * @throws InterruptedIOException if the thread was interrupted
     * @throws dev.millrace.sqlite.StorageFullException if the disk is full
     */
    public GenomeImportReport run() throws IOException {
        long start = System.nanoTime();
        require();
        if (append) {
            return new GenomeAppend(
                            fastas, requireStore(), sampleIds, maxRejects, rejects, checksSpace, progress, start)
                    .run();
        }
        if (store != null && Files.exists(store) && !rebuild) {
            return existing(store, start);
        }
        requireSpace();
        boolean folderMade = sharded != null && !Files.exists(sharded);
        if (sharded != null) {
            Files.createDirectories(sharded);
        }
        try {
            return build(start);
        } catch (IOException | RuntimeException e) {
            if (folderMade) {
                deleteIfEmpty(java.util.Objects.requireNonNull(sharded));
            }
            throw e;
        }
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // Some samples were published: they stay.
        }
    }

    private GenomeImportReport build(long start) throws IOException {
        // For files of samples alone the store is a step on the way, and never published.
        Path target = store != null
                ? store
                : java.util.Objects.requireNonNull(sharded).resolve(".millrace-import.db");
        try (GenomeStoreWriter writer = GenomeStoreWriter.begin(target);
                RejectFile rejectFile = RejectFile.open(rejects, RejectFile.Place.LINE)) {
            if (maxPages > 0) {
                writer.limitPages(maxPages);
            }
            ContigIntake intake = new ContigIntake(writer, rejectFile, fastas, progress);
            List<String> hashes = new ArrayList<>();
            for (Path file : fastas) {
                hashes.add(intake.read(file, ruleFor(sampleIds, file)));
            }
            intake.end(maxRejects);
            Map<String, String> info = info(hashes, intake);
            if (sharded != null) {
                new GenomeConvert(progress, false).toSharded(writer.written(), sharded, rebuild);
            }
            GenomeImportReport report = report(writer, intake, info, start);
            if (store != null) {
                writer.publish(info);
            }
            return report;
        }
    }

    private void require() throws NoSuchFileException {
        if (fastas.isEmpty()) {
            throw new IllegalStateException("addFasta is required.");
        }
        if (store == null && sharded == null) {
            throw new IllegalStateException("setStore or setSharded is required.");
        }
        for (Path file : fastas) {
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException(file.toString());
            }
        }
    }

    private Path requireStore() throws NoSuchFileException {
        Path file = java.util.Objects.requireNonNull(store, "setStore is required.");
        if (sharded != null) {
            throw new IllegalArgumentException("Files of samples are not added to: expected a store alone, found "
                    + sharded + ", too. Convert the store afterwards.");
        }
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is nothing to append to");
        }
        return file;
    }

    /* Of both results: the store that is a step on the way to files of samples takes its place, too. */
    private void requireSpace() throws IOException {
        if (checksSpace) {
            long bytes = GenomeSpace.ofFasta(fastas);
            if (store != null) {
                DiskSpace.require(store, bytes);
            }
            if (sharded != null) {
                DiskSpace.require(sharded, store == null ? 2 * bytes : bytes);
            }
        }
    }

    /** The name of a file without folders and the endings of FASTA. */
    static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        String unpacked = name.replaceFirst("(?i)\\.b?gz$", "");
        String stem = unpacked.replaceFirst("(?i)\\.(fa|fasta|fna|ffn|fas|mfa)$", "");
        return stem.isEmpty() ? name : stem;
    }

    /** The rule for a file, where the one given is not for all. */
    static SampleIds ruleFor(@Nullable SampleIds rule, Path file) {
        return rule != null ? rule : SampleIds.originalOr(stem(file));
    }

    static String inWords(@Nullable SampleIds rule) {
        return rule == null ? "original or file name" : rule.toString();
    }

    static Map<String, String> settings(@Nullable SampleIds rule) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("sample_ids", inWords(rule));
        settings.put("chunk_bases", Integer.toString(GenomeSchema.CHUNK_BASES));
        settings.put("schema_version", Integer.toString(GenomeSchema.VERSION));
        return settings;
    }

    private String fingerprint(List<String> hashes) {
        StringBuilder inputs = new StringBuilder();
        for (int i = 0; i < hashes.size(); i++) {
            inputs.append(hashes.get(i)).append(' ').append(stem(fastas.get(i))).append('\n');
        }
        return BuildSettings.fingerprint(inputs.toString(), settings(sampleIds));
    }

    private Map<String, String> info(List<String> hashes, ContigIntake intake) {
        Map<String, String> info = new LinkedHashMap<>(settings(sampleIds));
        info.put("source", "fasta");
        info.put("source_files", Integer.toString(fastas.size()));
        for (int i = 0; i < fastas.size(); i++) {
            info.put("source_" + (i + 1), String.valueOf(fastas.get(i).getFileName()));
            info.put("source_" + (i + 1) + "_sha256", hashes.get(i));
        }
        info.put("source_bytes", Long.toString(intake.bytes()));
        info.put("records", Long.toString(intake.records()));
        info.put("empty_contigs", Long.toString(intake.emptyContigs()));
        info.put(FINGERPRINT, fingerprint(hashes));
        return info;
    }

    private GenomeImportReport report(
            GenomeStoreWriter writer, ContigIntake intake, Map<String, String> info, long start) {
        return new GenomeImportReport(
                false,
                names(),
                intake.records(),
                writer.contigs(),
                intake.emptyContigs(),
                writer.bases(),
                writer.samples(),
                writer.rejects(),
                info.getOrDefault(FINGERPRINT, ""),
                intake.bytes(),
                (System.nanoTime() - start) / 1e9,
                null);
    }

    private List<String> names() {
        return fastas.stream().map(file -> String.valueOf(file.getFileName())).toList();
    }

    /** What the store says, if it was made of these files with these settings. */
    private GenomeImportReport existing(Path file, long start) throws IOException {
        try (Database found = Database.open(file, Access.READ)) {
            GenomeSchema.SCHEMA.check(found);
            Map<String, String> info = Schema.info(found);
            List<String> hashes = new ArrayList<>();
            for (Path fasta : fastas) {
                hashes.add(new Sha256().add(fasta).hex());
            }
            String expected = fingerprint(hashes);
            if (!expected.equals(info.get(FINGERPRINT))) {
                throw new OutdatedDatabaseException(
                        "The store was made otherwise: "
                                + BuildSettings.difference(
                                        info,
                                        settings(sampleIds),
                                        AppendLog.of(info)
                                                .difference(
                                                        "the settings are the same, but the FASTA files are others"))
                                + " (" + file + "). Make it again with '--rebuild', or choose another name.",
                        file);
            }
            if (sharded != null) {
                try (GenomeStore opened = GenomeStore.open(file)) {
                    new GenomeConvert(progress, checksSpace).toSharded(opened, sharded, rebuild);
                }
            }
            return report(true, names(), info, null, start);
        }
    }

    /** What a store says of itself. */
    static GenomeImportReport report(
            boolean upToDate,
            List<String> files,
            Map<String, String> info,
            GenomeImportReport.@Nullable Appended appended,
            long start) {
        return new GenomeImportReport(
                upToDate,
                files,
                InfoCounts.of(info, "records"),
                InfoCounts.of(info, "contigs"),
                InfoCounts.of(info, "empty_contigs"),
                InfoCounts.of(info, "bases"),
                InfoCounts.of(info, "samples"),
                InfoCounts.withPrefix(info, GenomeStoreWriter.REJECTS),
                info.getOrDefault(FINGERPRINT, ""),
                InfoCounts.of(info, "source_bytes"),
                (System.nanoTime() - start) / 1e9,
                appended);
    }
}
