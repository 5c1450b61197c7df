package dev.millrace.exafs;

import dev.millrace.sqlite.RowDigest;
import org.jspecify.annotations.Nullable;

/** Checks and decodes rows of path_legs. One thread at a time. */
final class LegsParser {
    private final ExafsContents contents;
    private final RowDigest digest = new RowDigest(ExafsSchema.LEGS);

    LegsParser(ExafsContents contents) {
        this.contents = contents;
    }

    /**
     * Positions of a path's atoms as seen from the absorber, which is the first, three after three, Å.
     *
     * @param stored the BLOB; null where there is no row
     */
    double[] read(StoredPath path, byte @Nullable [] stored, long crc) {
        long id = path.pathId();
        if (stored == null) {
            throw contents.damaged(DamagedRow.MISSING, ExafsSchema.LEGS.name(), "path_id", id);
        }
        if (digest.begin(id, stored.length).value(stored, 0, stored.length).end() != crc) {
            throw contents.damaged(DamagedRow.CHECKSUM, ExafsSchema.LEGS.name(), "path_id", id);
        }
        try {
            return PathLegs.decode(
                    contents.tensor(stored, ExafsSchema.LEGS.name(), "path_id", id),
                    path.type().legCount());
        } catch (IllegalArgumentException e) {
            throw contents.damaged(String.valueOf(e.getMessage()), ExafsSchema.LEGS.name(), "path_id", id);
        }
    }
}
