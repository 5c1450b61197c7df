package dev.millrace.sqlite;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Turns a path into a JDBC URL. The one place that does: a name such as {@code x?journal_mode=OFF} or {@code :resource:…}
 * given to the driver as it is would change its settings or fetch an address.
 */
final class DbUri {
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

    private DbUri() {}

    /** What the driver takes. */
    static String of(Path file, String mode) {
        return "jdbc:sqlite:" + file(file, mode);
    }

    /** What SQLite takes, in ATTACH too. */
    static String file(Path file, String mode) {
        // Elsewhere than on Windows a backslash is a character of a name like any other.
        String path = file.toAbsolutePath()
                .normalize()
                .toString()
                .replace(file.getFileSystem().getSeparator(), "/");
        StringBuilder uri = new StringBuilder("file:");
        if (!path.startsWith("/")) {
            uri.append('/');
        }
        for (byte octet : path.getBytes(StandardCharsets.UTF_8)) {
            char character = (char) (octet & 0xFF);
            if (UNRESERVED.indexOf(character) >= 0) {
                uri.append(character);
            } else {
                uri.append('%')
                        .append(Character.toUpperCase(Character.forDigit(octet >> 4 & 0xF, 16)))
                        .append(Character.toUpperCase(Character.forDigit(octet & 0xF, 16)));
            }
        }
        return uri.append("?mode=").append(mode).toString();
    }
}
