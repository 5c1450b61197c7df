package dev.millrace.cli;

import dev.millrace.genome.GenomeImport;
import dev.millrace.genome.GenomeImportReport;
import dev.millrace.genome.SampleIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace genome import}: from FASTA to a store, or to the original's files of samples. */
@Command(
        name = "import",
        description = {
            "Import FASTA files, plain or gzip, into a genome store, into the original's files of samples, or both; or add"
                    + " them to a store.",
            "Each appears whole or not at all. A contig's name is the first word of its header.",
            "For example: millrace genome import --fasta a.fa.gz b.fa --out genomes.db --id-format original"
        })
final class GenomeImportCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--fasta", required = true, arity = "1..*", paramLabel = "F", description = "Files to read.")
    private List<Path> fastas = List.of();

    @Option(names = "--out", paramLabel = "STORE.db", description = "The store to make.")
    private @Nullable Path out;

    @Option(
            names = "--sharded",
            paramLabel = "DIR",
            description = "Folder in which to make <sample>/glm_dataset_<sample>.sqlite.")
    private @Nullable Path sharded;

    @ArgGroup
    private @Nullable Samples samples;

    @Mixin
    private final Replacement replacement = new Replacement();

    @Option(
            names = "--rejects",
            paramLabel = "R.tsv",
            description = "Write what was rejected: file, line, id, reason, detail.")
    private @Nullable Path rejects;

    @Option(
            names = {"--max-rejects", "--max-reject-rate"},
            defaultValue = "0.05",
            paramLabel = "SHARE",
            description = "Largest share of rejected records (default 0.05); beyond it nothing is published.")
    private double maxRejects;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** Which sample a contig is of; without any, the original's rule where it fits, else the file's name. */
    static final class Samples {
        @Option(names = "--sample", required = true, paramLabel = "NAME", description = "One sample for all contigs.")
        private @Nullable String name;

        @Option(
                names = "--id-format",
                required = true,
                paramLabel = "original",
                description = "original: BCR__EXT-LON042-1__CT1-1 is of sample LON042.1. Other names are rejected.")
        private @Nullable String format;

        @Option(
                names = "--id-pattern",
                required = true,
                paramLabel = "REGEX",
                description = "What its first group matches in a contig's name. Without any of the three: as original"
                        + " where a name has that form, else the name of the file.")
        private @Nullable String pattern;

        SampleIds rule() {
            if (name != null) {
                return SampleIds.fixed(name);
            } else if (pattern != null) {
                return SampleIds.pattern(pattern);
            } else if ("original".equals(format)) {
                return SampleIds.original();
            }
            throw new UsageException("--id-format: expected original, found '" + format + "'.");
        }
    }

    @Override
    public Integer call() throws IOException {
        if (replacement.append() && (out == null || sharded != null)) {
            throw new UsageException("--append: expected --out STORE.db alone, found "
                    + (out == null ? "none" : "--sharded, too. Convert the store afterwards") + ".");
        }
        if (out == null && sharded == null) {
            throw new UsageException("Expected --out STORE.db or --sharded DIR, found neither.");
        }
        GenomeImport genomes = new GenomeImport()
                .optRebuild(replacement.rebuild())
                .optAppend(replacement.append())
                .optSpaceCheck(replacement.checksSpace());
        Path[] inputs = fastas.toArray(Path[]::new);
        for (Path fasta : inputs) {
            genomes.addFasta(Inputs.file(fasta));
        }
        if (out != null) {
            genomes.setStore(replacement.output(out, inputs));
        }
        if (sharded != null) {
            if (Files.exists(sharded)) {
                Inputs.folder(sharded);
            }
            genomes.setSharded(sharded);
        }
        Samples given = samples;
        if (given != null) {
            genomes.optSampleIds(Inputs.checked(given::rule));
        }
        genomes.optRejects(rejects == null ? null : Inputs.report(rejects, inputs));
        Inputs.checked(() -> genomes.optMaxRejects(maxRejects));
        GenomeImportReport report;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            report = genomes.optProgress(progress).run();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } finally {
            interruption.end();
        }
        if (json) {
            console.printJson(fields(report));
        } else {
            print(report);
        }
        return ExitCode.DONE.code();
    }

    private Map<String, Object> fields(GenomeImportReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (out != null) {
            fields.put("store", out.toString());
        }
        if (sharded != null) {
            fields.put("sharded", sharded.toString());
        }
        fields.put("up_to_date", report.upToDate());
        fields.put("files", report.files());
        fields.put("records", report.records());
        fields.put("contigs", report.contigs());
        fields.put("empty_contigs", report.emptyContigs());
        fields.put("bases", report.bases());
        fields.put("samples", report.samples());
        fields.put("rejected", report.rejected());
        fields.put("rejects", new TreeMap<>(report.rejects()));
        fields.put("fingerprint", report.fingerprint());
        fields.put("file_bytes", report.fileBytes());
        fields.put("seconds", report.seconds());
        GenomeImportReport.Appended appended = report.appended();
        if (appended != null) {
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("records", appended.records());
            more.put("added", appended.added());
            more.put("added_bases", appended.addedBases());
            more.put("already_stored", appended.alreadyStored());
            more.put("rejected", appended.rejected());
            fields.put("appended", more);
        }
        return fields;
    }

    private void print(GenomeImportReport report) {
        GenomeImportReport.Appended appended = report.appended();
        if (report.upToDate()) {
            console.print(out + " is up to date: "
                    + (appended != null
                            ? "it has all contigs of these files that can be used."
                            : replacement.append() ? "it has these files." : "the same files and settings."));
            return;
        }
        if (appended != null) {
            console.print(String.format(
                    Locale.ROOT,
                    "%,d of %,d records added (%,d bases), %,d there already, %,d rejected",
                    appended.added(),
                    appended.records(),
                    appended.addedBases(),
                    appended.alreadyStored(),
                    appended.rejected()));
            console.print(String.format(
                    Locale.ROOT,
                    "%s: %,d contigs, %,d bases of %,d samples",
                    out,
                    report.contigs(),
                    report.bases(),
                    report.samples()));
            console.print("The new contigs are in no split. Splits are gone on with by 'millrace genome split " + out
                    + " --append'.");
            return;
        }
        console.print(String.format(
                Locale.ROOT,
                "%s: %,d contigs, %,d bases of %,d samples in %.1f s (%,.0f MB/s of input)",
                out == null ? sharded : out,
                report.contigs(),
                report.bases(),
                report.samples(),
                report.seconds(),
                report.fileBytes() / 1e6 / Math.max(report.seconds(), 1e-3)));
        if (report.emptyContigs() > 0) {
            console.print(String.format(Locale.ROOT, "%,d contigs have no bases", report.emptyContigs()));
        }
        if (report.rejected() > 0) {
            console.print(String.format(
                    Locale.ROOT,
                    "rejected: %,d of %,d records %s",
                    report.rejected(),
                    report.records(),
                    new TreeMap<>(report.rejects())));
        }
    }
}
