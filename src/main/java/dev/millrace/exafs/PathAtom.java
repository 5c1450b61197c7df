package dev.millrace.exafs;

/**
 * One atom that a path visits. Immutable.
 *
 * @param x position in Å, relative to the absorber's usually
 * @param y as x
 * @param z as x
 * @param potential FEFF's unique potential index; 0 is the absorber
 * @param atomicNumber Z
 * @param label FEFF's label of the potential, at most 6 characters; the symbol of the element where the file has none
 */
public record PathAtom(double x, double y, double z, int potential, int atomicNumber, String label) {
    /** Distance to another atom, Å. */
    public double distance(PathAtom other) {
        double dx = x - other.x;
        double dy = y - other.y;
        double dz = z - other.z;
        return Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
}
