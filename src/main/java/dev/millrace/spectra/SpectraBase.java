package dev.millrace.spectra;

import dev.millrace.sqlite.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/**
 * What a database holds before records are added to it. Memory: the group keys of all compounds.
 *
 * @param lastId largest key of a compound
 * @param placed the compounds that are in a split
 */
record SpectraBase(long lastId, List<SplitPlan.Placed> placed) {
    private static final String PLACED = """
            SELECT d.compound_id, c.inchikey, m.smiles, d.split, d.group_key
            FROM dataset_splits d
            JOIN compounds c ON c.id = d.compound_id
            JOIN mol_structures m ON m.compound_id = d.compound_id
            WHERE d.scheme = ?
            ORDER BY d.compound_id""";

    static SpectraBase read(Database database) {
        long lastId = database.queryLong("SELECT coalesce(max(id), 0) FROM compounds");
        List<SplitPlan.Placed> placed = database.read("Cannot read the splits", connection -> {
            List<SplitPlan.Placed> found = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(PLACED)) {
                select.setString(1, SplitPlan.SCHEME);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        found.add(new SplitPlan.Placed(
                                new SplitPlan.Member(
                                        row.getLong(1), row.getString(2), String.valueOf(row.getString(3))),
                                new SplitPlan.Place(
                                        String.valueOf(row.getString(4)), String.valueOf(row.getString(5)))));
                    }
                }
            }
            return found;
        });
        return new SpectraBase(lastId, placed);
    }
}
