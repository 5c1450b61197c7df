package dev.millrace.exafs;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.TensorBlob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/**
 * χ(k) summed over the paths of one absorber, in the order in which they are added, which has to be that of their numbers: then
 * every way to the sum gives the same bits. One thread at a time.
 */
final class AtomSum {
    private static final String SELECT_MISSING = """
            SELECT a.absorber_id
            FROM absorbers a
            WHERE a.path_count > 0 AND NOT EXISTS (SELECT 1 FROM atom_sums s WHERE s.absorber_id = a.absorber_id)
            ORDER BY a.absorber_id""";

    /** Plan: SEARCH of (absorber_id, path_num), then one SEARCH by path each. */
    private static final String SELECT_CHI = """
            SELECT p.reff, c.chi_values
            FROM scattering_paths p
            JOIN chi c ON c.path_id = p.path_id
            WHERE p.absorber_id = ?
            ORDER BY p.path_num""";

    private double[] sum = new double[0];
    private long paths;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;

    void add(double halfLength, double[] chi) {
        if (paths == 0) {
            sum = new double[chi.length];
        }
        for (int i = 0; i < chi.length; i++) {
            sum[i] += chi[i];
        }
        paths++;
        least = Math.min(least, halfLength);
        most = Math.max(most, halfLength);
    }

    long paths() {
        return paths;
    }

    double[] values() {
        return sum.clone();
    }

    double least() {
        return least;
    }

    double most() {
        return most;
    }

    /** Writes the sum, stored as χ is. */
    void insert(long absorber, ExafsSettings settings, BulkWriter rows) {
        byte[] values = settings.encode(sum).toBytes();
        long crc = new RowDigest(ExafsSchema.SUMS).of(absorber, paths, least, most, values);
        rows.insert(ExafsWriter.INSERT_SUM, absorber, paths, least, most, values, crc);
    }

    /** Reads the paths of an absorber and adds them up. */
    static AtomSum of(Database database, long absorber) {
        return database.read("Cannot sum up the paths of an absorber", connection -> {
            AtomSum sum = new AtomSum();
            PreparedStatement select = database.prepared(SELECT_CHI);
            select.setLong(1, absorber);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    sum.add(
                            rows.getDouble(1),
                            TensorBlob.parse(rows.getBytes(2)).toDoubles());
                }
            }
            return sum;
        });
    }

    /** Absorbers with paths and no sum. */
    static List<Long> missing(Database database) {
        return database.read("Cannot look for sums", connection -> {
            List<Long> missing = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(SELECT_MISSING);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    missing.add(rows.getLong(1));
                }
            }
            return missing;
        });
    }
}
