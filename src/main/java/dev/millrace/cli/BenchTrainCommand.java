package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.bench.TrainBench;
import dev.millrace.model.EngineThreads;
import dev.millrace.model.FeatureInput;
import dev.millrace.model.GraphEncoderConfig;
import dev.millrace.pcqm.PcqmDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench train}: how fast a graph encoder trains, loading included. */
@Command(name = "train", description = "Measure training of a graph encoder, loading included.")
final class BenchTrainCommand implements Callable<Integer> {
    private static final int MOST_GRAPHS = 100_000_000;

    @Mixin
    private final Console console = new Console();

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Source source;

    @Option(
            names = "--model",
            defaultValue = "gine",
            paramLabel = "gine|gin|gcn",
            description = "How messages are made; gin leaves the bonds' features out (default gine).")
    private GraphEncoderConfig.ConvType model = GraphEncoderConfig.ConvType.GINE;

    @Option(names = "--layers", defaultValue = "3", description = "Rounds of message passing (default 3).")
    private int layers;

    @Option(names = "--hidden", defaultValue = "64", description = "Width of a round (default 64).")
    private int hidden;

    @Option(
            names = "--normalization",
            defaultValue = "none",
            paramLabel = "none|batch|layer",
            description = "What follows each round (default none).")
    private GraphEncoderConfig.Normalization normalization = GraphEncoderConfig.Normalization.NONE;

    @Option(names = "--dropout", defaultValue = "0", description = "Dropout after each round (default 0).")
    private double dropout;

    @Option(names = "--residual", description = "Add each round to its input.")
    private boolean residual;

    @Option(names = "--batch-size", defaultValue = "128", description = "Graphs per batch (default 128).")
    private int batchSize;

    @Option(names = "--steps", defaultValue = "200", description = "Measured steps (default 200).")
    private int steps;

    @Option(names = "--warm-up", defaultValue = "100", description = "Steps before those (default 100).")
    private int warmUp;

    @Option(
            names = "--windows",
            defaultValue = "5",
            description = "Parts of the measured steps; the best counts (default 5).")
    private int windows;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of the engine (default one less than there are processors).")
    private @Nullable Integer threads;

    @Option(names = "--loader-threads", defaultValue = "1", description = "Loader threads (default 1).")
    private int loaderThreads;

    @Option(
            names = "--mmap",
            description = "Read through mmap: faster, but the process dies if the file is cut meanwhile.")
    private boolean mapped;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu, gpu or gpu:N (default cpu).")
    private String device = "cpu";

    @Option(names = "--seed", defaultValue = "42", description = "Seed of data, order and model (default 42).")
    private long seed;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** What to train on. */
    static final class Source {
        @Option(names = "--db", required = true, paramLabel = "D.db", description = "A pcqm database: its train split.")
        private @Nullable Path database;

        @Option(
                names = "--synthetic",
                required = true,
                paramLabel = "N",
                description = "A seeded database of N graphs of PCQM4Mv2's size, made in a temporary folder.")
        private int synthetic;
    }

    @Override
    public Integer call() throws IOException {
        Inputs.range("--batch-size", batchSize, 1, 65_536);
        Inputs.range("--steps", steps, 1, 1_000_000);
        Inputs.range("--warm-up", warmUp, 0, 1_000_000);
        Inputs.range("--windows", windows, 1, steps);
        Inputs.range("--loader-threads", loaderThreads, 1, 1024);
        Inputs.engine();
        if (threads != null) {
            Inputs.range("--threads", threads, 1, 1024);
            EngineThreads.request(threads);
        }
        Map<String, Object> figures = measure();
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

    private Map<String, Object> measure() throws IOException {
        if (source.database == null) {
            Inputs.range("--synthetic", source.synthetic, 1, MOST_GRAPHS);
            return TrainBench.synthetic(source.synthetic, options("ogb-9-3"));
        }
        Path database = Inputs.file(source.database);
        String features;
        try (PcqmDataset data = open(database)) {
            features = data.featureSpec();
        }
        return TrainBench.measure(() -> open(database), options(features));
    }

    private PcqmDataset open(Path database) {
        return PcqmDataset.builder()
                .setDatabase(database)
                .optSplit(Split.TRAIN)
                .setSampling(batchSize, true)
                .optSeed(seed)
                .optLoaderThreads(loaderThreads)
                .optMapped(mapped)
                .build();
    }

    private TrainBench.Options options(String features) {
        GraphEncoderConfig encoder = Inputs.checked(
                () -> GraphEncoderConfig.of(FeatureInput.nodesOf(features), FeatureInput.bondsOf(features))
                        .withConvType(model)
                        .withNumLayers(layers)
                        .withHiddenDim(hidden)
                        .withNormalization(normalization)
                        .withDropout(dropout)
                        .withResidual(residual));
        return new TrainBench.Options(encoder, batchSize, warmUp, steps, windows, loaderThreads, mapped, device, seed);
    }
}
