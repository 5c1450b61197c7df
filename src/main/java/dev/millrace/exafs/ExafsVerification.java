package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.Verification;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of reading an EXAFS database completely: structure, checksums and manifest as for every kind of file, then what only
 * this kind has: rows that belong to nothing, χ or columns of another length than their k grid, values that are not finite,
 * duplicates, missing rows, and sums that are not those of their paths. A database in the document's tables has no checksums; of
 * it the rest is checked.
 *
 * @param file the file
 * @param kind {@code exafs} or {@code document}
 * @param paths how many paths were read
 * @param absorbers how many sums were compared; 0 in the document's tables
 * @param faults what is wrong, at most {@value #MOST_FAULTS} of them; empty for a sound file
 */
public record ExafsVerification(Path file, String kind, long paths, long absorbers, List<String> faults) {
    static final int MOST_FAULTS = 50;

    public ExafsVerification {
        faults = List.copyOf(faults);
    }

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }

    /**
     * Reads the file a few times. Memory: constant.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if it is neither
     * @throws dev.millrace.sqlite.DatabaseException if it cannot be opened at all
     */
    public static ExafsVerification verify(Path file, BuildProgress progress) {
        boolean document;
        try (Database database = Database.open(file, Access.READ)) {
            document = DocumentSchema.isDocument(database);
            if (!document) {
                requireKind(database);
            }
        }
        Faults faults = new Faults();
        if (!document) {
            Verification.verify(file).faults().forEach(faults::add);
        }
        try (Database database = Database.open(file, Access.READ)) {
            if (document) {
                long paths = new DocumentChecks(database, faults).run(progress);
                return new ExafsVerification(database.file(), "document", paths, 0, faults.list());
            }
            DatabaseChecks checks = new DatabaseChecks(database, faults);
            checks.run(progress);
            return new ExafsVerification(
                    database.file(), ExafsSchema.KIND, checks.paths(), checks.absorbers(), faults.list());
        }
    }

    private static void requireKind(Database database) {
        String kind = Schema.kindOf(database);
        if (!kind.equals(ExafsSchema.KIND)) {
            // Says what it expected and what it found.
            ExafsSchema.SCHEMA.check(database);
        }
    }

    /** What was found so far: each fault once, and of many of a kind the count. One thread at a time. */
    static final class Faults {
        private static final int MOST_OF_A_KIND = 5;

        private final Map<String, Integer> kinds = new LinkedHashMap<>();
        private final Map<String, String> found = new LinkedHashMap<>();

        void add(String text) {
            if (found.size() < MOST_FAULTS) {
                found.putIfAbsent(text, text);
            }
        }

        /** A fault of a kind of which there may be millions. */
        void add(String kind, String where) {
            int count = kinds.merge(kind, 1, Integer::sum);
            if (count <= MOST_OF_A_KIND) {
                add(kind + " (" + where + ")");
            }
        }

        /**
         * Runs queries of which each row is the key of a fault.
         *
         * @param queries by the kind of fault that they look for
         */
        void addKeys(Database database, List<Map.Entry<String, String>> queries) {
            for (Map.Entry<String, String> query : queries) {
                check(query.getKey(), () -> addKeys(database, query.getKey(), query.getValue()));
            }
        }

        void addKeys(Database database, String kind, String sql) {
            database.read("Cannot read a table", connection -> {
                try (PreparedStatement select = connection.prepareStatement(sql);
                        ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        add(kind, String.valueOf(row.getString(1)));
                    }
                }
                return kind;
            });
        }

        /** Runs a check; where a damaged file stops it, that is a fault too and the rest is checked all the same. */
        void check(String what, Runnable work) {
            try {
                work.run();
            } catch (dev.millrace.sqlite.DatabaseException
                    | dev.millrace.tensor.CorruptTensorException
                    | IllegalArgumentException e) {
                add("In " + what + ": " + e.getMessage());
            }
        }

        List<String> list() {
            List<String> list = new java.util.ArrayList<>(found.values());
            kinds.forEach((kind, count) -> {
                if (count > MOST_OF_A_KIND && list.size() < MOST_FAULTS) {
                    list.add(kind + ": " + count + " in all");
                }
            });
            return list;
        }
    }
}
