package dev.millrace.exafs;

import dev.millrace.tensor.TensorBlob;
import java.util.List;

/**
 * One absorbing atom with its neighbours and the χ(k) of all its paths together, as training reads it. Immutable by agreement.
 *
 * @param absorberId key in the database
 * @param atomicNumber of the absorber
 * @param firstShellDistance smallest half length among its paths of two legs, Å; NaN if there is none
 * @param neighbours the atoms that its paths of two legs lead to, each position once, in the order of path numbers
 * @param chi χ(k) summed over all its paths, float32 or float64 [n_k]
 */
public record ExafsAtomRow(
        long absorberId, int atomicNumber, double firstShellDistance, List<Neighbour> neighbours, TensorBlob chi) {
    /**
     * An atom that scatters straight back. FEFF joins equivalent paths: one position stands for {@code degeneracy} atoms.
     *
     * @param atomicNumber Z
     * @param x position relative to the absorber, Å
     * @param y as x
     * @param z as x
     * @param degeneracy number of equivalent paths, of all paths to this position
     */
    public record Neighbour(int atomicNumber, double x, double y, double z, double degeneracy) {
        /** From the absorber, Å. */
        public double distance() {
            return ExafsRow.length(x, y, z);
        }

        /** From another neighbour, Å. */
        public double distance(Neighbour other) {
            return ExafsRow.length(x - other.x, y - other.y, z - other.z);
        }

        boolean isAt(Neighbour other) {
            return x == other.x && y == other.y && z == other.z;
        }

        Neighbour joined(Neighbour other) {
            return new Neighbour(atomicNumber, x, y, z, degeneracy + other.degeneracy);
        }
    }
}
