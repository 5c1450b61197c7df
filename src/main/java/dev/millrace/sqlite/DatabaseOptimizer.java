package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;

/** Writes a finished file anew without its holes, with fresh statistics, and puts it in the place of the old one. */
public final class DatabaseOptimizer {
    private DatabaseOptimizer() {}

    /**
     * What came of it.
     *
     * @param bytesBefore size of the old file
     * @param bytesAfter size of the new one
     */
    public record Result(long bytesBefore, long bytesAfter) {}

    /** What a file takes when it is written anew, without its holes. */
    @Internal
    public static long compactBytes(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return (database.queryLong("PRAGMA page_count") - database.queryLong("PRAGMA freelist_count"))
                    * database.queryLong("PRAGMA page_size");
        }
    }

    /**
     * VACUUM into a partial file, ANALYZE, integrity check, sync, atomic rename. Readers that have the old file open keep
     * it. Killed at any time, the target is the old file or the new one.
     *
     * @throws SchemaMismatchException if it is another program's file, or one that is being written (WAL)
     * @throws CorruptDatabaseException if the file fails its integrity check; it stays as it is
     */
    public static Result optimize(Path file) {
        Path target = file.toAbsolutePath().normalize();
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        if (!Files.isRegularFile(target)) {
            throw new DatabaseException("Cannot optimize " + target + ": no such file.", target, null);
        }
        ProcessLock lock = ProcessLock.forBuilding(target, partial);
        try {
            return rewrite(target, partial);
        } finally {
            lock.close();
        }
    }

    private static Result rewrite(Path target, Path partial) {
        try (Database source = Database.open(target, Access.READ)) {
            Schema.kindOf(source);
            requireRollbackJournal(source);
            requireSound(source);
            Files.deleteIfExists(partial);
            copy(source, partial);
        } catch (IOException e) {
            throw new DatabaseException("Cannot remove the leftover " + partial + ": " + e, partial, e);
        } catch (RuntimeException e) {
            // Half a copy on a disk that may be full because of it.
            deleteQuietly(partial);
            throw e;
        }
        try {
            try (Database copy = Database.open(partial, Access.BUILD)) {
                copy.execute("ANALYZE");
                copy.execute("PRAGMA journal_mode=DELETE");
            }
            requireEveryRow(partial, target);
            Result result = new Result(Files.size(target), Files.size(partial));
            DatabaseBuild.moveIntoPlace(partial, target);
            return result;
        } catch (IOException e) {
            throw new DatabaseException("Cannot publish " + target + ": " + e, target, e);
        } finally {
            deleteQuietly(partial);
        }
    }

    /** Writes all that a file holds into one that is not there yet, without the holes. */
    static void copy(Database source, Path partial) {
        // Creates the file for its owner only; VACUUM fills an empty one.
        PrivateFile.create(partial);
        // An absolute path, so that SQLite cannot take it for a URI; query_only counts the copy as a change.
        source.execute("PRAGMA query_only=0");
        source.read("Cannot write " + partial, connection -> {
            try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
                vacuum.setString(1, partial.toString());
                return vacuum.execute();
            }
        });
    }

    private static void requireRollbackJournal(Database database) {
        String mode = database.queryText("PRAGMA journal_mode");
        if ("wal".equals(mode)) {
            throw new SchemaMismatchException(
                    SchemaMismatchException.Kind.OTHER_SETTINGS,
                    "Cannot optimize a file that is being written: expected a finished dataset, found journal_mode=wal ("
                            + database.file() + ").",
                    database.file());
        }
    }

    private static void requireSound(Database database) {
        String verdict = database.queryText("PRAGMA integrity_check(1)");
        if (!"ok".equals(verdict)) {
            throw new CorruptDatabaseException(
                    "The file fails its integrity check: " + verdict + " (" + database.file()
                            + "). Restore it or build it again.",
                    database.file(),
                    null);
        }
    }

    /* A copy of a damaged row is sound to SQLite: it must not replace the file that still shows where it broke. */
    private static void requireEveryRow(Path copy, Path target) {
        Verification verification = Verification.verify(copy);
        if (!verification.isSound()) {
            throw new CorruptDatabaseException(
                    "Cannot optimize a damaged file: " + verification.faults().get(0) + " (" + target
                            + "). It stays as it is; restore it or build it again.",
                    target,
                    null);
        }
    }

    private static void deleteQuietly(Path partial) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException ignored) {
            // A leftover of this name is removed by the next run; the error that led here is the one to report.
        }
    }
}
