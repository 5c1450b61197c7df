package dev.millrace.cli;

import dev.millrace.build.PublishedFile;
import dev.millrace.exafs.ChiAverage;
import dev.millrace.exafs.ChiFiles;
import dev.millrace.exafs.ChiParameters;
import dev.millrace.exafs.PathCriteria;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace exafs average}: χ(k) of many paths brought together. */
@Command(
        name = "average",
        description = {
            "Sum χ(k) of matching paths within each absorber, then average over the absorbers.",
            "Frames are START ≤ frame < END, from a database as from files. Nothing matching is an error and writes nothing."
        },
        footer = {
            "",
            "Examples:",
            "  millrace exafs average --database chi.db --paths \"U-O,U-U\" --max-distance 4.0,5.0 --out average.csv",
            "  millrace exafs average --input-dir calculations --start 100 --end 120 --paths-numbers 1-8,12 --out average.dat",
            "  millrace exafs average --config averaging.toml        (a configuration of MD-EXAFS)",
            "CSV has k, chi and std_error with 17 digits. Other names than .csv and .json get the text of MD-EXAFS."
        })
final class ExafsAverageCommand implements Callable<Integer> {
    /** Which absorbers a mean is divided by, in the words of the command line. */
    enum Over {
        MATCHING,
        ALL
    }

    /** How paths are brought together, in the words of the command line. */
    enum Kind {
        ATOMS,
        SUM,
        PATHS
    }

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsInput input = new ExafsInput();

    @Mixin
    private final ExafsSelection selection = new ExafsSelection();

    @Mixin
    private final UpstreamOptions upstream = new UpstreamOptions();

    @Option(
            names = "--aggregate",
            paramLabel = "HOW",
            description =
                    "atoms: sum within atoms, then mean over atoms (default). sum: of all paths. paths: mean over paths.")
    private Kind kind = Kind.ATOMS;

    @Option(
            names = "--denominator",
            paramLabel = "matching|all",
            description =
                    "Atoms that the mean is over: those with a matching path (default, as MD-EXAFS), or all of the frames,"
                            + " atoms and elements asked for.")
    private Over denominator = Over.MATCHING;

    @Option(
            names = {"--out", "--output"},
            paramLabel = "A.csv",
            description = "File to write: .csv, .json, or text (default: print CSV).")
    private @Nullable Path out;

    @Option(
            names = "--chi-dat",
            description =
                    "Average FEFF's own chi.dat of the folders below --input-dir instead, at the k that all have.")
    private boolean fromChiFiles;

    @Option(names = "--full-precision", description = "17 digits in text too.")
    private boolean fullPrecision;

    @Option(names = "--json", description = "Print what was averaged as JSON; with --out only.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (upstream.onlyBuilds()) {
            return upstream.build(input);
        }
        if (denominator == Over.ALL && kind != Kind.ATOMS) {
            throw new UsageException("--denominator all: expected --aggregate atoms, found another. Leave one away.");
        }
        UpstreamOptions.Plan plan;
        try {
            plan = upstream.plan(console, input);
        } catch (UpstreamOptions.BuildFailedException e) {
            return e.code();
        }
        Path target = out != null ? out : plan.output();
        if (json && target == null) {
            throw new UsageException("--json: expected --out with a file, found none.");
        }
        if (target != null) {
            Path database =
                    input.database() != null ? input.database() : plan.input().database();
            Inputs.output(target, database == null ? new Path[0] : new Path[] {database});
        }
        PathCriteria criteria = selection.criteria(plan.criteria());
        Result result = fromChiFiles || (plan.fromChiFiles() && selection.asksNothingOfPaths())
                ? ofChiFiles(plan, criteria)
                : input.with(console, plan.input(), source -> {
                    ChiAverage average = ChiAverage.of(source, criteria, aggregation(), denominator());
                    return new Result(
                            average, source.parameters(), source.warnings(criteria), source.path(), source.extent());
                });
        result.warnings.forEach(console::warn);
        if (result.average.isEmpty()) {
            if (json) {
                console.printJson(fields(result, criteria, null));
            }
            throw new UsageException("No data: no path matches (" + criteria + "); " + result.from + " has "
                    + result.extent + ". Nothing was written.");
        }
        write(result, criteria, target);
        return ExitCode.DONE.code();
    }

    /** What came out, and of what. */
    private record Result(
            ChiAverage average, @Nullable ChiParameters parameters, List<String> warnings, Path from, String extent) {}

    private Result ofChiFiles(UpstreamOptions.Plan plan, PathCriteria criteria) throws IOException {
        Path folder = input.inputDir() != null ? input.inputDir() : plan.input().inputDir();
        if (folder == null) {
            throw new UsageException("--chi-dat: expected --input-dir, found none.");
        }
        if (!selection.asksNothingOfPaths()) {
            throw new UsageException(
                    "--chi-dat: expected frames and atoms only, found criteria of paths; chi.dat is their sum.");
        }
        ChiFiles files = ChiFiles.find(Inputs.folder(folder));
        try {
            return new Result(files.average(criteria, input.grid()), null, List.of(), folder, files.extent());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private void write(Result result, PathCriteria criteria, @Nullable Path target) throws IOException {
        if (target == null) {
            console.print(ChiFile.CSV
                    .format(result.average, criteria.toString(), result.parameters, fullPrecision)
                    .stripTrailing());
            return;
        }
        String text = ChiFile.of(target).format(result.average, criteria.toString(), result.parameters, fullPrecision);
        PublishedFile.write(target, writer -> writer.write(text));
        if (json) {
            console.printJson(fields(result, criteria, target));
        } else {
            console.print(target + ": " + ChiFile.method(result.average) + " (" + criteria + ")");
        }
    }

    private static Map<String, @Nullable Object> fields(Result result, PathCriteria criteria, @Nullable Path target) {
        Map<String, @Nullable Object> fields = ChiFile.summary(result.average, criteria.toString(), result.parameters);
        fields.put("source", result.from.toString());
        fields.put("out", target == null ? null : target.toString());
        fields.put("warnings", result.warnings);
        return fields;
    }

    private ChiAverage.Aggregation aggregation() {
        return switch (kind) {
            case ATOMS -> ChiAverage.Aggregation.MEAN_OVER_ATOMS;
            case SUM -> ChiAverage.Aggregation.SUM_OF_PATHS;
            case PATHS -> ChiAverage.Aggregation.MEAN_OF_PATHS;
        };
    }

    private ChiAverage.Denominator denominator() {
        return denominator == Over.ALL ? ChiAverage.Denominator.ALL : ChiAverage.Denominator.MATCHING;
    }
}
