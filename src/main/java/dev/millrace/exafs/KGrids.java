package dev.millrace.exafs;

import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.Map;

/** The k grids of a database while it is being filled. One thread at a time. */
final class KGrids {
    private static final String INSERT = "INSERT INTO k_grids (grid_id, k_count, k, row_crc) VALUES (?, ?, ?, ?)";

    private final Map<KGrid, Long> ids = new HashMap<>();
    private final RowDigest digest = new RowDigest(ExafsSchema.GRIDS);
    private long next = 1;

    KGrids(Database database) {
        database.read("Cannot read the k grids", connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT grid_id, k FROM k_grids");
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.put(KGrid.of(TensorBlob.parse(rows.getBytes(2)).toDoubles()), rows.getLong(1));
                    next = Math.max(next, rows.getLong(1) + 1);
                }
            }
            return ids;
        });
    }

    /** The id of a grid, which is added if it is new. */
    long id(KGrid grid, BulkWriter rows) {
        Long known = ids.get(grid);
        if (known != null) {
            return known;
        }
        long id = next++;
        ids.put(grid, id);
        byte[] k = TensorCodec.ofDoubles(grid.toArray(), Compression.NONE, grid.size())
                .toBytes();
        rows.insert(INSERT, id, grid.size(), k, digest.of(id, grid.size(), k));
        return id;
    }
}
