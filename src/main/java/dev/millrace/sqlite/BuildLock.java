package dev.millrace.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a target is built once at a time, in this JVM and on this machine: two builds would fill the same partial
 * file, and the first to finish would publish the other's half. Lies beside it as {@code <name>.partial.lock}; goes with the
 * process that holds it. Closed by the build.
 */
final class BuildLock implements AutoCloseable {
    // On POSIX systems closing any channel of a file drops all locks of the process on it: a second attempt in this
    // process
    // must be turned away before it opens one. System properties are the one registry that all class loaders share.
    private static final String PROPERTY_PREFIX = "dev.millrace.building:";

    private final Path file;
    private final FileChannel channel;

    private BuildLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock.
     *
     * @throws DatabaseException if a build of the target is under way
     */
    static BuildLock take(Path target, Path partial) {
        Path file = partial.resolveSibling(partial.getFileName() + ".lock");
        if (System.getProperties().putIfAbsent(PROPERTY_PREFIX + file, "held") != null) {
            throw refused(target, "this process is building it already");
        }
        try {
            FileChannel channel = open(file);
            if (channel == null) {
                throw refused(target, "another process is building it");
            }
            return new BuildLock(file, channel);
        } catch (IOException e) {
            System.getProperties().remove(PROPERTY_PREFIX + file);
            throw new DatabaseException(
                    "Cannot build " + target + ": " + e + ". Check that the folder exists and may be written.",
                    target,
                    e);
        } catch (RuntimeException e) {
            System.getProperties().remove(PROPERTY_PREFIX + file);
            throw e;
        }
    }

    /** A locked channel of the file that has the name now; null if another process holds it. */
    private static @Nullable FileChannel open(Path file) throws IOException {
        while (true) {
            PrivateFile.create(file);
            try {
                Object before = key(file);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    channel.close();
                    return null;
                }
                // Its last holder may have removed the file after it was opened here; then a third may lock a new one.
                if (Objects.equals(before, key(file))) {
                    return channel;
                }
                channel.close();
            } catch (NoSuchFileException removedMeanwhile) {
                // Again, with a new file.
            }
        }
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException ignored) {
            // An empty file stays behind; the next build takes it.
        }
        try {
            channel.close();
        } catch (IOException ignored) {
            // The lock goes with the process at the latest.
        }
        System.getProperties().remove(PROPERTY_PREFIX + file);
    }

    private static DatabaseException refused(Path target, String why) {
        return new DatabaseException(
                "Cannot build " + target + ": " + why + ". Wait for it to end, or build to another file.",
                target,
                null);
    }
}
