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
 * @param positions of its atoms as seen from the absorber, which is the first: x, y, z of each, Å
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

    /** Its legs and angles, computed at each call. */
    public PathGeometry geometry() {
        return PathGeometry.of(positions);
    }

    static double length(double x, double y, double z) {
        return Math.sqrt(x * x + y * y + z * z);
    }
}
