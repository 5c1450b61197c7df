package dev.millrace.sqlite;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.zip.CRC32C;

/** CRC-32C over the small tables that describe a file: over their rows as lines of text, in a fixed order. */
final class LineChecksum {
    private LineChecksum() {}

    /**
     * The checksum, in decimal.
     *
     * @param sql a query of one text column; values in it are quoted, so that a text and a blob of equal bytes differ
     */
    static String of(Database database, String sql) {
        return database.read("Cannot read the lines of a checksum", connection -> {
            CRC32C crc = new CRC32C();
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    crc.update(String.valueOf(rows.getString(1)).getBytes(StandardCharsets.UTF_8));
                    crc.update('\n');
                }
            }
            return Long.toString(crc.getValue());
        });
    }
}
