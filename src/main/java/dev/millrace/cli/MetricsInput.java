package dev.millrace.cli;

import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The metrics file and the run that a command line means. */
final class MetricsInput {
    private MetricsInput() {}

    /**
     * A metrics file, named by itself or by the folder of its run.
     *
     * @throws UsageException if there is none
     */
    static Path file(Path named) {
        Path inFolder = named.resolve(RunFolder.METRICS);
        if (Files.isDirectory(named) && Files.isRegularFile(inFolder)) {
            return inFolder;
        }
        if (Files.isDirectory(named)) {
            throw new UsageException("Expected a metrics file or the folder of a run, found a folder without "
                    + RunFolder.METRICS + ": " + named);
        }
        return Inputs.file(named);
    }

    /** Where a metrics file is, or will be once it is there. */
    static Path expected(Path named) {
        return Files.isDirectory(named) ? named.resolve(RunFolder.METRICS) : named;
    }

    /**
     * A file to write: neither the metrics file, by whatever name, nor what SQLite keeps beside it, nor a device or a pipe,
     * which the rename at the end would replace.
     *
     * @throws UsageException otherwise
     */
    static Path output(Path out, Path metricsFile) throws IOException {
        Path file = metricsFile.toRealPath();
        List<Path> taken = new ArrayList<>(List.of(file));
        for (String suffix : List.of("-wal", "-shm", "-journal", ".lock")) {
            taken.add(file.resolveSibling(file.getFileName() + suffix));
        }
        Inputs.output(out, taken.toArray(Path[]::new));
        return out;
    }

    /**
     * A run by its number or its name; of several with one name the latest. Without either, the latest of all.
     *
     * @param named null for the latest
     * @throws UsageException if there is none
     */
    static RunInfo run(MetricsReader reader, @Nullable String named) {
        List<RunInfo> runs = reader.runs();
        return runs.stream()
                .filter(run -> named == null || run.name().equals(named) || named.equals(String.valueOf(run.id())))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new UsageException(
                        runs.isEmpty()
                                ? "No run in this file yet."
                                : "Expected a run of this file, found '" + named + "'. It has: "
                                        + String.join(
                                                ", ",
                                                runs.stream()
                                                        .map(run -> run.id() + " (" + run.name() + ")")
                                                        .toList())));
    }
}
