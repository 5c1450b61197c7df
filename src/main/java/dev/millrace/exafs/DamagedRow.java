package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import java.nio.file.Path;

/** What to throw when a row of an EXAFS database cannot be used. */
final class DamagedRow {
    static final String CHECKSUM = "its checksum differs";
    static final String MISSING = "expected a row, found none";

    private DamagedRow() {}

    /** @param row its table and key: {@code chi, path_id=7} */
    static CorruptDatabaseException of(Path file, String row, String fault) {
        return new CorruptDatabaseException(
                "Damaged row: " + fault + " (" + file + ", table " + row + "). Restore the file or build it again.",
                file,
                null);
    }
}
