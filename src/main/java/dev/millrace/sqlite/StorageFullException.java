package dev.millrace.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** There is no room to write: free some and run the same command again. What was committed is kept. */
public final class StorageFullException extends DatabaseException {
    StorageFullException(String action, Path file, Throwable cause) {
        super(
                action + ": no space left for " + file + " (" + freeSpace(file)
                        + "). Free some space and run the same command again.",
                file,
                cause);
    }

    private static String freeSpace(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        try {
            return folder == null
                    ? "free space unknown"
                    : Files.getFileStore(folder).getUsableSpace() + " bytes free";
        } catch (IOException e) {
            return "free space unknown";
        }
    }
}
