package dev.millrace.exafs;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Empties a database: settings stay, so that the next build fills it up again in the same way. */
public final class ExafsClear {
    private ExafsClear() {}

    /**
     * Puts an empty database in the place of a file. Killed at any time, it is the old one or the empty one.
     *
     * @return paths that it had
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is no EXAFS database of Millrace
     */
    public static long clear(Path file) {
        Map<String, String> info;
        long paths;
        try (Database database = Database.open(file, Access.READ)) {
            ExafsSchema.SCHEMA.check(database);
            info = new LinkedHashMap<>(Schema.info(database));
            paths = database.queryLong("SELECT count(*) FROM scattering_paths");
        }
        for (String count : new String[] {"files", "paths", "absorbers", "frames", "rejects"}) {
            info.put(count, "0");
        }
        info.put(
                "last_cleared_utc",
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        try (DatabaseBuild build = DatabaseBuild.begin(file, ExafsSchema.SCHEMA)) {
            build.database().execute("PRAGMA page_size=" + ExafsSchema.PAGE_BYTES, "VACUUM");
            Schema.putInfo(build.database(), info);
            Manifest.write(
                    build.database(),
                    ExafsSchema.BY_PATH,
                    Map.of("train", new long[0], "val", new long[0], "test", new long[0]));
            build.publish();
        }
        return paths;
    }
}
