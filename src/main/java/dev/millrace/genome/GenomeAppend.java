package dev.millrace.genome;

import dev.millrace.build.AppendLog;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.InfoCounts;
import dev.millrace.build.RejectFile;
import dev.millrace.build.Sha256;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Adds FASTA files to a store that exists. One thread; used once. */
final class GenomeAppend {
    private static final String SAMPLE_IDS = "sample_ids";

    private final List<Path> fastas;
    private final Path store;
    private final @Nullable SampleIds given;
    private final double maxRejects;
    private final @Nullable Path rejects;
    private final boolean checksSpace;
    private final BuildProgress progress;
    private final long start;

    /**
     * Describes what is to be done.
     *
     * @param given which sample a contig is of; null to tell it as the store was made
     * @param start when the caller began, {@link System#nanoTime()}
     */
    GenomeAppend(
            List<Path> fastas,
            Path store,
            @Nullable SampleIds given,
            double maxRejects,
            @Nullable Path rejects,
            boolean checksSpace,
            BuildProgress progress,
            long start) {
        this.fastas = List.copyOf(fastas);
        this.store = store;
        this.given = given;
        this.maxRejects = maxRejects;
        this.rejects = rejects;
        this.checksSpace = checksSpace;
        this.progress = progress;
        this.start = start;
    }

    GenomeImportReport run() throws IOException {
        Map<String, String> info = infoOfStore();
        @Nullable SampleIds rule = given != null ? given : ruleOf(info.getOrDefault(SAMPLE_IDS, ""));
        Map<Path, String> wanted = new LinkedHashMap<>();
        for (Path fasta : fastas) {
            String sha256 = new Sha256().add(fasta).hex();
            if (!holds(info, fasta, sha256, rule)) {
                wanted.put(fasta, sha256);
            }
        }
        if (wanted.isEmpty()) {
            return GenomeImport.report(true, names(), info, null, start);
        }
        if (checksSpace) {
            DiskSpace.require(store, Files.size(store) + GenomeSpace.ofFasta(wanted.keySet()));
        }
        try (GenomeStoreWriter writer = GenomeStoreWriter.append(store, info);
                RejectFile rejectFile = RejectFile.open(rejects, RejectFile.Place.LINE)) {
            long basesBefore = writer.bases();
            ContigIntake intake = new ContigIntake(writer, rejectFile, List.copyOf(wanted.keySet()), progress);
            Map<String, String> changed = new LinkedHashMap<>(info);
            Map<String, String> entries = new LinkedHashMap<>();
            for (Map.Entry<Path, String> file : wanted.entrySet()) {
                entries.putAll(take(intake, file.getKey(), file.getValue(), rule, changed));
            }
            intake.end(maxRejects);
            GenomeImportReport.Appended appended = new GenomeImportReport.Appended(
                    intake.records(),
                    intake.added(),
                    writer.bases() - basesBefore,
                    intake.alreadyStored(),
                    intake.rejected());
            if (intake.added() == 0) {
                return GenomeImport.report(true, names(), info, appended, start);
            }
            add(entries, info, "records", intake.records() - intake.alreadyStored());
            add(entries, info, "empty_contigs", intake.emptyContigs());
            add(entries, info, "source_bytes", intake.bytes());
            changed.putAll(writer.publish(entries));
            return GenomeImport.report(false, names(), changed, appended, start);
        }
    }

    /** Reads a file; returns what is to be said of it. */
    private static Map<String, String> take(
            ContigIntake intake, Path file, String sha256, @Nullable SampleIds rule, Map<String, String> info)
            throws IOException {
        long records = intake.records();
        long added = intake.added();
        long stored = intake.alreadyStored();
        long rejected = intake.rejected();
        String read = intake.read(file, GenomeImport.ruleFor(rule, file));
        if (!read.equals(sha256)) {
            throw new IOException(
                    "Cannot add " + file + ": expected it as it was when this command began, found it changed by"
                            + " another command. Nothing was written. Run this one again.");
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("source_sha256", sha256);
        facts.put(SAMPLE_IDS, GenomeImport.inWords(rule));
        facts.put("records", Long.toString(intake.records() - records));
        facts.put("added", Long.toString(intake.added() - added));
        facts.put("already_stored", Long.toString(intake.alreadyStored() - stored));
        facts.put("rejected", Long.toString(intake.rejected() - rejected));
        Map<String, String> entries =
                AppendLog.of(info).append(fingerprint(file, sha256, rule), String.valueOf(file.getFileName()), facts);
        info.putAll(entries);
        return entries;
    }

    private static void add(Map<String, String> entries, Map<String, String> info, String key, long more) {
        entries.put(key, Long.toString(InfoCounts.of(info, key) + more));
    }

    private Map<String, String> infoOfStore() {
        try (Database found = Database.open(store, Access.READ)) {
            GenomeSchema.SCHEMA.check(found);
            return Schema.info(found);
        }
    }

    /** Whether the store was made of a file, or has it since. */
    private static boolean holds(Map<String, String> info, Path file, String sha256, @Nullable SampleIds rule) {
        if (AppendLog.of(info).holds(fingerprint(file, sha256, rule))) {
            return true;
        }
        boolean sameRule = GenomeImport.inWords(rule).equals(info.get(SAMPLE_IDS));
        for (int n = 1; sameRule && info.containsKey("source_" + n); n++) {
            Path source = Path.of(info.getOrDefault("source_" + n, ""));
            if (sha256.equals(info.get("source_" + n + "_sha256"))
                    && GenomeImport.stem(source).equals(GenomeImport.stem(file))) {
                return true;
            }
        }
        return false;
    }

    private static String fingerprint(Path file, String sha256, @Nullable SampleIds rule) {
        return BuildSettings.fingerprint(
                sha256 + " " + GenomeImport.stem(file) + "\n", new TreeMap<>(GenomeImport.settings(rule)));
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        fastas.forEach(file -> names.add(String.valueOf(file.getFileName())));
        return names;
    }

    /** The rule in a file's words; null for the one that holds without any. */
    private @Nullable SampleIds ruleOf(String words) {
        if (words.equals(GenomeImport.inWords(null))) {
            return null;
        } else if (words.equals(SampleIds.original().toString())) {
            return SampleIds.original();
        } else if (words.startsWith(SampleIds.PATTERN)) {
            return SampleIds.pattern(words.substring(SampleIds.PATTERN.length()));
        }
        throw new IllegalArgumentException("Cannot tell which sample the contigs are of: expected it to be said, as "
                + store + " was made with '" + words + "', found nothing. Name it with --sample, or tell it from"
                + " names with --id-format or --id-pattern.");
    }
}
