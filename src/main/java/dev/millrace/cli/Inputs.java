package dev.millrace.cli;

import dev.millrace.training.EngineBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

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

    /**
     * A file to write beside and rename: its folder is there, and it is no device or pipe, in whose place the file would come.
     *
     * @throws UsageException otherwise
     */
    static Path inFolder(Path file) {
        requireFolder(file);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new UsageException("Expected the name of a file, found a device or a pipe: " + file + ".");
        }
        return file;
    }

    private static void requireFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new UsageException("Expected the name of a file, found a folder: " + file);
        }
        if (!Files.isDirectory(folder)) {
            throw new UsageException("No such folder: " + folder + " (for " + file.getFileName() + "). Make it first.");
        }
    }

    /**
     * A file to write beside and rename, as {@link #inFolder}: it is none of the files that are read or written beside it.
     *
     * @throws UsageException otherwise
     */
    static Path output(Path file, Path... others) throws IOException {
        inFolder(file);
        return report(file, others);
    }

    /**
     * What is written in place, so that it may be a device: its folder is there, and it is none of the other files.
     *
     * @throws UsageException otherwise
     */
    static Path report(Path file, Path... others) throws IOException {
        requireFolder(file);
        Path wanted = real(file);
        for (Path other : others) {
            if (wanted.equals(real(other))) {
                throw new UsageException("Expected two files, found one for two purposes: " + file
                        + " would be overwritten. Choose another name.");
            }
        }
        return file;
    }

    /** Where a file is or will be, symbolic links resolved. */
    private static Path real(Path file) throws IOException {
        Path absolute = file.toAbsolutePath().normalize();
        if (Files.exists(absolute)) {
            return absolute.toRealPath();
        }
        Path folder = absolute.getParent();
        return folder == null || !Files.isDirectory(folder)
                ? absolute
                : folder.toRealPath().resolve(absolute.getFileName());
    }

    /** What a domain makes of an option; what it refuses is wrong usage. */
    @SuppressWarnings("CheckReturnValue")
    static <T> T checked(Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The libtorch that the engine would load is one that fits. To be asked before anything makes an array: some data do, long
     * before a device is chosen.
     *
     * @throws dev.millrace.training.DeviceUnavailableException if it does not
     */
    static void engine() {
        EngineBuild.detect();
    }
}
