package dev.millrace.cli;

import dev.millrace.bench.KvRoundTrip;
import dev.millrace.bench.LoaderRatio;
import dev.millrace.training.RunListener;
import dev.millrace.training.RunResult;
import dev.millrace.training.StepReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tries one domain: makes its data, trains some steps, measures its loader, checks. Used once. */
final class SmokeTrial {
    /** Losses of single steps scatter: so many at each end are averaged, at most. */
    private static final int AVERAGED_STEPS = 5;

    private final SmokeConfig config;
    private final SmokeConfig.Domain domain;
    private final Path configs;
    private final Path folder;
    private final double floor;
    private final Console console;

    private final List<Double> losses = new ArrayList<>();
    private double samplesPerSecond = Double.NaN;
    private @Nullable LoaderRatio loader;

    /**
     * @param configs folder in which the configurations of trainings lie
     * @param folder of this domain, made here
     */
    SmokeTrial(SmokeConfig config, SmokeConfig.Domain domain, Path configs, Path folder, Console console) {
        this.config = config;
        this.domain = domain;
        this.configs = configs;
        this.folder = folder;
        this.floor = config.floor(domain);
        this.console = console;
    }

    /** Something did not go as it should; says what and which code it is. */
    private static final class Failure extends Exception {
        private final SmokeOutcome.Verdict verdict;
        private final ExitCode code;

        Failure(SmokeOutcome.Verdict verdict, ExitCode code, String message) {
            super(message);
            this.verdict = verdict;
            this.code = code;
        }
    }

    /** Does all of it, or as much as succeeds. */
    SmokeOutcome run() {
        long start = System.nanoTime();
        SmokeOutcome.Verdict verdict = SmokeOutcome.Verdict.OK;
        ExitCode code = ExitCode.DONE;
        String message = null;
        try {
            Files.createDirectories(folder);
            runAll(domain.prepare());
            if (domain.config() != null) {
                train(domain.config());
            } else {
                loader = KvRoundTrip.run(folder.resolve("store.db"), Objects.requireNonNull(domain.kvEntries()));
            }
            runAll(domain.check());
            requireLoader();
        } catch (Failure failure) {
            verdict = failure.verdict;
            code = failure.code;
            message = failure.getMessage();
        } catch (IOException | RuntimeException failure) {
            code = ExitCode.of(failure);
            verdict = code == ExitCode.DIVERGED ? SmokeOutcome.Verdict.DIVERGED : SmokeOutcome.Verdict.FAILED;
            message = Main.explain(failure);
        }
        return new SmokeOutcome(
                domain.name(),
                code,
                verdict,
                losses.size(),
                mean(losses.subList(0, averaged())),
                mean(losses.subList(losses.size() - averaged(), losses.size())),
                samplesPerSecond,
                loader == null ? Double.NaN : loader.batched(),
                loader == null ? Double.NaN : loader.perRecord(),
                floor,
                message,
                Math.round((System.nanoTime() - start) / 1e7) / 100.0);
    }

    private void train(Path file) throws IOException, Failure {
        List<String> overrides = domain.set() == null
                ? List.of()
                : domain.set().stream().map(this::override).toList();
        TrainConfig.Loaded loaded = TrainConfig.load(configs.resolve(file), overrides);
        loaded.warnings().forEach(console::warn);
        Path run = folder.resolve("run");
        TrainingJob job = new TrainingJob(loaded.config(), run)
                .maxSteps(config.steps(domain))
                .listener(new RunListener() {
                    @Override
                    public void onStep(StepReport step) {
                        losses.add(step.loss());
                    }
                });
        RunResult result = job.run();
        if (result.reason() == RunResult.StopReason.INTERRUPTED) {
            throw new Failure(SmokeOutcome.Verdict.FAILED, ExitCode.INTERRUPTED, "Interrupted.");
        }
        samplesPerSecond = result.samplesPerSecond();
        job.writeReport(Map.of(), run.resolve(RunFolder.REPORT));
        requireLoss();
        try (TrainingTask task = TrainingTask.open(loaded.config())) {
            loader = LoaderRatio.of(task.training(), config.loaderSeconds());
        }
    }

    private void requireLoss() throws Failure {
        double untrained = losses.get(0);
        double first = mean(losses.subList(0, averaged()));
        double last = mean(losses.subList(losses.size() - averaged(), losses.size()));
        Double bound = domain.maxLoss();
        // Written so that a NaN is refused. The mean alone would pass a training that its first updates threw far up
        // and
        // that then only comes back part of the way.
        if (bound == null ? last < first && last < untrained : last <= bound) {
            return;
        }
        String found = String.format(
                Locale.ROOT,
                "found %s over the last %d of %d steps",
                EpochTable.significant(last),
                averaged(),
                losses.size());
        throw new Failure(
                SmokeOutcome.Verdict.DIVERGED,
                ExitCode.DIVERGED,
                bound == null
                        ? "The loss does not fall: expected less than the "
                                + EpochTable.significant(Math.min(first, untrained))
                                + (untrained < first
                                        ? " of the first step, before any update, "
                                        : " of the first steps, ")
                                + found
                                + ". Lower the learning rate, take more steps, or set a bound by max_loss."
                        : "The loss is too high: expected at most " + bound + " (max_loss), " + found
                                + ". Lower the learning rate or take more steps.");
    }

    private void requireLoader() throws Failure {
        if (loader != null && loader.ratio() < floor) {
            throw new Failure(
                    SmokeOutcome.Verdict.TOO_SLOW,
                    ExitCode.FAILED,
                    String.format(
                            Locale.ROOT,
                            "The loader is too slow: expected batches at least %s times as fast as record by record"
                                    + " (min_loader_ratio), found %.2f times (%.0f/s against %.0f/s). See what else runs on this"
                                    + " machine, or 'millrace bench loader'.",
                            EpochTable.significant(floor),
                            loader.ratio(),
                            loader.batched(),
                            loader.perRecord()));
        }
    }

    private void runAll(@Nullable List<String> commands) throws Failure {
        for (String command : commands == null ? List.<String>of() : commands) {
            String[] words = command.strip().split("\\s+", -1);
            for (int i = 0; i < words.length; i++) {
                words[i] = resolve(words[i]);
            }
            StringWriter error = new StringWriter();
            int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(error, true), words);
            if (code != ExitCode.DONE.code()) {
                String said = error.toString()
                        .lines()
                        .filter(line -> line.startsWith("error: "))
                        .map(line -> line.substring("error: ".length()))
                        .findFirst()
                        .orElse("it failed with code " + code);
                throw new Failure(
                        SmokeOutcome.Verdict.FAILED, ExitCode.ofCode(code), "millrace " + command + ": " + said);
            }
        }
    }

    private String resolve(String text) {
        return text.replace(SmokeConfig.RUN, folder.resolve("run").toString())
                .replace(SmokeConfig.FOLDER, folder.toString());
    }

    /** A value with a path in it is quoted: an override is YAML, and a path may have any character. */
    private String override(String text) {
        int sign = text.indexOf('=');
        String value = text.substring(sign + 1);
        String resolved = resolve(value);
        return sign < 0 || resolved.equals(value)
                ? text
                : text.substring(0, sign + 1) + "'" + resolved.replace("'", "''") + "'";
    }

    private int averaged() {
        return Math.min(AVERAGED_STEPS, (losses.size() + 3) / 4);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
