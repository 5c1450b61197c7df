package dev.millrace.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of MD-EXAFS's own program that ours does not share, and its configuration files. One thread at a time. */
final class UpstreamOptions {
    private static final String UNNAMED = "";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "F.toml",
            description = "A configuration of MD-EXAFS. Options given beside it win.")
    private @Nullable Path config;

    @Option(
            names = "--build-database",
            arity = "0..1",
            fallbackValue = UNNAMED,
            paramLabel = "DIR",
            description = "Only build --database, of DIR or of --input-dir, as 'exafs build' does.")
    private @Nullable String buildDatabase;

    @Option(
            names = "--use-database",
            arity = "0..1",
            fallbackValue = UNNAMED,
            paramLabel = "D.db",
            description = "Average from a database: the one named here, by --database or in the configuration, else"
                    + " chi_database.db in the input folder or here.")
    private @Nullable String useDatabase;

    @Option(names = "--rebuild", description = "Build from scratch what --build-database or the configuration builds.")
    private boolean rebuild;

    /**
     * What they come to.
     *
     * @param input where χ comes from
     * @param criteria as {@link CriteriaText} reads them
     * @param output what to write
     * @param fromChiFiles whether no paths are asked for, so that the original averages FEFF's chi.dat
     */
    record Plan(
            ExafsInput.Configured input,
            Map<String, String> criteria,
            @Nullable Path output,
            boolean fromChiFiles) {}

    /** Whether a database is built and nothing else is done. */
    boolean onlyBuilds() {
        return buildDatabase != null;
    }

    /** Builds the database that the options name; gives the exit code. */
    int build(ExafsInput input) {
        Path folder =
                buildDatabase != null && !buildDatabase.equals(UNNAMED) ? Path.of(buildDatabase) : input.inputDir();
        if (folder == null && config != null) {
            folder = AveragingConfig.read(config, line -> {}).averaging().inputDirectory();
        }
        if (folder == null || input.database() == null) {
            throw new UsageException(
                    "--build-database: expected a folder, there or in --input-dir, and --database; found no "
                            + (folder == null ? "folder." : "--database."));
        }
        return build(folder, input.database(), rebuild, input.workers());
    }

    /** Reads the configuration, if there is one, and builds the database that it wants built. */
    Plan plan(Console console, ExafsInput input) {
        if (config == null) {
            if (rebuild) {
                throw new UsageException(
                        "--rebuild: expected --build-database or a configuration beside it, found neither.");
            }
            return new Plan(
                    new ExafsInput.Configured(database(input, null, input.inputDir()), null, null),
                    Map.of(),
                    null,
                    false);
        }
        AveragingConfig read = AveragingConfig.read(config, console::warn);
        AveragingConfig.Averaging averaging = read.averaging();
        AveragingConfig.Database section = averaging.database();
        Path folder = input.inputDir() != null ? input.inputDir() : averaging.inputDirectory();
        Integer workers =
                averaging.multipath() == null ? null : averaging.multipath().numProcesses();
        Path named = input.database() != null ? input.database() : section == null ? null : section.path();
        if (section != null
                && named != null
                && (section.rebuild() || rebuild || (section.build() && !Files.exists(named)))) {
            int code = build(
                    folder, named, section.rebuild() || rebuild, input.workers() == null ? workers : input.workers());
            if (code != ExitCode.DONE.code()) {
                throw new BuildFailedException(code);
            }
        }
        boolean wantsDatabase =
                useDatabase != null || input.database() != null || (section != null && section.useDatabase());
        Path database = wantsDatabase ? database(input, named, folder) : null;
        if (wantsDatabase && database == null) {
            throw new UsageException(
                    "Expected the database in --database or averaging.database.path, found none, and no "
                            + ExafsInput.USUAL_NAME + " in " + folder + " or here.");
        }
        if (database != null) {
            console.note(
                    "Frames are " + averaging.frameRange().get(0) + " ≤ frame < "
                            + averaging.frameRange().get(1)
                            + ", as from files; with a database MD-EXAFS includes the last one, and so does --upstream-compat.");
        }
        return new Plan(
                new ExafsInput.Configured(database, folder, workers),
                read.criteria(),
                averaging.outputFile(),
                database == null && averaging.multipath() == null && averaging.paths() == null);
    }

    /** The database to use: named on the command line, in the configuration, or found by its usual name. */
    private @Nullable Path database(ExafsInput input, @Nullable Path configured, @Nullable Path folder) {
        if (useDatabase != null && !useDatabase.equals(UNNAMED)) {
            return Path.of(useDatabase);
        }
        if (input.database() != null || configured != null) {
            return input.database() != null ? input.database() : configured;
        }
        return useDatabase == null && config == null ? null : ExafsInput.usual(folder);
    }

    private int build(Path folder, Path database, boolean anew, @Nullable Integer workers) {
        List<String> arguments = new ArrayList<>(List.of(folder.toString(), "--database", database.toString()));
        if (anew) {
            arguments.add("--rebuild");
        }
        if (workers != null) {
            arguments.addAll(List.of("--num-workers", workers.toString()));
        }
        CommandLine build = Objects.requireNonNull(
                spec.commandLine().getParent().getSubcommands().get("build"));
        return build.execute(arguments.toArray(String[]::new));
    }

    /** The build of a database failed and said why. */
    static final class BuildFailedException extends RuntimeException {
        private final int code;

        BuildFailedException(int code) {
            super("The database was not built.");
            this.code = code;
        }

        int code() {
            return code;
        }
    }
}
