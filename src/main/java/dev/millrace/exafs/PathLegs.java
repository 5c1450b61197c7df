package dev.millrace.exafs;

import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The geometry of a path as table {@code path_legs} has it: where each atom after the absorber is, as seen from it. FEFF prints
 * four decimals, so int32 [nleg − 1, 3] in 10⁻⁴ Å is exact; a file with more decimals has float64 [nleg − 1, 3] in Å.
 */
final class PathLegs {
    private static final double STEPS = 1e4;

    private PathLegs() {}

    static byte[] encode(List<PathAtom> atoms) {
        int others = atoms.size() - 1;
        boolean exact = atoms.stream().allMatch(atom -> isStep(atom.x()) && isStep(atom.y()) && isStep(atom.z()));
        DType type = exact ? DType.INT32 : DType.FLOAT64;
        ByteBuffer raw = ByteBuffer.allocate(3 * others * type.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
        PathAtom absorber = atoms.get(0);
        for (PathAtom atom : atoms.subList(1, atoms.size())) {
            put(raw, exact, atom.x(), absorber.x());
            put(raw, exact, atom.y(), absorber.y());
            put(raw, exact, atom.z(), absorber.z());
        }
        return TensorCodec.encode(type, raw.array(), Compression.NONE, others, 3)
                .toBytes();
    }

    private static boolean isStep(double coordinate) {
        return Math.abs(coordinate) < 1e4 && Math.rint(coordinate * STEPS) / STEPS == coordinate;
    }

    private static void put(ByteBuffer raw, boolean exact, double coordinate, double origin) {
        if (exact) {
            raw.putInt((int) Math.rint(coordinate * STEPS) - (int) Math.rint(origin * STEPS));
        } else {
            raw.putDouble(coordinate - origin);
        }
    }

    /**
     * Positions of all atoms of a path, three after three, Å; the absorber first, at 0, 0, 0.
     *
     * @throws IllegalArgumentException if the BLOB is not of a path of so many legs
     */
    static double[] decode(TensorBlob stored, int legCount) {
        boolean isShaped = stored.rank() == 2 && stored.dim(0) == legCount - 1 && stored.dim(1) == 3;
        if (!isShaped || (stored.type() != DType.INT32 && stored.type() != DType.FLOAT64)) {
            throw new IllegalArgumentException(
                    "expected positions int32 or float64 [" + (legCount - 1) + ", 3], found " + stored);
        }
        double[] others = stored.toDoubles();
        double[] positions = new double[3 * legCount];
        for (int i = 0; i < others.length; i++) {
            positions[i + 3] = stored.type() == DType.INT32 ? others[i] / STEPS : others[i];
        }
        return positions;
    }
}
