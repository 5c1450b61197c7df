package dev.millrace.kv;

import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Maintenance;
import java.nio.file.Path;

/**
 * Writes a store's file anew without what is no longer needed: pages that removed entries left, and the remains of old values in
 * them.
 *
 * @param bytesBefore size of the file before
 * @param bytesAfter and after; if somebody reads it meanwhile, the disk has the difference back when the last reader ends
 */
public record KvCompaction(long bytesBefore, long bytesAfter) {
    /**
     * Compacts a file, in one transaction: killed, it is as it was. Others may read it meanwhile; it takes as much room again as
     * the file has in the end.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no key-value store
     * @throws dev.millrace.sqlite.StorageFullException if there is no room; the file is as it was
     * @throws dev.millrace.sqlite.DatabaseException if somebody writes to it, or it cannot be opened
     */
    public static KvCompaction compact(Path file) {
        long[] bytes = new long[2];
        Maintenance.run(file, KvSchema.SCHEMA, database -> {
            bytes[0] = bytes(database);
            database.execute("VACUUM");
            bytes[1] = bytes(database);
        });
        return new KvCompaction(bytes[0], bytes[1]);
    }

    private static long bytes(Database database) {
        return database.queryLong("PRAGMA page_count") * database.queryLong("PRAGMA page_size");
    }
}
