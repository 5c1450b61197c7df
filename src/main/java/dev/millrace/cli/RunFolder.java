package dev.millrace.cli;

import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Chooses and prepares the folder of a run: {@code best/}, {@code last/}, {@code pretrained_backbone/} of a pretraining,
 * {@code metrics.db}, {@code report.html}, {@code config.yaml}. */
final class RunFolder {
    /** The resolved configuration. */
    static final String CONFIG = "config.yaml";

    /** What the run reported. */
    static final String METRICS = "metrics.db";

    /** The same as a page. */
    static final String REPORT = "report.html";

    private RunFolder() {}

    /** A folder that was asked for by name: it must not hold another run. */
    static Path fresh(Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UsageException("Expected the name of a folder, found a file: " + folder);
        }
        if (Checkpoint.exists(folder)) {
            throw new UsageException("Expected a folder without a run, found one in " + folder
                    + ". Go on with it by '--resume " + folder + "', or choose another name.");
        }
        return folder;
    }

    /** The first of {@code folder}, {@code folder-2}, … that does not exist or is empty. */
    static Path next(Path folder) throws IOException {
        Path candidate = folder;
        for (int number = 2; isTaken(candidate); number++) {
            candidate = folder.resolveSibling(folder.getFileName() + "-" + number);
        }
        return candidate;
    }

    /** Writes the resolved configuration into the folder of a run. */
    static void writeConfig(Path folder, TrainConfig config) throws IOException {
        Files.writeString(folder.resolve(CONFIG), config.toYaml(), StandardCharsets.UTF_8);
    }

    /** Whether something is there that an empty folder is not. */
    static boolean isTaken(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return false;
        }
        if (!Files.isDirectory(folder)) {
            return true;
        }
        try (var entries = Files.list(folder)) {
            return entries.findAny().isPresent();
        }
    }
}
