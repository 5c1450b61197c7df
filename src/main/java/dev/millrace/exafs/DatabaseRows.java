package dev.millrace.exafs;

import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Rows of the queries of {@link DatabaseChiSource}, each compared with its checksum. One thread at a time. */
final class DatabaseRows {
    private final Path file;
    private final PathTypeTable types;
    private final StoredChi stored;
    private final PathDigest pathDigest = new PathDigest();
    private final RowDigest chiDigest;
    private final RowDigest sumDigest = new RowDigest(ExafsSchema.SUMS);
    private final ByteBuffer columnId = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long extrapolated;
    private long checkedAbsorber = Long.MIN_VALUE;
    private String checkedElement = "";

    DatabaseRows(Path file, PathTypeTable types, StoredChi stored) {
        this.file = file;
        this.types = types;
        this.stored = stored;
        this.chiDigest = new RowDigest(stored.way() == StoredChi.Way.COMPUTED ? ExafsSchema.ARRAYS : ExafsSchema.CHI);
    }

    /** Paths since the last call whose files do not reach over the grid that χ was computed for. */
    long takeExtrapolated() {
        long count = extrapolated;
        extrapolated = 0;
        return count;
    }

    /** Columns 1 to 17. */
    PathEntry path(ResultSet row) throws SQLException {
        long absorber = row.getLong(1);
        if (absorber != checkedAbsorber) {
            checkAbsorber(absorber, row);
        }
        long pathId = row.getLong(5);
        long number = row.getLong(6);
        long typeId = row.getLong(7);
        double degeneracy = row.getDouble(8);
        double reff = row.getDouble(9);
        long digest = pathDigest.of(pathId, absorber, number, typeId, degeneracy, reff);
        if (digest != row.getLong(10)) {
            throw damaged("scattering_paths, path_id=" + pathId);
        }
        return new PathEntry(
                pathId,
                row.getLong(2),
                row.getLong(3),
                checkedElement,
                number,
                types.get(typeId, pathId),
                degeneracy,
                reff);
    }

    /** Once for all paths of an absorber. */
    private void checkAbsorber(long absorber, ResultSet row) throws SQLException {
        String element = row.getString(4);
        long digest = new RowDigest(ExafsSchema.ABSORBERS)
                .of(
                        absorber,
                        row.getLong(2),
                        row.getLong(3),
                        element,
                        row.getLong(11),
                        row.getObject(12),
                        row.getObject(13),
                        row.getObject(14),
                        row.getLong(15),
                        row.getLong(16));
        if (digest != row.getLong(17)) {
            throw damaged("absorbers, absorber_id=" + absorber);
        }
        checkedAbsorber = absorber;
        checkedElement = element;
    }

    /** Columns 18 to 20 of the same row. */
    double[] chi(ResultSet row, PathEntry path) throws SQLException {
        boolean computed = stored.way() == StoredChi.Way.COMPUTED;
        String table = computed ? "feff_arrays" : "chi";
        byte[] blob = row.getBytes(19);
        if (blob == null) {
            throw DamagedRow.of(file, table + ", path_id=" + path.pathId(), DamagedRow.MISSING);
        }
        long id = row.getLong(18);
        long digest = chiDigest
                .begin(path.pathId(), Long.BYTES, blob.length)
                .value(columnId.putLong(0, id).array(), 0, Long.BYTES)
                .value(blob, 0, blob.length)
                .end();
        if (digest != row.getLong(20)) {
            throw damaged(table + ", path_id=" + path.pathId());
        }
        if (!computed) {
            return stored.chi(blob, path, file);
        }
        FeffArrays arrays = stored.arrays(id, blob, path, file);
        extrapolated += stored.covers(arrays) ? 0 : 1;
        return stored.compute(arrays, path);
    }

    /** The row of an absorber's sum: id, frame, atom, number of paths, smallest and largest reff, χ, checksum. */
    double[] sum(ResultSet row) throws SQLException {
        long absorber = row.getLong(1);
        byte[] blob = row.getBytes(7);
        long digest = sumDigest.of(absorber, row.getLong(4), row.getDouble(5), row.getDouble(6), blob);
        if (digest != row.getLong(8) || blob == null) {
            throw damaged("atom_sums, absorber_id=" + absorber);
        }
        return stored.vector(TensorBlob.parse(blob), file, "atom_sums, absorber_id=" + absorber);
    }

    private CorruptDatabaseException damaged(String row) {
        return DamagedRow.of(file, row, DamagedRow.CHECKSUM);
    }
}
