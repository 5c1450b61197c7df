package dev.millrace.cli;

import dev.millrace.cli.TransferCell.Outcome;
import dev.millrace.cli.TransferCell.Strategy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench transfer}: what pretraining is worth, by how much there is to fine-tune on. */
@Command(
        name = "transfer",
        description =
                "Fine-tune from scratch, from a pretrained encoder and on a frozen one, on parts of the training split,"
                        + " and compare the test cosine. Finished cells are kept: run it again to go on, or several times at"
                        + " once with the same --out.")
final class BenchTransferCommand implements Callable<Integer> {
    private static final String CONFIG = "transfer.yaml";

    @Mixin
    private final Console console = new Console();

    @Option(names = "--pretrain-db", paramLabel = "P.db", description = "Molecules, as 'millrace pcqm build' makes.")
    private @Nullable Path pretrainDatabase;

    @Option(
            names = "--checkpoint",
            paramLabel = "DIR",
            description = "A pretrained model to use instead of pretraining one.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--finetune-db",
            required = true,
            paramLabel = "F.db",
            description =
                    "Spectra, as 'millrace spectra build' makes, with the feature specification of the molecules.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path finetuneDatabase;

    @Option(
            names = "--fractions",
            split = ",",
            defaultValue = "0.25,0.5,0.75,1.0",
            description = "Parts of the training split (default ${DEFAULT-VALUE}).")
    private List<Double> fractions = new ArrayList<>();

    @Option(names = "--seeds", split = ",", defaultValue = "1,2,3", description = "Seeds (default ${DEFAULT-VALUE}).")
    private List<Long> seeds = new ArrayList<>();

    @Option(
            names = "--strategies",
            split = ",",
            defaultValue = "scratch,pretrained,frozen",
            description = "What to begin with (default ${DEFAULT-VALUE}).")
    private List<Strategy> strategies = new ArrayList<>();

    @Option(names = "--epochs", paramLabel = "N", description = "Epochs of each fine-tuning (default: as configured).")
    private @Nullable Integer epochs;

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            description = "Epochs of pretraining (default: as configured).")
    private @Nullable Integer pretrainEpochs;

    @Option(
            names = "--config",
            paramLabel = "C.yaml",
            description = "A configuration with both sections (default: one of the size for a few hundred spectra).")
    private @Nullable Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key of it. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where cells, table and picture go.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        check();
        if (Files.exists(out)) {
            Inputs.folder(out);
        }
        Files.createDirectories(out);
        TransferExperiment experiment = new TransferExperiment(out, configFile(), allOverrides(), console);
        Interruption interruption = Interruption.watch();
        List<Outcome> outcomes;
        boolean interrupted;
        try {
            boolean needed = strategies.stream().anyMatch(strategy -> strategy != Strategy.SCRATCH);
            Path pretrained = checkpoint != null || !needed ? checkpoint : experiment.pretrain();
            outcomes = needed && pretrained == null ? List.of() : run(experiment, pretrained);
            interrupted = Thread.interrupted();
        } finally {
            interruption.end();
        }
        publish(new TransferSummary(outcomes, cells().size()));
        return interrupted ? ExitCode.INTERRUPTED.code() : ExitCode.DONE.code();
    }

    private void check() {
        Inputs.file(finetuneDatabase);
        for (double fraction : fractions) {
            if (!(fraction > 0 && fraction <= 1)) {
                throw new UsageException(
                        "--fractions: expected numbers above 0 and at most 1, found " + fraction + ".");
            }
        }
        boolean needed = strategies.stream().anyMatch(strategy -> strategy != Strategy.SCRATCH);
        if (needed && (checkpoint == null) == (pretrainDatabase == null)) {
            throw new UsageException("Expected one of --pretrain-db and --checkpoint, found "
                    + (checkpoint == null ? "none." : "both."));
        }
        if (pretrainDatabase != null) {
            Inputs.file(pretrainDatabase);
        }
        if (checkpoint != null) {
            Inputs.folder(checkpoint);
        }
    }

    /** The configuration of all cells, in their folder. */
    private Path configFile() throws IOException {
        Path file = out.resolve(CONFIG);
        if (config != null) {
            Path given = Inputs.file(config);
            if (!Files.exists(file)) {
                Files.copy(given, file);
            } else if (Files.mismatch(given, file) >= 0) {
                throw new UsageException("--config: expected the one of the cells that are there, " + file + ", found "
                        + given + ". Use another --out.");
            }
        } else if (!Files.exists(file)) {
            try (InputStream text = Objects.requireNonNull(
                    BenchTransferCommand.class.getResourceAsStream(CONFIG), "transfer.yaml is in the jar")) {
                Files.write(file, text.readAllBytes());
            }
        }
        return file;
    }

    private List<String> allOverrides() {
        List<String> all = new ArrayList<>();
        all.add("data.sqlite_db_path=" + TransferExperiment.quoted(finetuneDatabase));
        if (pretrainDatabase != null) {
            all.add("pretraining.sqlite_db_path=" + TransferExperiment.quoted(pretrainDatabase));
        }
        if (epochs != null) {
            all.add("finetuning.num_epochs=" + epochs);
        }
        if (pretrainEpochs != null) {
            all.add("pretraining.num_epochs=" + pretrainEpochs);
        }
        all.addAll(overrides);
        return all;
    }

    /** Seed by seed, so that what is there after a while is a whole comparison. */
    private List<TransferCell> cells() {
        List<TransferCell> cells = new ArrayList<>();
        for (long seed : seeds) {
            for (double fraction : fractions) {
                for (Strategy strategy : strategies) {
                    cells.add(new TransferCell(strategy, fraction, seed));
                }
            }
        }
        return cells;
    }

    private List<Outcome> run(TransferExperiment experiment, @Nullable Path pretrained) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        int number = 0;
        for (TransferCell cell : cells()) {
            number++;
            if (Thread.currentThread().isInterrupted()) {
                return outcomes;
            }
            Outcome outcome = experiment.run(cell, pretrained);
            if (outcome != null) {
                outcomes.add(outcome);
                console.note(String.format(
                        Locale.ROOT,
                        "%d/%d %s: test cosine %.4f, validation %.4f, %.0f s",
                        number,
                        cells().size(),
                        cell.name(),
                        outcome.testCosine(),
                        outcome.validationCosine(),
                        outcome.seconds()));
            } else if (!Thread.currentThread().isInterrupted()) {
                console.note(number + "/" + cells().size() + " " + cell.name() + ": another process has it");
            }
        }
        outcomes.sort(Comparator.comparing(Outcome::fraction).thenComparing(Outcome::strategy));
        return outcomes;
    }

    private void publish(TransferSummary summary) throws IOException {
        Files.writeString(out.resolve("transfer.md"), summary.markdown());
        String picture = summary.svg();
        if (picture != null) {
            Files.writeString(out.resolve("transfer.svg"), picture);
        }
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("cells", summary.outcomes());
            all.put("expected", summary.expected());
            console.printJson(all);
        } else {
            console.print(summary.markdown().stripTrailing());
        }
    }
}
