package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Database;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;

/** What {@link ExafsVerification} checks in a database of the document's tables. One thread; used once. */
final class DocumentChecks {
    /** What is wrong, and a query of where: each row is a key. */
    private static final List<Map.Entry<String, String>> QUERIES = List.of(
            Map.entry(
                    "orphan: χ of no path",
                    "SELECT 'chi_data, id=' || id FROM chi_data WHERE path_id NOT IN (SELECT id FROM paths)"),
            Map.entry(
                    "missing: a path without χ",
                    "SELECT 'paths, id=' || id FROM paths WHERE id NOT IN (SELECT path_id FROM chi_data)"),
            Map.entry(
                    "missing: a path whose atom is not in atoms",
                    "SELECT 'paths, id=' || p.id FROM paths p WHERE NOT EXISTS"
                            + " (SELECT 1 FROM atoms a WHERE a.frame = p.frame AND a.atom_id = p.atom_id)"),
            Map.entry(
                    "duplicate: more than one χ of a path",
                    "SELECT 'path_id=' || path_id FROM chi_data GROUP BY path_id HAVING count(*) > 1"),
            Map.entry(
                    "duplicate: two paths of one number",
                    "SELECT 'frame=' || frame || ' atom_id=' || atom_id || ' path_num=' || path_num"
                            + " FROM paths NOT INDEXED GROUP BY frame, atom_id, path_num HAVING count(*) > 1"));

    private final Database database;
    private final ExafsVerification.Faults faults;

    DocumentChecks(Database database, ExafsVerification.Faults faults) {
        this.database = database;
        this.faults = faults;
    }

    /** Returns how many rows of χ were read. */
    long run(BuildProgress progress) {
        faults.check("SQLite structure", () -> {
            String verdict = database.queryText("PRAGMA integrity_check(1)");
            if (!"ok".equals(verdict)) {
                faults.add("SQLite structure: " + verdict);
            }
        });
        faults.addKeys(database, QUERIES);
        long[] count = {0};
        faults.check("chi_data", () -> count[0] = chi(progress));
        return count[0];
    }

    private long chi(BuildProgress progress) {
        BuildProgress.Meter meter =
                new BuildProgress.Meter(progress, "verify", database.queryLong("SELECT count(*) FROM chi_data"));
        long read = database.read("Cannot read chi_data", connection -> {
            long count = 0;
            try (PreparedStatement select = connection.prepareStatement("SELECT id, k_grid, chi_values FROM chi_data");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    look("chi_data, id=" + row.getLong(1), row.getBytes(2), row.getBytes(3));
                    meter.advanceTo(++count);
                }
            }
            return count;
        });
        meter.finish();
        return read;
    }

    private void look(String where, byte[] k, byte[] chi) {
        if (k.length == 0 || k.length % Double.BYTES != 0 || chi.length != k.length) {
            faults.add(
                    "wrong size of χ",
                    where + ": expected as many bytes as k, a multiple of 8, found " + k.length + " of k and "
                            + chi.length + " of χ");
            return;
        }
        ByteBuffer ks = ByteBuffer.wrap(k).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer values = ByteBuffer.wrap(chi).order(ByteOrder.LITTLE_ENDIAN);
        double before = Double.NEGATIVE_INFINITY;
        while (ks.hasRemaining()) {
            double at = ks.getDouble();
            if (!(at > before) || !Double.isFinite(at)) {
                faults.add("k does not increase", where);
                return;
            }
            before = at;
            if (!Double.isFinite(values.getDouble())) {
                faults.add("not finite: χ", where + ", k=" + at);
                return;
            }
        }
    }
}
