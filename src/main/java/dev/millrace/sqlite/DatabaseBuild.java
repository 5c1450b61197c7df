package dev.millrace.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Builds a file beside its final name and puts it there whole: {@code <name>.partial}, then integrity check, sync, atomic
 * rename. Whatever is killed when, the target is absent, the old one, or complete.
 *
 * {@snippet :
 * try (DatabaseBuild build = DatabaseBuild.begin(target, schema)) {
 *     fill(build.database());
 *     build.publish();
 * }
 * }
 *
 * <p>Closing without {@link #publish()} removes the partial file. One thread at a time; one build of a target at a time,
 * which a lock file beside the partial one ensures across processes.
 */
public final class DatabaseBuild implements AutoCloseable {
    private final Path target;
    private final Path partial;
    private final Schema schema;
    private final Database database;
    private final ProcessLock lock;
    private boolean published;

    private DatabaseBuild(Path target, Path partial, Schema schema, Database database, ProcessLock lock) {
        this.target = target;
        this.partial = partial;
        this.schema = schema;
        this.database = database;
        this.lock = lock;
    }

    /**
     * Starts a build; the leftovers of a killed one are removed.
     *
     * @throws DatabaseException if the target is being built already, here or in another process
     */
    public static DatabaseBuild begin(Path target, Schema schema) {
        Path absolute = target.toAbsolutePath().normalize();
        Path partial = absolute.resolveSibling(absolute.getFileName() + ".partial");
        ProcessLock lock = ProcessLock.forBuilding(absolute, partial);
        try {
            remove(partial);
            DatabaseBuild build =
                    new DatabaseBuild(absolute, partial, schema, Database.open(partial, Access.BUILD), lock);
            try {
                schema.create(build.database);
            } catch (RuntimeException e) {
                build.close();
                throw e;
            }
            return build;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The file being filled. */
    public Database database() {
        return database;
    }

    /** Finishes the file and puts it under its name. Nothing can be added afterwards. */
    public void publish() {
        schema.finish(database);
        database.execute("ANALYZE");
        String verdict = database.queryText("PRAGMA integrity_check(1)");
        if (!"ok".equals(verdict)) {
            throw new CorruptDatabaseException(
                    "The finished file fails its integrity check: " + verdict + " (" + partial
                            + "). The disk may be faulty.",
                    partial,
                    null);
        }
        // Leaves the header saying 'rollback journal', so that the file can be read from a read-only place.
        database.execute("PRAGMA journal_mode=DELETE");
        database.close();
        try {
            moveIntoPlace(partial, target);
            published = true;
        } catch (IOException e) {
            throw new DatabaseException("Cannot publish " + target + ": " + e, target, e);
        }
    }

    @Override
    public void close() {
        try {
            database.close();
        } finally {
            try {
                if (!published) {
                    remove(partial);
                }
            } finally {
                lock.close();
            }
        }
    }

    /** Puts a closed file under its name, durably: the target is the old file or the new one at any time. */
    static void moveIntoPlace(Path partial, Path target) throws IOException {
        sync(partial);
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path folder = target.getParent();
        if (folder != null) {
            sync(folder);
        }
    }

    private static void remove(Path partial) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            throw new DatabaseException("Cannot remove " + partial + ": " + e, partial, e);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Folders cannot be opened on every system; the rename is durable there by other means.
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
    }
}
