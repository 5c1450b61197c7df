package dev.millrace.exafs;

import dev.millrace.tensor.TensorBlob;

/**
 * One scattering path with its χ(k), as training reads it. Immutable by agreement: arrays are not copied.
 *
 * @param pathId key in the database
 * @param absorberId the calculation that it belongs to
 * @param pathType labels of its atoms joined by dashes, absorber first: {@code U-O-O}
 * @param atomicNumbers of its atoms, absorber first
 * @param degeneracy number of equivalent paths
 * @param halfLength reff, Å
 * @param positions float64 [nleg, 3], Å, absorber first
 * @param chi χ(k), float32 or float64 [n_k]
 */
public record ExafsRow(
        long pathId,
        long absorberId,
        String pathType,
        int[] atomicNumbers,
        double degeneracy,
        double halfLength,
        double[] positions,
        TensorBlob chi) {
    /** Number of legs, which is the number of atoms. */
    public int legCount() {
        return atomicNumbers.length;
    }

    /** Length of the leg from atom {@code i} to the next one, from the last back to the absorber, Å. */
    public double legLength(int i) {
        return length(component(i, 0), component(i, 1), component(i, 2));
    }

    /**
     * Angle at atom {@code i} by which the path turns there, degrees: 0 straight on, 180 back where it came from, as FEFF counts.
     * At the absorber it is the angle between the last leg and the first. 0 where a leg has no length.
     */
    public double scatteringAngle(int i) {
        int before = (i + legCount() - 1) % legCount();
        double product = 0;
        for (int axis = 0; axis < 3; axis++) {
            product += component(before, axis) * component(i, axis);
        }
        double lengths = legLength(before) * legLength(i);
        return lengths == 0 ? 0 : Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, product / lengths))));
    }

    /** Of the vector from atom {@code i} to the next. */
    private double component(int i, int axis) {
        int next = (i + 1) % legCount();
        return positions[3 * next + axis] - positions[3 * i + axis];
    }

    static double length(double x, double y, double z) {
        return Math.sqrt(x * x + y * y + z * z);
    }
}
