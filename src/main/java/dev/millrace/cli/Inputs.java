package dev.millrace.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses what is not there before any work begins. */
final class Inputs {
    private Inputs() {}

    /** @throws UsageException if this is no existing file */
    static Path file(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UsageException((Files.exists(path) ? "Not a file: " : "No such file: ") + path);
        }
        return path;
    }

    /** @throws UsageException if this is no existing folder */
    static Path folder(Path path) {
        if (!Files.isDirectory(path)) {
            throw new UsageException((Files.exists(path) ? "Not a folder: " : "No such folder: ") + path);
        }
        return path;
    }

    /** @throws UsageException if a number is outside its range */
    static void range(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw new UsageException(option + ": expected a number " + min + ".." + max + ", found " + value + ".");
        }
    }
}
