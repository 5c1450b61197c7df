package dev.millrace.sqlite;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of reading a finished file completely: SQLite's own structure, every row against its checksum, every table
 * against the manifest where the kind of file has one. Works for every kind of dataset without knowing it.
 *
 * @param file the file
 * @param kind what kind of file it says it is
 * @param rows rows read, by table
 * @param faults what is wrong, at most {@value #MOST_FAULTS} of them; empty for a sound file
 */
public record Verification(Path file, String kind, Map<String, Long> rows, List<String> faults) {
    static final int MOST_FAULTS = 50;

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }

    /**
     * Reads the whole file once per table. Cost: all its bytes; memory: 8 bytes per id of a split.
     *
     * @throws SchemaMismatchException if it is another program's file
     * @throws DatabaseException if it cannot be opened at all
     */
    public static Verification verify(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            return new Run(database, Schema.kindOf(database)).verify();
        }
    }

    private static final class Run {
        private final Database database;
        private final String kind;
        private final Map<String, Long> rows = new LinkedHashMap<>();
        private final List<String> faults = new ArrayList<>();

        Run(Database database, String kind) {
            this.database = database;
            this.kind = kind;
        }

        Verification verify() {
            check("SQLite structure", () -> {
                String verdict = database.queryText("PRAGMA integrity_check(1)");
                if (!"ok".equals(verdict)) {
                    fault("SQLite structure: " + verdict);
                }
            });
            check("dataset_info", () -> Schema.checkInfo(database));
            if (promisesManifest()) {
                check("manifest", () -> Manifest.check(database));
                check("tables", this::checkTables);
            } else {
                check("tables", this::countRows);
            }
            return new Verification(database.file(), kind, rows, List.copyOf(faults));
        }

        /* A file that is written all the time has none. The promise itself is under the checksum of dataset_info. */
        private boolean promisesManifest() {
            try {
                return Schema.info(database).containsKey(Manifest.CRC_KEY);
            } catch (DatabaseException e) {
                return true;
            }
        }

        private void countRows() {
            for (CheckedTable table : Manifest.dataTables(database)) {
                rows.put(table.name(), database.queryLong("SELECT count(*) FROM " + table.name()));
            }
        }

        private void checkTables() {
            Map<String, long[]> splits = new LinkedHashMap<>();
            for (String split : Manifest.splitNames(database)) {
                check("split " + split, () -> splits.put(split, Manifest.ids(database, split)));
            }
            Map<String, List<Line>> byTable = new LinkedHashMap<>();
            for (Line line : lines()) {
                byTable.computeIfAbsent(
                                line.table + (line.split.isEmpty() ? "" : " by split"), key -> new ArrayList<>())
                        .add(line);
            }
            byTable.forEach((name, lines) -> check(name, () -> checkTable(lines, splits)));
        }

        private void checkTable(List<Line> lines, Map<String, long[]> splits) {
            Line first = lines.get(0);
            CheckedTable table = new CheckedTable(first.table, first.key, List.of(first.columns.split(",")));
            boolean whole = first.split.isEmpty();
            TableScan scan = whole ? TableScan.whole(table) : TableScan.bySplit(table, splits);
            scan.run(database, this::fault);
            for (TableScan.Part part : scan.parts()) {
                Line line = lines.stream()
                        .filter(candidate -> candidate.split.equals(part.split()))
                        .findFirst()
                        .orElse(null);
                if (line == null || line.rowCount != part.rowCount() || line.digest != part.digest()) {
                    fault("Table " + table.name() + (whole ? "" : ", split " + part.split()) + ": expected "
                            + (line == null ? "no rows" : line.rowCount + " rows with digest " + line.digest)
                            + ", found " + part.rowCount() + " rows with digest " + part.digest());
                }
                if (whole) {
                    rows.put(table.name(), part.rowCount());
                }
            }
        }

        private List<Line> lines() {
            return database.read("Cannot read the manifest", connection -> {
                List<Line> lines = new ArrayList<>();
                try (PreparedStatement select = connection.prepareStatement(
                                "SELECT table_name, split, key_column, columns, row_count, digest FROM manifest"
                                        + " ORDER BY table_name, split");
                        ResultSet result = select.executeQuery()) {
                    while (result.next()) {
                        lines.add(new Line(
                                String.valueOf(result.getString(1)),
                                String.valueOf(result.getString(2)),
                                String.valueOf(result.getString(3)),
                                String.valueOf(result.getString(4)),
                                result.getLong(5),
                                result.getLong(6)));
                    }
                }
                return lines;
            });
        }

        /* A damaged file may fail anywhere; the rest of it is looked at all the same. */
        private void check(String what, Runnable work) {
            try {
                work.run();
            } catch (DatabaseException | IllegalArgumentException e) {
                fault("In " + what + ": " + e.getMessage());
            }
        }

        private void fault(String text) {
            if (faults.size() < MOST_FAULTS) {
                faults.add(text);
            }
        }
    }

    private record Line(String table, String split, String key, String columns, long rowCount, long digest) {}
}
