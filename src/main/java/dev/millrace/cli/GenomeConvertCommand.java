package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.genome.GenomeConvert;
import dev.millrace.genome.GenomeStore;
import dev.millrace.genome.WindowIndexReport;
import dev.millrace.genome.WindowSetCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace genome convert}: between a store and the original's files of samples. */
@Command(
        name = "convert",
        description = {
            "Make a genome store of the original's files of samples, or the other way. The bases and windows stay the same.",
            "For example: millrace genome convert --from-sharded sequence_db_dir --out genomes.db",
            "and back:    millrace genome convert --from-store genomes.db --sharded sequence_db_dir"
        })
final class GenomeConvertCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final SpaceCheck space = new SpaceCheck();

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Direction direction;

    @Option(names = "--rebuild", description = "Replace what is there.")
    private boolean rebuild;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** One of the two ways. */
    static final class Direction {
        @ArgGroup(exclusive = false)
        private @Nullable ToStore toStore;

        @ArgGroup(exclusive = false)
        private @Nullable ToSharded toSharded;
    }

    /** To a store. */
    static final class ToStore {
        @Option(
                names = "--from-sharded",
                required = true,
                paramLabel = "DIR",
                description = "Folder of <sample>/glm_dataset_<sample>.sqlite.")
        @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
        private Path from;

        @Option(names = "--out", required = true, paramLabel = "STORE.db", description = "The store to make.")
        @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
        private Path out;

        @Option(
                names = "--windows",
                paramLabel = "SPLIT=W.db",
                description = "Window database of a split, to be taken into the store; once for each split.")
        private Map<String, Path> windows = Map.of();
    }

    /** To files of samples. */
    static final class ToSharded {
        @Option(names = "--from-store", required = true, paramLabel = "STORE.db", description = "A genome store.")
        @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
        private Path from;

        @Option(names = "--sharded", required = true, paramLabel = "DIR", description = "Folder to write to.")
        @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
        private Path folder;
    }

    @Override
    public Integer call() throws IOException {
        Map<Split, Path> windows = windows();
        GenomeConvert.Report report;
        List<WindowIndexReport> sets = new ArrayList<>();
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            report = convert(new GenomeConvert(progress, space.isWanted()));
            copyWindows(windows, sets);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } finally {
            interruption.end();
        }
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("output", output().toString());
            fields.put("samples", report.samples());
            fields.put("contigs", report.contigs());
            fields.put("bases", report.bases());
            Map<String, Object> windowFields = new LinkedHashMap<>();
            sets.forEach(set ->
                    windowFields.put(set.output() + (set.split().isEmpty() ? "" : "#" + set.split()), set.windows()));
            fields.put("windows", windowFields);
            console.printJson(fields);
        } else {
            console.print(String.format(
                    Locale.ROOT,
                    "%s: %,d contigs, %,d bases of %,d samples",
                    output(),
                    report.contigs(),
                    report.bases(),
                    report.samples()));
            sets.forEach(set -> console.print(String.format(
                    Locale.ROOT,
                    "%s%s: %,d windows",
                    set.output(),
                    set.split().isEmpty() ? "" : ", split " + set.split(),
                    set.windows())));
        }
        return ExitCode.DONE.code();
    }

    /** The window databases to take in, looked at before any work begins. */
    private Map<Split, Path> windows() {
        Map<Split, Path> windows = new EnumMap<>(Split.class);
        if (direction.toStore != null) {
            direction.toStore.windows.forEach(
                    (name, file) -> windows.put(Inputs.checked(() -> Split.parse(name)), Inputs.file(file)));
        }
        return windows;
    }

    /** Into the store what was named; out of a store all that it has, as {@code train_windows.db} and so on. */
    private void copyWindows(Map<Split, Path> windows, List<WindowIndexReport> sets) throws IOException {
        if (direction.toStore != null) {
            for (Map.Entry<Split, Path> each : windows.entrySet()) {
                sets.add(WindowSetCopy.toStore(each.getValue(), direction.toStore.out, each.getKey(), rebuild));
            }
            return;
        }
        ToSharded toSharded = Objects.requireNonNull(direction.toSharded);
        for (Split split : WindowSetCopy.sets(toSharded.from).keySet()) {
            Path target = toSharded.folder.resolve(split.id() + "_windows.db");
            sets.add(WindowSetCopy.toDatabase(toSharded.from, split, target, rebuild));
        }
    }

    private Path output() {
        return direction.toStore != null ? direction.toStore.out : Objects.requireNonNull(direction.toSharded).folder;
    }

    private GenomeConvert.Report convert(GenomeConvert convert) throws IOException {
        ToStore toStore = direction.toStore;
        if (toStore != null) {
            return convert.fromSharded(Inputs.folder(toStore.from), Inputs.inFolder(toStore.out), rebuild);
        }
        ToSharded toSharded = Objects.requireNonNull(direction.toSharded);
        if (Files.exists(toSharded.folder)) {
            Inputs.folder(toSharded.folder);
        }
        try (GenomeStore store = GenomeStore.open(Inputs.file(toSharded.from))) {
            return convert.toSharded(store, toSharded.folder, rebuild);
        }
    }
}
