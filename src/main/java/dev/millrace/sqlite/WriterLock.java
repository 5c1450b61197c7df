package dev.millrace.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that one queue at most writes to a database file: in this process, whatever class loader it comes from, and on
 * this machine. The lock is on {@code <file>.lock}, goes with the process that holds it, and says who that is.
 */
final class WriterLock implements AutoCloseable {
    // On POSIX systems closing any channel of a file drops all locks of the process on it: a second attempt in this
    // process
    // must be turned away before it opens one. System properties are the one registry that all class loaders share.
    private static final String PROPERTY_PREFIX = "dev.millrace.writing:";

    private final String property;
    private final FileChannel channel;
    private final FileLock lock;

    private WriterLock(String property, FileChannel channel, FileLock lock) {
        this.property = property;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock.
     *
     * @throws DatabaseException if somebody holds it, saying who
     */
    static WriterLock take(Path database) {
        Path file = database.resolveSibling(database.getFileName() + ".lock");
        String property = PROPERTY_PREFIX + file;
        if (System.getProperties().putIfAbsent(property, "held") != null) {
            throw refused(database, "it is open for writing in this process already", null);
        }
        FileChannel channel = null;
        try {
            if (!Files.exists(file)) {
                PrivateFile.create(file);
            }
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw refused(database, holder(channel), null);
            }
            ByteBuffer self = ByteBuffer.wrap(
                    ("process " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8));
            channel.truncate(0).write(self, 0);
            return new WriterLock(property, channel, lock);
        } catch (IOException e) {
            giveBack(property, channel);
            throw refused(database, "its lock file cannot be used: " + e, e);
        } catch (RuntimeException e) {
            giveBack(property, channel);
            throw e;
        }
    }

    @Override
    public void close() {
        // The file stays: removing it would let two processes lock two files of the same name.
        try {
            lock.release();
        } catch (IOException ignored) {
            // Closing the channel gives it back as well.
        }
        giveBack(property, channel);
    }

    private static void giveBack(String property, @Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // Nothing was written through it that matters.
        }
        System.getProperties().remove(property);
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(64);
        channel.read(text, 0);
        String holder = StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
        return (holder.isEmpty() ? "another process" : holder) + " is writing to it";
    }

    private static DatabaseException refused(Path database, String why, @Nullable Throwable cause) {
        return new DatabaseException(
                "Cannot open " + database + " for writing: " + why
                        + ". One writer at a time: share it in this process, wait for the other, or write to another file.",
                database,
                cause);
    }
}
