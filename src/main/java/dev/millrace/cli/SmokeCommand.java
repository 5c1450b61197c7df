package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace smoke}: a few training steps of every domain, for continuous integration. */
@Command(
        name = "smoke",
        description = {
            "Train every domain for a few steps on seeded samples, or on your own databases, and fail if one fails, if a loss"
                    + " is no number or does not fall, or if a loader is slower than its floor.",
            "Exit code 5 if a training diverged, 1 if a loader is too slow, else that of the first failure."
        })
final class SmokeCommand implements Callable<Integer> {
    private static final Path USUAL = Path.of("configs", "smoke-all.yaml");

    @Mixin
    private final Console console = new Console();

    @Option(
            names = "--config",
            paramLabel = "CONFIG.yaml",
            description = "What to try (default: configs/smoke-all.yaml, here or beside the launcher).")
    private @Nullable Path file;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "Only these domains of the configuration, separated by commas.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where samples and runs go, each domain in a folder of its own (default: runs/smoke, with a"
                    + " number if that is taken).")
    private @Nullable Path out;

    @Option(
            names = "--min-loader-ratio",
            paramLabel = "R",
            description = "How many times faster than record by record every loader must be, instead of what the"
                    + " configuration says; 0 asks for nothing.")
    private @Nullable Double minLoaderRatio;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--junit", paramLabel = "FILE.xml", description = "Write a report in JUnit's XML too.")
    private @Nullable Path junit;

    @Override
    public Integer call() throws IOException {
        Path chosen = file == null ? usual() : file;
        if (minLoaderRatio != null && !(minLoaderRatio >= 0)) {
            throw new UsageException("--min-loader-ratio: expected a number ≥ 0, found " + minLoaderRatio + ".");
        }
        SmokeConfig read = SmokeConfig.load(chosen);
        SmokeConfig config = minLoaderRatio == null ? read : read.requiring(minLoaderRatio);
        List<SmokeConfig.Domain> domains = chosen(config);
        if (junit != null) {
            Inputs.report(junit, chosen);
        }
        Path folder = out == null ? RunFolder.next(Path.of("runs", "smoke")) : out;
        for (SmokeConfig.Domain domain : domains) {
            requireFree(folder.resolve(domain.name()));
        }
        Path configs = chosen.toAbsolutePath().resolveSibling("");
        List<SmokeOutcome> outcomes = new ArrayList<>();
        long start = System.nanoTime();
        Interruption interruption = Interruption.watch();
        try {
            for (SmokeConfig.Domain domain : domains) {
                console.note("smoke: " + domain.name());
                SmokeOutcome outcome =
                        new SmokeTrial(config, domain, configs, folder.resolve(domain.name()), console).run();
                outcomes.add(outcome);
                if (outcome.message() != null) {
                    console.error(domain.name() + ": " + outcome.message());
                }
                if (outcome.code() == ExitCode.INTERRUPTED) {
                    break;
                }
            }
        } finally {
            interruption.end();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (junit != null) {
            JUnitReport.write(junit, outcomes);
        }
        print(folder, outcomes, seconds);
        return code(outcomes).code();
    }

    private static void requireFree(Path folder) throws IOException {
        if (RunFolder.isTaken(folder)) {
            throw new UsageException("Expected a folder without earlier data, found some in " + folder
                    + ". Choose another --out, or remove it.");
        }
    }

    private void print(Path folder, List<SmokeOutcome> outcomes, double seconds) {
        boolean passed = code(outcomes) == ExitCode.DONE;
        if (json) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("passed", passed);
            fields.put("folder", folder.toString());
            fields.put("seconds", Math.round(100 * seconds) / 100.0);
            fields.put("domains", outcomes.stream().map(SmokeOutcome::json).toList());
            console.printJson(fields);
            return;
        }
        console.printTable(
                SmokeOutcome.HEAD, outcomes.stream().map(SmokeOutcome::row).toList());
        console.print(String.format(
                Locale.ROOT,
                "%s: %d of %d passed in %.1f s",
                folder,
                outcomes.stream()
                        .filter(outcome -> outcome.code() == ExitCode.DONE)
                        .count(),
                outcomes.size(),
                seconds));
    }

    /** A training that diverged tells more than a slow loader beside it. */
    private static ExitCode code(List<SmokeOutcome> outcomes) {
        ExitCode first = ExitCode.DONE;
        for (SmokeOutcome outcome : outcomes) {
            if (outcome.code() == ExitCode.DIVERGED || outcome.code() == ExitCode.INTERRUPTED) {
                return outcome.code();
            }
            first = first == ExitCode.DONE ? outcome.code() : first;
        }
        return first;
    }

    private List<SmokeConfig.Domain> chosen(SmokeConfig config) {
        List<String> names =
                config.domains().stream().map(SmokeConfig.Domain::name).toList();
        for (String name : only) {
            if (!names.contains(name)) {
                throw new UsageException(
                        "--only: expected some of " + String.join(", ", names) + ", found '" + name + "'.");
            }
        }
        return config.domains().stream()
                .filter(domain -> only.isEmpty() || only.contains(domain.name()))
                .toList();
    }

    private static Path usual() {
        String home = System.getenv("MILLRACE_HOME");
        if (Files.isRegularFile(USUAL) || home == null) {
            return USUAL;
        }
        return Path.of(home).resolve(USUAL);
    }
}
