package dev.millrace.exafs;

import dev.millrace.sqlite.RowDigest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Checksums of rows of scattering_paths, which are read by the hundred thousand: nothing is allocated. One thread at a time. */
final class PathDigest {
    private static final int COLUMNS = ExafsSchema.PATHS.columns().size();

    private final RowDigest digest = new RowDigest(ExafsSchema.PATHS);
    private final ByteBuffer values = ByteBuffer.allocate(COLUMNS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final int[] lengths = new int[COLUMNS];

    PathDigest() {
        Arrays.fill(lengths, Long.BYTES);
    }

    long of(long pathId, long absorberId, long pathNumber, long typeId, double degeneracy, double reff) {
        values.clear();
        values.putLong(absorberId)
                .putLong(pathNumber)
                .putLong(typeId)
                .putDouble(degeneracy)
                .putDouble(reff);
        return digest.begin(pathId, lengths)
                .value(values.array(), 0, values.capacity())
                .end();
    }
}
