package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that one holder on this machine may do at a time, whatever class loader it comes from: building a target,
 * writing to a live file, or importing from a folder. The lock is a file beside the database, {@code <name>.lock}, that says which process holds it and
 * goes with that process. Closed by its holder.
 */
@Internal
public final class ProcessLock implements AutoCloseable {
    /*
     * On POSIX systems closing any channel of a file drops all locks of the process on it: a second attempt in this process
     * must be turned away before it opens one. System properties are the one registry that all class loaders share.
     */
    private static final String PROPERTY_PREFIX = "dev.millrace.lock:";

    private static final int LONGEST_HOLDER = 64;

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * The lock on building a target, beside its partial file: two builds would fill the same one, and the first to finish
     * would publish the other's half.
     *
     * @throws DatabaseException if a build of the target is under way, saying where
     */
    static ProcessLock forBuilding(Path target, Path partial) {
        return take(
                target,
                partial,
                "Cannot build " + target,
                " is building it. Wait for it to end, or build to another file.");
    }

    /**
     * The lock on writing to a live file.
     *
     * @throws DatabaseException if somebody writes to it, saying who
     */
    static ProcessLock forWriting(Path database) {
        return take(
                database,
                database,
                "Cannot open " + database + " for writing",
                " is writing to it. One writer at a time: share it in this process, wait for the other, or write to"
                        + " another file.");
    }

    /**
     * The lock on taking what others leave in a folder: two would each get a part of it.
     *
     * @param folder exists
     * @throws DatabaseException if somebody takes from it, saying who
     */
    public static ProcessLock forImporting(Path folder) {
        return take(
                folder,
                folder.resolve("import"),
                "Cannot import from " + folder,
                " is importing from it, perhaps as the store that it belongs to. One at a time: import it there, or wait.");
    }

    private static ProcessLock take(Path subject, Path beside, String action, String refusal) {
        Path file = beside.resolveSibling(beside.getFileName() + ".lock");
        String property = PROPERTY_PREFIX + file;
        if (System.getProperties().putIfAbsent(property, "held") != null) {
            throw new DatabaseException(action + ": this process already" + refusal, subject, null);
        }
        boolean taken = false;
        try {
            StringBuilder holder = new StringBuilder();
            FileChannel channel = lock(file, holder);
            if (channel == null) {
                throw new DatabaseException(action + ": " + holder + refusal, subject, null);
            }
            taken = true;
            return new ProcessLock(file, channel);
        } catch (IOException e) {
            throw new DatabaseException(
                    action + ": its lock file cannot be used: " + e
                            + ". Check that the folder exists and may be written.",
                    subject,
                    e);
        } finally {
            if (!taken) {
                System.getProperties().remove(property);
            }
        }
    }

    /** A locked channel of the file that has the name now; null, and its holder's name, if another process has it. */
    private static @Nullable FileChannel lock(Path file, StringBuilder holder) throws IOException {
        while (true) {
            PrivateFile.create(file);
            FileChannel channel = null;
            boolean mine = false;
            try {
                Object before = key(file);
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    holder.append(holder(channel));
                    return null;
                }
                // Its last holder may have removed the file after it was opened here; then a third may lock a new one.
                mine = Objects.equals(before, key(file));
                if (mine) {
                    sign(channel);
                    return channel;
                }
            } catch (NoSuchFileException removedMeanwhile) {
                // Again, with a new file.
            } finally {
                if (channel != null && !mine) {
                    channel.close();
                }
            }
        }
    }

    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static void sign(FileChannel channel) throws IOException {
        String self = "process " + ProcessHandle.current().pid() + "\n";
        channel.truncate(0).write(ByteBuffer.wrap(self.getBytes(StandardCharsets.UTF_8)), 0);
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(LONGEST_HOLDER);
        channel.read(text, 0);
        String holder = StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
        return holder.isEmpty() ? "another process" : holder;
    }

    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException ignored) {
            // It stays behind; whoever comes next takes it.
        }
        try {
            channel.close();
        } catch (IOException ignored) {
            // The lock goes with the process at the latest.
        }
        System.getProperties().remove(PROPERTY_PREFIX + file);
    }
}
