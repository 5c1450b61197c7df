package dev.millrace.exafs;

import dev.millrace.sqlite.RowDigest;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import org.jspecify.annotations.Nullable;

/** Checks and decodes rows of path_legs. One thread at a time. */
final class LegsParser {
    private final ExafsContents contents;
    private final RowDigest digest = new RowDigest(ExafsSchema.LEGS);

    LegsParser(ExafsContents contents) {
        this.contents = contents;
    }

    /**
     * Positions of a path's atoms, three after three, Å.
     *
     * @param stored the BLOB; null where there is no row
     */
    double[] read(StoredPath path, byte @Nullable [] stored, long crc) {
        long id = path.pathId();
        if (stored == null) {
            throw contents.damaged("expected a row, found none", ExafsSchema.LEGS.name(), "path_id", id);
        }
        if (digest.begin(id, stored.length).value(stored, 0, stored.length).end() != crc) {
            throw contents.damaged("its checksum differs", ExafsSchema.LEGS.name(), "path_id", id);
        }
        TensorBlob positions = contents.tensor(stored, ExafsSchema.LEGS.name(), "path_id", id);
        int legs = path.type().legCount();
        if (positions.type() != DType.FLOAT64
                || positions.rank() != 2
                || positions.dim(0) != legs
                || positions.dim(1) != 3) {
            throw contents.damaged(
                    "expected positions float64[" + legs + ", 3], found " + positions,
                    ExafsSchema.LEGS.name(),
                    "path_id",
                    id);
        }
        return positions.toDoubles();
    }
}
