package dev.millrace.cli;

import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.Split;
import dev.millrace.bench.LoaderBench;
import dev.millrace.pcqm.PcqmAdapter;
import dev.millrace.pcqm.PcqmDataset;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench loader}: how fast shuffled batches come out of a database. */
@Command(name = "loader", description = "Measure shuffled loading, from SQL to filled arrays.")
final class BenchLoaderCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Source source;

    @Option(names = "--seed", defaultValue = "42", description = "Seed of the graphs and of the order (default 42).")
    private long seed;

    @Option(names = "--batch-size", defaultValue = "128", description = "Graphs per batch (default 128).")
    private int batchSize;

    @Option(names = "--epochs", defaultValue = "3", description = "Passes over the data; the best counts (default 3).")
    private int epochs;

    @Option(names = "--threads", defaultValue = "1", description = "Loader threads (default 1).")
    private int threads;

    @Option(
            names = "--mmap",
            description = "Read through mmap: faster, but the process dies if the file is cut meanwhile.")
    private boolean mapped;

    @Option(names = "--split", paramLabel = "S", description = "Split of a database: train, val, test … (default all).")
    private @Nullable String splitName;

    @Option(names = "--sequential", description = "Read in order instead of shuffled.")
    private boolean sequential;

    @Option(names = "--cache-in-memory", description = "Keep the split in the heap (pcqm and spectra databases).")
    private boolean cacheInMemory;

    @Option(names = "--no-warm-up", description = "Leave a file as cold as it is (pcqm databases of layout rows).")
    private boolean withoutWarmUp;

    @Option(names = "--adapter", paramLabel = "A", description = "native or pad (pcqm databases; as the file says).")
    private @Nullable String adapterName;

    @Option(names = "--no-baseline", description = "Leave out DJL's own path, one record at a time.")
    private boolean withoutBaseline;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** What to read. */
    static final class Source {
        @Option(names = "--db", required = true, paramLabel = "D.db", description = "A spectra or pcqm database.")
        private @Nullable Path database;

        @Option(
                names = "--synthetic",
                required = true,
                paramLabel = "N",
                description = "A seeded database of N graphs of PCQM4Mv2's size, made in a temporary folder.")
        private int synthetic;

        @Option(
                names = "--query",
                required = true,
                paramLabel = "Q.yaml",
                description = "Your own tables, as a query definition tells.")
        @Nullable
        Path query;
    }

    @Override
    public Integer call() throws IOException {
        Inputs.range("--batch-size", batchSize, 1, 65_536);
        Inputs.range("--epochs", epochs, 1, 1_000_000);
        Inputs.range("--threads", threads, 1, 1024);
        LoaderBench.Options options =
                new LoaderBench.Options(batchSize, epochs, threads, mapped, seed, !withoutBaseline);
        Inputs.engine();
        Map<String, Object> figures = measure(options);
        if (json) {
            console.printJson(figures);
        } else {
            console.printTable(
                    List.of("figure", "value"),
                    figures.entrySet().stream()
                            .map(entry -> List.of(entry.getKey(), String.valueOf(entry.getValue())))
                            .toList());
        }
        return ExitCode.DONE.code();
    }

    private Map<String, Object> measure(LoaderBench.Options options) throws IOException {
        if (source.query != null) {
            try (QueryFile query = QueryFile.open(source.query)) {
                return LoaderBench.measure(
                        () -> QueryDataset.builder()
                                .setDefinition(query.definition())
                                .setSampling(batchSize, true)
                                .optSeed(seed)
                                .optLoaderThreads(threads)
                                .optMapped(mapped)
                                .build(),
                        options);
            }
        }
        if (source.database != null) {
            Path database = Inputs.file(source.database);
            return switch (kind(database)) {
                case "spectra" -> LoaderBench.measure(() -> openSpectra(database), options);
                case "pcqm" -> LoaderBench.measure(() -> openPcqm(database), options);
                default ->
                    throw new UsageException("--db: expected a spectra or pcqm database, found one of kind "
                            + kind(database) + ": " + database);
            };
        }
        Inputs.range("--synthetic", source.synthetic, 1, 100_000_000);
        return LoaderBench.synthetic(source.synthetic, options);
    }

    private static String kind(Path database) {
        try (Database opened = Database.open(database, Access.READ)) {
            return Schema.kindOf(opened);
        }
    }

    private PcqmDataset openPcqm(Path database) {
        PcqmDataset.Builder builder = PcqmDataset.builder()
                .setDatabase(database)
                .optSplit(split())
                .setSampling(batchSize, !sequential)
                .optSeed(seed)
                .optLoaderThreads(threads)
                .optMapped(mapped)
                .optUnlabelled(true)
                .optCacheInMemory(cacheInMemory)
                .optWarmUp(!withoutWarmUp);
        if (adapterName != null) {
            String name = adapterName;
            builder.optAdapter(Inputs.checked(() -> PcqmAdapter.parse(name)));
        }
        return builder.build();
    }

    private Split split() {
        String name = splitName;
        return name == null ? Split.ALL : Inputs.checked(() -> Split.parse(name));
    }

    private SpectrumDataset openSpectra(Path database) {
        try {
            return SpectrumDataset.builder()
                    .setDatabase(database)
                    .optSplit(split())
                    .setSampling(batchSize, !sequential)
                    .optSeed(seed)
                    .optLoaderThreads(threads)
                    .optMapped(mapped)
                    .optCacheInMemory(cacheInMemory)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open " + database + ": " + e.getMessage(), e);
        }
    }
}
