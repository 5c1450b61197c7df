package dev.millrace.cli;

import dev.millrace.build.SplitRatios;
import dev.millrace.exafs.ExafsBuildReport;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace exafs build}: from a tree of path files to a database. */
@Command(
        name = "build",
        description = {
            "Compute χ(k) of all path files below DIR once and keep it in a database; afterwards only what has changed.",
            "The database appears whole or not at all. Options that are not given are those of the existing database.",
            "For example: millrace exafs build feff_calculations --database chi.db --num-workers 4"
        })
final class ExafsBuildCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final SpaceCheck space = new SpaceCheck();

    @Mixin
    private final ChiOptions chi = new ChiOptions();

    @Mixin
    private final TreeOptions tree = new TreeOptions();

    @Parameters(paramLabel = "DIR", description = "Folder below which FEFF's path files are.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path folder;

    @Option(
            names = {"--database", "--out"},
            required = true,
            paramLabel = "D.db",
            description = "The database to build or to bring up to date.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path database;

    @Option(
            names = {"--num-workers", "-n"},
            paramLabel = "N",
            description = "Threads that read and compute (default all processors). Does not change the result.")
    private int workers = Math.max(1, Runtime.getRuntime().availableProcessors());

    @Option(names = "--rebuild", description = "Replace the database by one that is built anew.")
    private boolean rebuild;

    @Option(names = "--prune", description = "Remove paths whose files are gone; else they stay and are counted.")
    private boolean prune;

    @Option(names = "--strict", description = "Publish nothing if any file cannot be used (exit 3).")
    private boolean strict;

    @Option(
            names = {"--max-rejects", "--max-reject-rate"},
            paramLabel = "SHARE",
            description = "Largest share of files that cannot be used (default 0.05, but 10 files at least); beyond it"
                    + " nothing is published (exit 3).")
    private @Nullable Double maxRejects;

    @Option(
            names = "--rejects",
            paramLabel = "R.tsv",
            description = "Write what cannot be used: file, line, id, reason, detail.")
    private @Nullable Path rejects;

    @Option(
            names = "--no-feff-arrays",
            description = "Do not store FEFF's columns: half the size, but χ cannot be computed with other parameters.")
    private boolean noArrays;

    @Option(
            names = "--dtype",
            paramLabel = "T",
            description = "Type of χ: float64, exact, or float32, half as large (default float64).")
    private @Nullable String dtype;

    @Option(names = "--compression", paramLabel = "C", description = "none or lz4 (default none).")
    private @Nullable String compression;

    @Option(names = "--kmin", paramLabel = "K", description = "First k, Å⁻¹ (default 0).")
    private @Nullable Double kmin;

    @Option(names = "--kmax", paramLabel = "K", description = "Last k, Å⁻¹ (default 20).")
    private @Nullable Double kmax;

    @Option(names = "--kstep", paramLabel = "K", description = "Step of k, Å⁻¹ (default 0.05).")
    private @Nullable Double kstep;

    @Option(
            names = "--split",
            paramLabel = "U",
            description = "What training, validation and test keep together: frame or atom (default frame, atom where"
                    + " there is one frame only).")
    private @Nullable String split;

    @Option(
            names = "--split-ratios",
            paramLabel = "R",
            description = "Shares of training, validation and test (default 0.8,0.1,0.1).")
    private @Nullable String ratios;

    @Option(names = "--seed", paramLabel = "S", description = "Seed of the splits (default 42).")
    private @Nullable Long seed;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Inputs.folder(folder);
        Inputs.range("--num-workers", workers, 1, 1024);
        Inputs.inFolder(database);
        Path wanted = rejects;
        ExafsBuilder builder = new ExafsBuilder()
                .setTree(folder)
                .setDatabase(database)
                .optRules(tree.rules())
                .optThreads(workers)
                .optRebuild(rebuild)
                .optPrune(prune)
                .optSpaceCheck(space.isWanted())
                .optRejects(wanted == null ? null : Inputs.output(wanted, database));
        Inputs.checked(() -> configure(builder));
        ExafsBuildReport report;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            report = builder.optProgress(progress).build();
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

    private ExafsBuilder configure(ExafsBuilder builder) {
        if (strict && maxRejects != null) {
            throw new UsageException("Expected --strict or --max-rejects, found both.");
        }
        // What is not given is the database's, if there is one, and so is not said.
        ifGiven(strict ? Double.valueOf(0) : maxRejects, builder::optMaxRejects);
        ifGiven(dtype, name -> builder.optStorage(storage(name)));
        ifGiven(compression, name -> builder.optCompression(compression(name)));
        ifGiven(noArrays ? Boolean.FALSE : null, builder::optArrays);
        ifGiven(split, builder::optSplitBy);
        ifGiven(ratios, shares -> builder.optSplitRatios(SplitRatios.parse(shares)));
        ifGiven(seed, builder::optSeed);
        ifGiven(chi.given(spec), builder::optParameters);
        if (kmin != null || kmax != null || kstep != null) {
            builder.optGrid(kmin == null ? 0 : kmin, kmax == null ? 20 : kmax, kstep == null ? 0.05 : kstep);
        }
        return builder;
    }

    private static <T> void ifGiven(@Nullable T value, Consumer<T> option) {
        if (value != null) {
            option.accept(value);
        }
    }

    private static DType storage(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "float64" -> DType.FLOAT64;
            case "float32" -> DType.FLOAT32;
            default -> throw new UsageException("--dtype: expected float64 or float32, found " + name + ".");
        };
    }

    private static Compression compression(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "none" -> Compression.NONE;
            case "lz4" -> Compression.LZ4;
            default -> throw new UsageException("--compression: expected none or lz4, found " + name + ".");
        };
    }

    private Map<String, Object> fields(ExafsBuildReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", database.toString());
        fields.put("up_to_date", report.upToDate());
        fields.put("files", report.files());
        fields.put("paths", report.paths());
        fields.put("atoms", report.absorbers());
        fields.put("frames", report.frames());
        fields.put("added", report.added());
        fields.put("replaced", report.replaced());
        fields.put("unchanged", report.unchanged());
        fields.put("pruned", report.pruned());
        fields.put("gone", report.gone());
        fields.put("rejected", report.rejected());
        fields.put("rejects", new TreeMap<>(report.rejects()));
        fields.put("incomplete_atoms", report.incomplete());
        fields.put("warnings", report.warnings());
        fields.put("split_by", report.splitBy());
        fields.put("splits", report.splits());
        fields.put("bytes", report.fileBytes());
        fields.put("bytes_per_path", report.paths() == 0 ? 0 : (double) report.fileBytes() / report.paths());
        fields.put("seconds", report.seconds());
        return fields;
    }

    private void print(ExafsBuildReport report) {
        report.warnings().forEach(console::warn);
        if (report.gone() > 0) {
            console.warn(String.format(
                    Locale.ROOT,
                    "paths in the database whose files are gone: %,d. Remove them with '--prune'.",
                    report.gone()));
        }
        if (report.rejected() > 0) {
            console.warn(String.format(
                    Locale.ROOT,
                    "files that cannot be used: %,d %s, so that atoms lack paths: %,d; the first: %s",
                    report.rejected(),
                    new TreeMap<>(report.rejects()),
                    report.incomplete(),
                    report.firstReject()));
        }
        if (report.upToDate()) {
            console.print(String.format(
                    Locale.ROOT,
                    "%s is up to date: %,d paths of %,d atoms in %,d frames",
                    database,
                    report.paths(),
                    report.absorbers(),
                    report.frames()));
            return;
        }
        console.print(String.format(
                Locale.ROOT,
                "%s: %,d paths of %,d atoms in %,d frames, %.1f MB (%,.0f bytes a path)",
                database,
                report.paths(),
                report.absorbers(),
                report.frames(),
                report.fileBytes() / 1e6,
                (double) report.fileBytes() / report.paths()));
        console.print(String.format(
                Locale.ROOT,
                "%,d added, %,d replaced, %,d unchanged, %,d removed in %.1f s (%,.0f paths/s)",
                report.added(),
                report.replaced(),
                report.unchanged(),
                report.pruned(),
                report.seconds(),
                (report.added() + report.replaced()) / Math.max(report.seconds(), 1e-3)));
        Map<String, Long> splits = report.splits();
        console.print(String.format(
                Locale.ROOT,
                "by %s: %,d for training, %,d for validation, %,d for test",
                report.splitBy(),
                splits.getOrDefault("train", 0L),
                splits.getOrDefault("val", 0L),
                splits.getOrDefault("test", 0L)));
    }
}
