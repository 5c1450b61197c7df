package dev.millrace.cli;

import dev.millrace.exafs.ChiRequest;
import dev.millrace.exafs.ChiSource;
import dev.millrace.exafs.FeffTree;
import dev.millrace.exafs.KGrid;
import dev.millrace.exafs.UnavailableChiException;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.StorageFullException;
import dev.millrace.tensor.CorruptTensorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Where χ comes from, on a command line: a database, the path files, or the files where the database cannot be used. One thread at
 * a time.
 */
final class ExafsInput {
    /** The document's name of a database, looked for where none is named. */
    static final String USUAL_NAME = "chi_database.db";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Mixin
    private final ChiOptions chi = new ChiOptions();

    @Mixin
    private final TreeOptions names = new TreeOptions();

    @Option(
            names = "--database",
            paramLabel = "D.db",
            description = "A database of 'exafs build', or one of MD-EXAFS (read only).")
    private @Nullable Path database;

    @Option(
            names = "--input-dir",
            paramLabel = "DIR",
            description =
                    "The folder of path files to compute from. Beside --database: what stands in when that is missing or"
                            + " damaged.")
    private @Nullable Path inputDir;

    @Option(
            names = "--no-fallback",
            description = "Fail when the database cannot be used, instead of reading the files.")
    private boolean withoutFallback;

    @Option(
            names = {"-n", "--num-workers"},
            paramLabel = "N",
            description = "Threads that read files (default: as many as processors).")
    private @Nullable Integer workers;

    @Option(names = "--kmin", paramLabel = "K", description = "First k of a grid of your own, Å⁻¹ (default: 0).")
    private @Nullable Double kmin;

    @Option(names = "--kmax", paramLabel = "K", description = "Last k of a grid of your own, Å⁻¹ (default: 20).")
    private @Nullable Double kmax;

    @Option(names = "--kstep", paramLabel = "K", description = "Step of a grid of your own, Å⁻¹ (default: 0.05).")
    private @Nullable Double kstep;

    /** What is done with a source. Done again from the start, with another source, where the first turns out to be damaged. */
    interface Work<T> {
        T on(ChiSource source) throws IOException;
    }

    /** What a configuration says; the command line has the last word. */
    record Configured(
            @Nullable Path database,
            @Nullable Path inputDir,
            @Nullable Integer workers) {
        static final Configured NOTHING = new Configured(null, null, null);
    }

    @Nullable
    Path database() {
        return database;
    }

    @Nullable
    Path inputDir() {
        return inputDir;
    }

    @Nullable
    Integer workers() {
        return workers;
    }

    /**
     * Does work with what the options name.
     *
     * @throws UsageException if they name nothing, or what is not there
     */
    <T> T with(Console console, Work<T> work) throws IOException {
        return with(console, Configured.NOTHING, work);
    }

    <T> T with(Console console, Configured configured, Work<T> work) throws IOException {
        Path files = inputDir != null ? inputDir : configured.inputDir;
        Path named = database != null ? database : configured.database;
        if (named == null && files == null) {
            named = usual(null);
            if (named == null) {
                throw new UsageException(
                        "Expected --database or --input-dir, found neither, and no " + USUAL_NAME + " here.");
            }
            console.note("Using the database " + named + " found here.");
        }
        if (named == null) {
            return withFiles(console, Inputs.folder(Objects.requireNonNull(files)), configured, work);
        }
        if (files == null || withoutFallback || !Files.isDirectory(files)) {
            return withDatabase(Inputs.file(named), work);
        }
        try {
            if (!Files.isRegularFile(named)) {
                throw new UsageException("No such file: " + named);
            }
            return withDatabase(named, work);
        } catch (StorageFullException e) {
            throw e;
        } catch (UsageException | DatabaseException | CorruptTensorException | UnavailableChiException e) {
            console.warn("Cannot use the database, reading the files of " + files + " instead: " + e.getMessage());
            return withFiles(console, files, configured, work);
        }
    }

    /** A database of the usual name in a folder, or here; null if there is none. */
    static @Nullable Path usual(@Nullable Path folder) {
        List<Path> places = new ArrayList<>();
        if (folder != null) {
            places.add(folder.resolve(USUAL_NAME));
        }
        places.add(Path.of(USUAL_NAME));
        return places.stream().filter(Files::isRegularFile).findFirst().orElse(null);
    }

    private <T> T withDatabase(Path file, Work<T> work) throws IOException {
        try (ChiSource source = ChiSource.openDatabase(file, request())) {
            return work.on(source);
        }
    }

    private <T> T withFiles(Console console, Path folder, Configured configured, Work<T> work) throws IOException {
        int threads = threads(configured);
        try (PhaseProgress progress = new PhaseProgress(console)) {
            FeffTree tree = tree(folder, progress);
            if (tree.fileCount() == 0) {
                throw new UsageException("No path files: expected feffNNNN.dat below " + folder + ", found none.");
            }
            try (ChiSource source = ChiSource.ofFiles(tree, request(), threads, progress)) {
                return work.on(source);
            }
        }
    }

    private FeffTree tree(Path folder, PhaseProgress progress) throws IOException {
        try {
            return FeffTree.scan(folder, names.rules(), progress);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private int threads(Configured configured) {
        Integer asked = workers != null ? workers : configured.workers;
        if (asked == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        Inputs.range("--num-workers", asked, 1, 1024);
        return asked;
    }

    /** The grid asked for; null if none is. */
    @Nullable
    KGrid grid() {
        return kmin == null && kmax == null && kstep == null
                ? null
                : Inputs.checked(() ->
                        KGrid.of(kmin == null ? 0 : kmin, kmax == null ? 20 : kmax, kstep == null ? 0.05 : kstep));
    }

    /** What is asked of χ: only what was said, so that a database is read as it is. */
    private ChiRequest request() {
        return new ChiRequest(chi.given(spec), grid());
    }
}
