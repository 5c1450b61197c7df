package dev.millrace.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * By what a changed or replaced file is told without opening it: the file must not be read beside SQLite.
 *
 * @param identity of the file under this name; null where the system has none
 * @param bytes its size
 * @param changedMillis when it was written last
 * @param logBytes size of the log beside it; −1 if there is none
 * @param logChangedMillis when that was written last
 */
record FileStamp(@Nullable Object identity, long bytes, long changedMillis, long logBytes, long logChangedMillis) {
    private static final long SETTLED_MILLIS = 3_000;
    private static final FileStamp ABSENT = new FileStamp(null, -1, 0, -1, 0);

    static FileStamp of(Path file) {
        BasicFileAttributes main = attributes(file);
        if (main == null || !main.isRegularFile()) {
            return ABSENT;
        }
        BasicFileAttributes log = attributes(file.resolveSibling(file.getFileName() + "-wal"));
        return new FileStamp(
                main.fileKey() == null ? main.creationTime() : main.fileKey(),
                main.size(),
                main.lastModifiedTime().toMillis(),
                log == null ? -1 : log.size(),
                log == null ? 0 : log.lastModifiedTime().toMillis());
    }

    boolean isAbsent() {
        return bytes < 0;
    }

    boolean isSameFileAs(FileStamp other) {
        return Objects.equals(identity, other.identity);
    }

    /** Whether the last write is long enough ago that another one would have another time. */
    boolean isSettled() {
        return System.currentTimeMillis() - Math.max(changedMillis, logChangedMillis) > SETTLED_MILLIS;
    }

    private static @Nullable BasicFileAttributes attributes(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            return null;
        }
    }
}
