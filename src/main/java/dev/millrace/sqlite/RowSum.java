package dev.millrace.sqlite;

import dev.millrace.Internal;
import org.jspecify.annotations.Nullable;

/** What one row adds to {@link ManifestSums}. Reused for row after row; one thread at a time. */
@Internal
public final class RowSum {
    private final RowDigest digest;

    /** @param allColumns a table with all its columns but the checksum, in DDL order */
    public RowSum(CheckedTable allColumns) {
        digest = new RowDigest(allColumns);
    }

    /** Of a row of the whole table, given as the driver's objects in the order of the columns. */
    public long of(long key, @Nullable Object... values) {
        return TableScan.contribution(key, digest.of(key, values) | TableScan.storageClasses(values) << Integer.SIZE);
    }

    /** Of a row of a split, given its {@code row_crc}. */
    public static long covered(long key, long rowCrc) {
        return TableScan.contribution(key, rowCrc);
    }
}
