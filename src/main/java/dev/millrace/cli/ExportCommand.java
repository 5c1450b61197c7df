package dev.millrace.cli;

import dev.millrace.batch.DatasetExport;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.kv.KvCatalog;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace export}: the samples of any dataset for other programs. */
@Command(
        name = "export",
        description = "Write the samples of a dataset as NPZ, which numpy.load reads, or as CSV: in order, with the"
                + " types that training sees.",
        footer = {
            "",
            "Examples:",
            "  millrace export nist.db --split train --out train.npz",
            "  millrace export nist.db --arrays spectrum --limit 100 --out - | head",
            "  millrace export chi.db --set view=graph --set kweight=2 --out graphs.npz",
            "  millrace export configs/query.yaml --out houses.csv.gz",
            "Graphs of all samples are one graph in NPZ, divided by node_offsets and edge_offsets; CSV has no place for"
                    + " them. What can be chosen with --set is in docs/export.md."
        })
final class ExportCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    /** Files without samples, and what exports them. */
    private static final Map<String, String> OTHER_EXPORTS =
            Map.of(KvCatalog.KIND, "millrace kv export", "metrics", "millrace metrics export");

    /** What the file is. */
    enum Format {
        NPZ,
        CSV
    }

    @Mixin
    private final Console console = new Console();

    @Parameters(
            paramLabel = "SOURCE",
            description = "A database with samples, or a query file (.yaml) over tables of your own.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path source;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "F",
            description = "File to write: .npz, .csv or .csv.gz; - for CSV on standard output.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private String out;

    @Option(names = "--format", paramLabel = "npz|csv", description = "What to write (default: as --out ends).")
    private @Nullable Format format;

    @Option(
            names = "--split",
            paramLabel = "S",
            description = "Split of a database: train, val, test … (default: all).")
    private @Nullable String split;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N samples.")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = "--arrays",
            split = ",",
            paramLabel = "A",
            description = "Only these arrays, several with commas (default: all).")
    private List<String> arrays = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Choose how a database is read, for example view=graph. May be repeated.")
    private Map<String, String> choices = Map.of();

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Samples that are read at a time, for speed and memory only (default: 256).")
    private int batchSize = DatasetExport.DEFAULT_BATCH_SIZE;

    @Option(names = "--force", description = "Replace a file that is there.")
    private boolean force;

    @Option(names = "--json", description = "Print what was written as JSON; not with --out -.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Inputs.range("--limit", limit, 0, Integer.MAX_VALUE);
        Inputs.range("--batch-size", batchSize, 1, 65_536);
        Format wanted = format();
        Inputs.file(source);
        Inputs.engine();
        if (isQuery()) {
            exportQuery(wanted);
        } else {
            requireSamples();
            Path target = target(source);
            try (SqliteDataset<?> dataset = Inputs.checked(() -> DatasetKind.openAny(source, split(), choices))) {
                export(dataset, wanted, target);
            }
        }
        return ExitCode.DONE.code();
    }

    private void exportQuery(Format wanted) throws IOException {
        if (split != null || !choices.isEmpty()) {
            throw new UsageException((split != null ? "--split" : "--set")
                    + ": expected no such option for a query file, whose queries say it, found one.");
        }
        try (QueryFile query = QueryFile.open(source)) {
            Path target = target(source, query.definition().database());
            try (QueryDataset dataset = QueryDataset.builder()
                    .setDefinition(query.definition())
                    .setSampling(1, false)
                    .build()) {
                export(dataset, wanted, target);
            }
        }
    }

    private void export(SqliteDataset<?> dataset, Format wanted, @Nullable Path target) throws IOException {
        DatasetExport export =
                new DatasetExport(dataset).optArrays(arrays).optLimit(limit).optBatchSize(batchSize);
        Interruption interruption = Interruption.watch();
        try (Progress progress = console.progress("export", Math.min(limit, dataset.size()))) {
            if (target == null) {
                console.printBytes(export::csv);
                progress.end();
                return;
            }
            export.optProgress(progress::at);
            report(target, wanted == Format.NPZ ? export.npz(target) : export.csv(target));
        } finally {
            interruption.end();
        }
    }

    private void report(Path target, DatasetExport.Summary summary) throws IOException {
        long bytes = Files.size(target);
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", target.toString());
            fields.put("samples", summary.samples());
            fields.put("bytes", bytes);
            fields.put("arrays", summary.arrays());
            console.printJson(fields);
            return;
        }
        console.print(String.format(Locale.ROOT, "%s: %,d samples, %,d bytes", target, summary.samples(), bytes));
        console.printTable(
                List.of("array", "type", "shape"),
                summary.arrays().stream()
                        .map(array -> List.of(array.name(), array.type(), shape(array.shape())))
                        .toList());
    }

    private static String shape(List<Long> dims) {
        return dims.stream().map(String::valueOf).collect(Collectors.joining(" × "));
    }

    private Format format() {
        if (out.equals(STANDARD_OUTPUT)) {
            if (format == Format.NPZ || json) {
                throw new UsageException(
                        (json ? "--json" : "--format npz") + ": expected --out with a file, found standard output.");
            }
            return Format.CSV;
        }
        if (format != null) {
            return format;
        }
        String name = out.toLowerCase(Locale.ROOT);
        if (name.endsWith(".npz")) {
            return Format.NPZ;
        }
        if (name.endsWith(".csv") || name.endsWith(".csv.gz")) {
            return Format.CSV;
        }
        throw new UsageException("--out: expected a name that ends in .npz, .csv or .csv.gz, found " + out
                + ". Say --format npz or csv.");
    }

    /** The file to write, which takes the place of none of the inputs; null for standard output. */
    private @Nullable Path target(Path... inputs) throws IOException {
        if (out.equals(STANDARD_OUTPUT)) {
            return null;
        }
        Path target = Inputs.output(Path.of(out), inputs);
        if (Files.exists(target) && !force) {
            throw new UsageException(
                    "--out: expected the name of a new file, found " + target + ". Replace it with --force.");
        }
        return target;
    }

    private boolean isQuery() {
        String name = source.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }

    private Split split() {
        return split == null ? Split.ALL : Split.parse(split);
    }

    private void requireSamples() {
        String kind;
        try (Database database = Database.open(source, Access.READ)) {
            kind = Schema.kindOf(database);
        } catch (SchemaMismatchException e) {
            throw new SchemaMismatchException(
                    e.kind(),
                    e.getMessage() + " Tables of your own are exported by a query file: docs/export.md.",
                    source);
        }
        String other = OTHER_EXPORTS.get(kind);
        if (other != null) {
            throw new UsageException("Cannot export samples of " + source
                    + ": expected a dataset, found a file of kind " + kind + ". Use '" + other + "'.");
        }
    }
}
