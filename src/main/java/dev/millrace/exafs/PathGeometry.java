package dev.millrace.exafs;

import java.util.List;
import java.util.stream.Collectors;

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
        List<PathAtom> atoms = path.atoms();
        int n = atoms.size();
        double[] lengths = new double[n];
        double[] angles = new double[n];
        for (int i = 0; i < n; i++) {
            PathAtom atom = atoms.get(i);
            lengths[i] = atom.distance(atoms.get((i + 1) % n));
            angles[i] = angle(atoms.get((i + n - 1) % n), atom, atoms.get((i + 1) % n));
        }
        return new PathGeometry(lengths, angles);
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

    /** Symbols of the elements joined by dashes, absorber first, whatever the labels are. */
    public static String elementType(FeffPath path) {
        return path.atoms().stream()
                .map(atom -> Elements.symbol(atom.atomicNumber()))
                .collect(Collectors.joining("-"));
    }

    private static double angle(PathAtom from, PathAtom at, PathAtom to) {
        double inX = at.x() - from.x();
        double inY = at.y() - from.y();
        double inZ = at.z() - from.z();
        double outX = to.x() - at.x();
        double outY = to.y() - at.y();
        double outZ = to.z() - at.z();
        double crossX = inY * outZ - inZ * outY;
        double crossY = inZ * outX - inX * outZ;
        double crossZ = inX * outY - inY * outX;
        double cross = Math.sqrt(crossX * crossX + crossY * crossY + crossZ * crossZ);
        // By the tangent: exact near 0 and 180 degrees, where the cosine is flat. Without a length it is atan2(0, 0),
        // zero.
        return Math.toDegrees(StrictMath.atan2(cross, inX * outX + inY * outY + inZ * outZ + 0.0));
    }
}
