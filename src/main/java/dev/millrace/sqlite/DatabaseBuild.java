package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
 *
 * <p>A resumable build ({@link #beginResumable}, {@link #resume}) keeps its partial file instead, unless it is told to
 * {@link #discard()} it. How far it has come is saved with the rows, in one transaction ({@link #save}); whatever is killed
 * when, the next one finds the rows and the progress of the same commit.
 */
@Internal
public final class DatabaseBuild implements AutoCloseable {
    private static final String PROGRESS_TABLE = "build_progress";
    private static final String CREATE_PROGRESS =
            "CREATE TABLE " + PROGRESS_TABLE + " (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID";
    private static final String INSERT_PROGRESS = "INSERT OR REPLACE INTO build_progress (key, value) VALUES (?, ?)";

    private static final String COUNT_PROGRESS_TABLES =
            "SELECT count(*) FROM sqlite_schema WHERE name = '" + PROGRESS_TABLE + "'";

    private final Path target;
    private final Path partial;
    private final @Nullable Schema schema;
    private final Database database;
    private final ProcessLock lock;
    private final boolean resumable;
    private Map<String, String> copied = Map.of();
    private boolean keepsPartial;
    private boolean published;

    private DatabaseBuild(Path target, Path partial, @Nullable Schema schema, ProcessLock lock, Access access) {
        this.target = target;
        this.partial = partial;
        this.schema = schema;
        this.lock = lock;
        this.resumable = access == Access.RESUMABLE_BUILD;
        this.database = Database.open(partial, access);
    }

    /**
     * Starts a build; the leftovers of a killed one are removed.
     *
     * @throws DatabaseException if the target is being built already, here or in another process
     */
    public static DatabaseBuild begin(Path target, Schema schema) {
        return open(target, schema, Access.BUILD, true);
    }

    /**
     * Starts a build of a file in another program's layout: nothing is in it but what the caller creates, no mark, no
     * statistics. The leftovers of a killed one are removed.
     *
     * @throws DatabaseException if the target is being built already, here or in another process
     */
    public static DatabaseBuild beginForeign(Path target) {
        return open(target, null, Access.BUILD, true);
    }

    /**
     * Starts a build that {@link #resume} can go on with; the leftovers of another one are removed.
     *
     * @throws DatabaseException if the target is being built already, here or in another process
     */
    public static DatabaseBuild beginResumable(Path target, Schema schema) {
        return open(target, schema, Access.RESUMABLE_BUILD, true);
    }

    /**
     * Goes on with a build that was interrupted, from its last {@link #save}.
     *
     * @throws DatabaseException if the target is being built already, here or in another process
     * @throws SchemaMismatchException if what lies there is no partial file of this schema
     * @throws CorruptDatabaseException if it is damaged
     */
    public static DatabaseBuild resume(Path target, Schema schema) {
        return open(target, schema, Access.RESUMABLE_BUILD, false);
    }

    /**
     * Starts a resumable build of what the target holds already: all its rows are in the partial file, the indexes, views and
     * statistics are made again at the end. The leftovers of another build are removed. The target stays as it is, and may be
     * read meanwhile; the disk must have room for both. Indexes and views that somebody else made in it stay.
     *
     * @param asRead the {@code dataset_info} of the target by which the caller decided what to do
     * @throws DatabaseException if the target is being built already, here or in another process, cannot be read, or was changed
     *     since the caller read it
     * @throws SchemaMismatchException if the target is no file of this schema
     */
    public static DatabaseBuild beginFrom(Path target, Schema schema, Map<String, String> asRead) {
        return copying(target, schema, Access.RESUMABLE_BUILD, asRead);
    }

    /**
     * As {@link #beginFrom}, but begun anew after an interruption, and so without a journal and a sync at every commit.
     *
     * @param asRead the {@code dataset_info} of the target by which the caller decided what to do
     * @throws DatabaseException if the target is being built already, here or in another process, cannot be read, or was changed
     *     since the caller read it
     * @throws SchemaMismatchException if the target is no file of this schema
     */
    public static DatabaseBuild beginAppend(Path target, Schema schema, Map<String, String> asRead) {
        return copying(target, schema, Access.BUILD, asRead);
    }

    private static DatabaseBuild copying(Path target, Schema schema, Access access, Map<String, String> asRead) {
        Path absolute = target.toAbsolutePath().normalize();
        Path partial = partial(absolute);
        ProcessLock lock = ProcessLock.forBuilding(absolute, partial);
        try {
            remove(partial);
            remove(copyOf(partial));
            copy(absolute, partial, schema, access == Access.RESUMABLE_BUILD, asRead);
            DatabaseBuild build = new DatabaseBuild(absolute, partial, schema, lock, access);
            build.keepsPartial = build.resumable;
            build.copied = asRead;
            try {
                build.undoFinish();
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

    /** Under another name first, so that half a copy is never taken for a partial file. */
    private static void copy(Path target, Path partial, Schema schema, boolean resumable, Map<String, String> asRead) {
        Path copy = copyOf(partial);
        try {
            try (Database source = Database.open(target, Access.READ)) {
                schema.check(source);
                // Another command may have added to it while this one read its input, and would be forgotten.
                if (!Schema.info(source).equals(asRead)) {
                    throw changed("add to", target);
                }
                DatabaseOptimizer.copy(source, copy);
            }
            if (resumable) {
                try (Database marked = Database.open(copy, Access.RESUMABLE_BUILD)) {
                    marked.execute(
                            CREATE_PROGRESS,
                            "INSERT INTO " + PROGRESS_TABLE + " (key, value) VALUES ('copied_rows', 1)");
                }
            }
            Files.move(copy, partial, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new DatabaseException("Cannot rename " + copy + ": " + e, copy, e);
        } finally {
            remove(copy);
        }
    }

    /** Whether there is something that {@link #resume} could go on with. */
    public static boolean hasPartial(Path target) {
        return Files.isRegularFile(partial(target.toAbsolutePath().normalize()));
    }

    private static DatabaseBuild open(Path target, @Nullable Schema schema, Access access, boolean anew) {
        Path absolute = target.toAbsolutePath().normalize();
        Path partial = partial(absolute);
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            // The rename would put the database in the place of a device or a pipe.
            throw new DatabaseException(
                    "Cannot build " + absolute
                            + ": expected a file or none, found something else. Choose another name.",
                    absolute,
                    null);
        }
        ProcessLock lock = ProcessLock.forBuilding(absolute, partial);
        try {
            if (anew || !isBegun(partial)) {
                remove(partial);
                remove(copyOf(partial));
            }
            boolean empty = !Files.exists(partial);
            DatabaseBuild build = new DatabaseBuild(absolute, partial, schema, lock, access);
            try {
                if (schema == null) {
                    return build;
                } else if (empty) {
                    // First of all, so that a partial file without this table is a finished one.
                    build.createProgress();
                    schema.create(build.database);
                } else {
                    build.keepsPartial = true;
                    schema.check(build.database);
                    build.undoFinish();
                }
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

    private static Path partial(Path target) {
        return target.resolveSibling(target.getFileName() + ".partial");
    }

    /** Where a copy of the target is until it is whole. */
    private static Path copyOf(Path partial) {
        return partial.resolveSibling(partial.getFileName() + ".copy");
    }

    /** Whether there is a file with anything in it to keep: one that was just being created has no progress yet. */
    private static boolean isBegun(Path partial) {
        if (!Files.exists(partial)) {
            return false;
        }
        try (Database database = Database.open(partial, Access.RESUMABLE_BUILD)) {
            boolean hasTable = database.queryLong(COUNT_PROGRESS_TABLES) > 0;
            return hasTable
                    ? database.queryLong("SELECT count(*) FROM " + PROGRESS_TABLE) > 0
                    : database.queryLong("SELECT count(*) FROM sqlite_schema") > 0;
        }
    }

    /** The file being filled. */
    public Database database() {
        return database;
    }

    private void createProgress() {
        if (resumable) {
            database.execute(CREATE_PROGRESS);
        }
    }

    /** Whether an interrupted build had come so far that only the rename is left. */
    public boolean isFinished() {
        return resumable && database.queryLong(COUNT_PROGRESS_TABLES) == 0;
    }

    /**
     * Keeps the rows written so far and, in the same transaction, how far the build has come.
     *
     * @param rows the writer of all rows since the last call
     * @param progress {@code String}, {@code Long} or {@code byte[]} by name; other names keep their values
     */
    public void save(BulkWriter rows, Map<String, Object> progress) {
        progress.forEach((key, value) -> rows.insert(INSERT_PROGRESS, key, value));
        rows.flush();
        keepsPartial = true;
    }

    /** What was saved last; empty if nothing was. */
    public Map<String, Object> saved() {
        if (isFinished()) {
            return Map.of();
        }
        return database.read("Cannot read " + PROGRESS_TABLE, connection -> {
            Map<String, Object> progress = new HashMap<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT key, value FROM build_progress");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    progress.put(rows.getString(1), rows.getObject(2));
                }
            }
            return progress;
        });
    }

    /** Removes the partial file at {@link #close()}, because nobody would want to go on with it. */
    public void discard() {
        keepsPartial = false;
    }

    /** Finishes the file and puts it under its name. Nothing can be added afterwards. */
    public void publish() {
        if (!isFinished()) {
            finish();
        }
        // Leaves the header saying 'rollback journal', so that the file can be read from a read-only place.
        database.execute("PRAGMA journal_mode=DELETE");
        database.close();
        requireAsCopied();
        try {
            moveIntoPlace(partial, target);
            published = true;
        } catch (IOException e) {
            throw new DatabaseException("Cannot publish " + target + ": " + e, target, e);
        }
    }

    /* What somebody changed in the target in place since it was copied would be lost by the rename. */
    private void requireAsCopied() {
        if (copied.isEmpty() || !Files.exists(target)) {
            return;
        }
        try (Database now = Database.open(target, Access.READ)) {
            if (!Schema.info(now).equals(copied)) {
                keepsPartial = false;
                throw changed("publish", target);
            }
        }
    }

    private static DatabaseException changed(String action, Path target) {
        return new DatabaseException(
                "Cannot " + action + " " + target
                        + ": expected it as it was when this command began, found it changed by"
                        + " another command. Run this one again.",
                target,
                null);
    }

    private void finish() {
        // Sorting for an index takes memory by the row; beyond the page cache it belongs on the disk.
        database.execute("PRAGMA temp_store=FILE");
        if (schema != null) {
            schema.finish(database);
            database.execute("ANALYZE");
        }
        String verdict = database.queryText("PRAGMA integrity_check(1)");
        if (!"ok".equals(verdict)) {
            throw new CorruptDatabaseException(
                    "The finished file fails its integrity check: " + verdict + " (" + partial
                            + "). The disk may be faulty.",
                    partial,
                    null);
        }
        if (resumable) {
            database.execute("DROP TABLE " + PROGRESS_TABLE);
        }
    }

    /** Takes away what {@link #finish} adds, and nothing that somebody else made, so that it can be added when all rows are in. */
    private void undoFinish() {
        if (isFinished() || schema == null) {
            return;
        }
        database.execute(schema.dropsOfAfterwards().toArray(String[]::new));
        if (database.queryLong("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") > 0) {
            database.execute("DROP TABLE sqlite_stat1");
        }
    }

    @Override
    public void close() {
        try {
            database.close();
        } finally {
            try {
                if (!published && !keepsPartial) {
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

    /* First the file: a journal without it does no harm, a file without its journal would be half a transaction. */
    private static void remove(Path partial) {
        try {
            Files.deleteIfExists(partial);
            Files.deleteIfExists(partial.resolveSibling(partial.getFileName() + "-journal"));
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
