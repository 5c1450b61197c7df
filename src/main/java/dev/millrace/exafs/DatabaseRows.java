package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Rows of the queries of {@link DatabaseChiSource}, each compared with its checksum. One thread at a time. */
final class DatabaseRows {
    private static final int SCALARS = 8;

    private final Path file;
    private final PathTypeTable types;
    private final StoredChi stored;
    private final RowDigest pathDigest = new RowDigest(ExafsSchema.PATHS);
    private final RowDigest chiDigest;
    private final RowDigest sumDigest = new RowDigest(ExafsSchema.SUMS);
    private final ByteBuffer scalars =
            ByteBuffer.allocate(SCALARS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    DatabaseRows(Path file, PathTypeTable types, StoredChi stored) {
        this.file = file;
        this.types = types;
        this.stored = stored;
        this.chiDigest = new RowDigest(stored.way() == StoredChi.Way.COMPUTED ? ExafsSchema.ARRAYS : ExafsSchema.CHI);
    }

    /** Columns 1 to 14. */
    PathEntry path(ResultSet row) throws SQLException {
        long pathId = row.getLong(5);
        long number = row.getLong(6);
        long typeId = row.getLong(7);
        double degeneracy = row.getDouble(8);
        double reff = row.getDouble(9);
        String fileName = row.getString(13);
        byte[] name = fileName == null ? new byte[0] : fileName.getBytes(StandardCharsets.UTF_8);
        scalars.clear();
        scalars.putLong(row.getLong(1)).putLong(number).putLong(typeId).putDouble(degeneracy).putDouble(reff);
        scalars.putLong(row.getLong(10)).putLong(row.getLong(11)).putLong(row.getLong(12));
        long digest = pathDigest
                .begin(
                        pathId,
                        Long.BYTES,
                        Long.BYTES,
                        Long.BYTES,
                        Long.BYTES,
                        Long.BYTES,
                        Long.BYTES,
                        Long.BYTES,
                        Long.BYTES,
                        fileName == null ? -1 : name.length)
                .value(scalars.array(), 0, scalars.capacity())
                .value(name, 0, name.length)
                .end();
        if (digest != row.getLong(14)) {
            throw damaged("scattering_paths, path_id=" + pathId);
        }
        return new PathEntry(
                pathId,
                row.getLong(2),
                row.getLong(3),
                row.getString(4),
                number,
                types.get(typeId, pathId),
                degeneracy,
                reff);
    }

    /** Columns 15 to 17 of the same row. */
    double[] chi(ResultSet row, PathEntry path) throws SQLException {
        boolean computed = stored.way() == StoredChi.Way.COMPUTED;
        String table = computed ? "feff_arrays" : "chi";
        byte[] blob = row.getBytes(16);
        if (blob == null) {
            throw new CorruptDatabaseException(
                    "A row is missing: expected path_id=" + path.pathId() + " (" + file + ", table " + table
                            + "). Build the file again.",
                    file,
                    null);
        }
        long id = row.getLong(15);
        scalars.putLong(0, id);
        long digest = chiDigest
                .begin(path.pathId(), Long.BYTES, blob.length)
                .value(scalars.array(), 0, Long.BYTES)
                .value(blob, 0, blob.length)
                .end();
        if (digest != row.getLong(17)) {
            throw damaged(table + ", path_id=" + path.pathId());
        }
        return stored.chi(id, blob, path, file);
    }

    /** The row of an absorber's sum: id, frame, atom, number of paths, smallest and largest reff, χ, checksum. */
    double[] sum(ResultSet row) throws SQLException {
        long absorber = row.getLong(1);
        byte[] blob = row.getBytes(7);
        long digest =
                sumDigest.of(absorber, row.getLong(4), row.getDouble(5), row.getDouble(6), blob);
        if (digest != row.getLong(8) || blob == null) {
            throw damaged("atom_sums, absorber_id=" + absorber);
        }
        return stored.vector(TensorBlob.parse(blob), file, "atom_sums, absorber_id=" + absorber);
    }

    private CorruptDatabaseException damaged(String row) {
        return new CorruptDatabaseException(
                "Damaged row: its checksum differs (" + file + ", table " + row + "). Restore the file or build it again.",
                file,
                null);
    }
}
