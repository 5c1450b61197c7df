package dev.millrace.cli;

import dev.millrace.spectra.SpectraBuildReport;
import dev.millrace.spectra.SpectraBuilder;
import dev.millrace.spectra.SpectraSample;
import dev.millrace.sqlite.Verification;
import dev.millrace.training.RunResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace demo}: the whole way once, on synthetic data. */
@Command(
        name = "demo",
        description = "Write synthetic samples, build a database, train a small model, compare it with two baselines,"
                + " and write a report. Takes a minute or two.")
final class DemoCommand implements Callable<Integer> {
    private static final String CONFIG = "demo.yaml";

    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where everything goes (default: runs/demo, with a number if that is taken).")
    private @Nullable Path out;

    @Option(names = "--count", defaultValue = "1500", description = "Synthetic compounds (default 1500).")
    private int count;

    @Option(names = "--epochs", defaultValue = "15", description = "Epochs (default 15).")
    private int epochs;

    @Option(names = "--seed", defaultValue = "7", description = "Seed of everything (default 7).")
    private long seed;

    @Override
    public Integer call() throws IOException {
        Inputs.range("--count", count, 50, 1_000_000);
        Inputs.range("--epochs", epochs, 1, 10_000);
        Path folder = out == null ? RunFolder.next(Path.of("runs", "demo")) : out;
        Path run = RunFolder.fresh(folder.resolve("run"));
        Files.createDirectories(folder);
        Path database = folder.resolve("spectra.db");
        build(folder, database);
        TrainConfig config = config(folder, database);
        console.print("3. train " + config.section().loop().numEpochs() + " epochs");
        EpochTable table = new EpochTable(console, config);
        TrainingJob job = new TrainingJob(config, run).listener(table);
        RunResult result = train(job);
        if (result.reason() == RunResult.StopReason.INTERRUPTED) {
            return ExitCode.INTERRUPTED.code();
        }
        console.print("4. compare with what needs no model");
        Optional<Baselines> baselines = Baselines.ofSpectra(console, config);
        Map<String, String> findings = new LinkedHashMap<>();
        findings.put("data", count + " synthetic compounds, seed " + seed + "; they describe no real substance");
        findings.putAll(Baselines.findings(config, table.epochs(), baselines));
        console.printTable(
                List.of("finding", "value"),
                findings.entrySet().stream()
                        .map(finding -> List.of(finding.getKey(), finding.getValue()))
                        .toList());
        Path report = folder.resolve(RunFolder.REPORT);
        job.writeReport(findings, report);
        console.print("run folder: " + run);
        console.print("report: " + report.toAbsolutePath().normalize());
        return ExitCode.DONE.code();
    }

    private void build(Path folder, Path database) throws IOException {
        console.print("1. write " + count + " synthetic compounds; they describe no real substance");
        Path sample = folder.resolve("sample");
        SpectraBuildReport report;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            SpectraSample.write(sample, count, seed, progress);
            console.print("2. build and verify " + database);
            report = new SpectraBuilder()
                    .setMsp(sample.resolve("spectra.msp"))
                    .setMolFolder(sample.resolve("mol"))
                    .setDatabase(database)
                    .optSeed(seed)
                    .optRebuild(true)
                    .optProgress(progress)
                    .build();
        } finally {
            interruption.end();
        }
        Verification verification = Verification.verify(database);
        if (!verification.isSound()) {
            throw new IllegalStateException("The database just built is damaged: " + verification.faults());
        }
        console.note(String.format(
                Locale.ROOT,
                "%,d compounds, splits %s, %,d bytes, every row verified",
                report.compounds(),
                new java.util.TreeMap<>(report.splits()),
                Files.size(database)));
    }

    private TrainConfig config(Path folder, Path database) throws IOException {
        Path file = folder.resolve(CONFIG);
        try (InputStream text =
                Objects.requireNonNull(DemoCommand.class.getResourceAsStream(CONFIG), "demo.yaml is in the jar")) {
            Files.write(file, text.readAllBytes());
        }
        String quoted = "'" + database.toString().replace("'", "''") + "'";
        return TrainConfig.load(
                        file,
                        List.of(
                                "data.sqlite_db_path=" + quoted,
                                "data.random_seed=" + seed,
                                "finetuning.num_epochs=" + epochs))
                .config();
    }

    private static RunResult train(TrainingJob job) throws IOException {
        Interruption interruption = Interruption.watch();
        try {
            return job.run();
        } finally {
            interruption.end();
        }
    }
}
