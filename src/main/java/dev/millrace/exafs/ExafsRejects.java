package dev.millrace.exafs;

import dev.millrace.build.RejectFile;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is done about files that cannot be used, which table {@code rejects} names. Immutable.
 *
 * @param maxShare largest share of the files; null for the default
 * @param file where to write them; null for nowhere
 */
record ExafsRejects(@Nullable Double maxShare, @Nullable Path file) {
    /**
     * Refuses a database to which too many files are missing.
     *
     * @param then what became of it, for the message
     * @throws RejectedInputException if there are more than allowed, or nothing else
     */
    void requireFew(Database database, FeffTree tree, String then) {
        long rejected = database.queryLong("SELECT count(*) FROM rejects");
        long paths = database.queryLong("SELECT count(*) FROM scattering_paths");
        Double asked = maxShare;
        double allowed = asked == null
                ? Math.max(ExafsBuilder.ALWAYS_ALLOWED_REJECTS, ExafsBuilder.DEFAULT_MAX_REJECTS * tree.fileCount())
                : asked * tree.fileCount();
        if (rejected <= allowed && paths > 0) {
            return;
        }
        throw new RejectedInputException(
                (paths == 0
                                ? "None of the files can be used: expected a path"
                                : "Too many files cannot be used: expected at most " + (long) allowed)
                        + ", found " + rejected + " of " + tree.fileCount() + " rejected " + counts(database)
                        + ", the first: " + first(database) + " " + then + " See them with '--rejects FILE'"
                        + (paths == 0 ? "." : ", or allow more with '--max-rejects'."),
                rejected,
                tree.fileCount());
    }

    /** By reason. */
    static Map<String, Long> counts(Database database) {
        return database.read("Cannot count the rejects", connection -> {
            Map<String, Long> found = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement(
                            "SELECT reason, count(*) FROM rejects GROUP BY reason ORDER BY reason");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getLong(2));
                }
            }
            return found;
        });
    }

    /** What is wrong with the first of them; empty if there is none. */
    static String first(Database database) {
        String detail = database.queryText("SELECT detail FROM rejects ORDER BY file LIMIT 1");
        return detail == null ? "" : detail;
    }

    /** Writes the file, if one is wanted. */
    void write(Database database) throws IOException {
        if (file == null) {
            return;
        }
        try (RejectFile out = RejectFile.open(file, RejectFile.Place.LINE)) {
            database.read("Cannot read the rejects", connection -> {
                try (PreparedStatement select = connection.prepareStatement(
                                "SELECT file, line, frame, atom_id, reason, detail FROM rejects ORDER BY file");
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        String id = "frame " + rows.getInt(3) + " atom " + rows.getInt(4);
                        out.add(rows.getString(1), rows.getLong(2), id, rows.getString(5), rows.getString(6));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return out;
            });
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }
}
