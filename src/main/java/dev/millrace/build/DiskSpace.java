package dev.millrace.build;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses long work at its start when its result cannot fit on the disk. Estimates are the smallest that were measured, so that
 * nothing is refused that would fit; what is let through may still find the disk full, and then says so.
 *
 * <p>Stateless, thread-safe.
 */
@Internal
public final class DiskSpace {
    private static final String[] UNITS = {"bytes", "kB", "MB", "GB", "TB"};

    private DiskSpace() {}

    /**
     * Compares what a file will take with what is free where it will be. A file of this name that is replaced stays until the new
     * one is whole; what an interrupted build left beside it makes room. Where free space cannot be told, nothing is refused.
     *
     * @param target the file, or the folder of files, to be written
     * @param bytes what it will take at least
     * @throws InsufficientSpaceException if there is less
     */
    public static void require(Path target, long bytes) {
        Path absolute = target.toAbsolutePath().normalize();
        Path folder = existing(Files.isDirectory(absolute) ? absolute : absolute.getParent());
        if (folder == null) {
            return;
        }
        long free;
        try {
            free = Files.getFileStore(folder).getUsableSpace();
            Path partial = absolute.resolveSibling(absolute.getFileName() + ".partial");
            free += Files.isRegularFile(partial) ? Files.size(partial) : 0;
        } catch (IOException | UnsupportedOperationException e) {
            return;
        }
        if (free < bytes) {
            throw new InsufficientSpaceException(
                    "Not enough space for " + target + ": expected about " + text(bytes) + " free in " + folder
                            + ", found " + text(free)
                            + ". Free some, choose another folder, or try it with '--no-space-check'.",
                    bytes,
                    free);
        }
    }

    /** The folder, or the nearest above it that is there already. */
    private static @Nullable Path existing(@Nullable Path folder) {
        Path at = folder;
        while (at != null && !Files.isDirectory(at)) {
            at = at.getParent();
        }
        return at;
    }

    private static String text(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0 ? bytes + " " + UNITS[0] : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }
}
