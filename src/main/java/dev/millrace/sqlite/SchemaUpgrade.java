package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a live file of an older version to the one of today.
 *
 * <pre>
 *   lock ──► copy to FILE.v1.backup ──► BEGIN IMMEDIATE, version read again, every step, COMMIT
 * </pre>
 *
 * <p>Killed at any moment, the file is of the old version or of the new one, and the copy is complete or absent. Doing it
 * again does nothing to a file that is up to date.
 */
@Internal
public final class SchemaUpgrade {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaUpgrade.class);
    private static final String PARTIAL = ".partial";

    private SchemaUpgrade() {}

    /**
     * Upgrades a file that nobody writes to.
     *
     * @return the copy of the file as it was; empty if it was up to date
     * @throws SchemaMismatchException if it is newer, of another kind, another program's, or too old for any upgrade
     * @throws DatabaseException if somebody writes to it, or it cannot be written
     */
    public static Optional<Path> run(Path file, Schema schema) {
        Path resolved = WriteQueue.resolve(file);
        ProcessLock lock = ProcessLock.forWriting(resolved);
        try {
            return Optional.ofNullable(underLock(resolved, schema));
        } finally {
            lock.close();
        }
    }

    /** As {@link #run}, for who holds the writer's lock; null if there was nothing to do. */
    static @Nullable Path underLock(Path file, Schema schema) {
        long found;
        try (Database database = Database.open(file, Access.READ)) {
            found = schema.requireKind(database);
            if (found >= schema.version() || !canStartFrom(schema, found)) {
                // Up to date, or the error that says why it cannot be.
                schema.check(database);
                return null;
            }
        }
        try (Database database = Database.open(file, Access.LIVE)) {
            Path backup = backup(database, found);
            database.write("Cannot upgrade " + file, connection -> {
                long version = database.queryLong("PRAGMA user_version");
                for (Schema step : steps(schema, version)) {
                    Schema.Upgrade upgrade = step.upgrade();
                    if (upgrade != null) {
                        upgrade.from().check(database);
                        upgrade.work().run(connection);
                        database.execute("PRAGMA user_version=" + step.version());
                    }
                }
                schema.check(database);
            });
            LOG.warn(
                    "Upgraded {} from version {} to {}; as it was it is in {}",
                    file,
                    found,
                    schema.version(),
                    backup.getFileName());
            standAlone(database);
            return backup;
        }
    }

    /** Unless somebody is reading it, the file can be read from a read-only place then. */
    static void standAlone(Database database) {
        try {
            database.execute("PRAGMA busy_timeout=0", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode=DELETE");
        } catch (DatabaseException readers) {
            LOG.debug("{} stays in WAL mode: {}", database.file(), readers.toString());
        }
    }

    private static boolean canStartFrom(Schema schema, long version) {
        Deque<Schema> steps = steps(schema, version);
        Schema first = steps.peekFirst();
        return first != null
                && first.upgrade() != null
                && first.upgrade().from().version() == version;
    }

    /** The versions after {@code version}, oldest first. */
    private static Deque<Schema> steps(Schema newest, long version) {
        Deque<Schema> steps = new ArrayDeque<>();
        Schema step = newest;
        while (step.version() > version) {
            steps.addFirst(step);
            if (step.upgrade() == null) {
                break;
            }
            step = step.upgrade().from();
        }
        return steps;
    }

    /** A complete copy under a name of its own; the one that an attempt before this left, if it says the same. */
    private static Path backup(Database database, long version) {
        Path file = database.file();
        Path copy = file.resolveSibling(file.getFileName() + ".v" + version + ".backup");
        Path partial = copy.resolveSibling(copy.getFileName() + PARTIAL);
        try {
            Files.deleteIfExists(partial);
            PrivateFile.create(partial);
            database.read("Cannot copy " + file + " to " + partial, connection -> {
                try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
                    vacuum.setString(1, partial.toString());
                    return vacuum.execute();
                }
            });
            for (int number = 2; Files.exists(copy); number++) {
                if (Files.mismatch(copy, partial) < 0) {
                    return copy;
                }
                copy = copy.resolveSibling(file.getFileName() + ".v" + version + ".backup" + number);
            }
            DatabaseBuild.moveIntoPlace(partial, copy);
            return copy;
        } catch (IOException e) {
            throw new DatabaseException(
                    "Cannot keep a copy of " + file + " before its upgrade: " + e + ". It stays as it is.", file, e);
        } finally {
            deleteQuietly(partial);
        }
    }

    private static void deleteQuietly(Path partial) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException ignored) {
            // The next attempt removes it.
        }
    }
}
