package dev.millrace.exafs;

/**
 * What the positions of a path's atoms say. Immutable by agreement: arrays are not copied.
 *
 * @param legLengths in Å, one for each leg: leg i leads from atom i to atom i + 1, the last back to the absorber
 * @param scatteringAngles in degrees, one for each atom, the absorber first: 0 straight on, 180 straight back. The absorber's is the one
 *     between the last leg and the first; where a leg has no length, 0
 */
public record PathGeometry(double[] legLengths, double[] scatteringAngles) {
    /** A half length that differs from the one printed by more, Å, is worth a warning: positions are printed to four decimals. */
    public static final double TOLERANCE = 1e-3;

    /** The geometry of a path. */
    public static PathGeometry of(FeffPath path) {
        double[] positions = new double[3 * path.legCount()];
        for (int i = 0; i < path.legCount(); i++) {
            PathAtom atom = path.atoms().get(i);
            positions[3 * i] = atom.x();
            positions[3 * i + 1] = atom.y();
            positions[3 * i + 2] = atom.z();
        }
        return of(positions);
    }

    /**
     * The geometry of a path.
     *
     * @param positions x, y and z of each atom, absorber first, Å
     */
    static PathGeometry of(double[] positions) {
        int n = positions.length / 3;
        double[] lengths = new double[n];
        double[] angles = new double[n];
        for (int i = 0; i < n; i++) {
            int before = 3 * ((i + n - 1) % n);
            int after = 3 * ((i + 1) % n);
            lengths[i] = length(positions, 3 * i, after);
            angles[i] = angle(positions, before, 3 * i, after);
        }
        return new PathGeometry(lengths, angles);
    }

    private static double length(double[] positions, int from, int to) {
        double x = positions[to] - positions[from];
        double y = positions[to + 1] - positions[from + 1];
        double z = positions[to + 2] - positions[from + 2];
        return Math.sqrt(x * x + y * y + z * z);
    }

    /** Half the sum of the legs, Å; should be reff within {@link #TOLERANCE}. */
    public double halfLength() {
        double sum = 0;
        for (double length : legLengths) {
            sum += length;
        }
        return sum / 2;
    }

    /** Whether the positions of a path's atoms make its half length. */
    public static boolean agrees(FeffPath path) {
        return Math.abs(of(path).halfLength() - path.halfLength()) <= TOLERANCE;
    }

    /** 1 / Σ 1/m over the atoms of a path, in atomic mass units, as larch's Einstein model takes it. */
    public static double reducedMass(FeffPath path) {
        double sum = 0;
        for (PathAtom atom : path.atoms()) {
            sum += 1 / Elements.weight(atom.atomicNumber());
        }
        return 1 / sum;
    }

    private static double angle(double[] positions, int from, int at, int to) {
        double inX = positions[at] - positions[from];
        double inY = positions[at + 1] - positions[from + 1];
        double inZ = positions[at + 2] - positions[from + 2];
        double outX = positions[to] - positions[at];
        double outY = positions[to + 1] - positions[at + 1];
        double outZ = positions[to + 2] - positions[at + 2];
        double crossX = inY * outZ - inZ * outY;
        double crossY = inZ * outX - inX * outZ;
        double crossZ = inX * outY - inY * outX;
        double cross = Math.sqrt(crossX * crossX + crossY * crossY + crossZ * crossZ);
        // By the tangent: exact near 0 and 180 degrees, where the cosine is flat. Without a length it is atan2(0, 0),
        // zero.
        return Math.toDegrees(StrictMath.atan2(cross, inX * outX + inY * outY + inZ * outZ + 0.0));
    }
}
