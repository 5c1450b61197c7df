package dev.millrace.sqlite;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Creates files that only their owner may read: the driver's own default is everybody. */
final class PrivateFile {
    private PrivateFile() {}

    /** Makes an empty file; SQLite takes an empty file for a new database. */
    static void create(Path file) {
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } else {
                Files.createFile(file);
            }
        } catch (FileAlreadyExistsException alreadyThere) {
            // Another process was first: it is a database to open like any other.
        } catch (IOException e) {
            throw new DatabaseException(
                    "Cannot create " + file + ": " + reason(e) + ". Check that the folder exists and may be written.",
                    file,
                    e);
        }
    }

    private static String reason(IOException failed) {
        String reason = failed instanceof FileSystemException named ? named.getReason() : failed.getMessage();
        return reason == null ? failed.toString() : reason;
    }
}
