package dev.millrace.molecule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Ring numbers of one SMILES: the bonds they make, in RDKit's order, and what their place in the text means for chirality.
 */
final class RingClosures {
    /** Closing rings costs time quadratic in their number, so it is bounded. */
    static final int MAX_NUMBERS = 8_000;

    private final Molecule molecule;
    private int count;
    private int[] number = new int[8];
    private int[] at = new int[8];
    private byte[] order = new byte[8];
    private byte[] direction = new byte[8];
    private int[] bond = new int[8];

    RingClosures(Molecule molecule) {
        this.molecule = molecule;
    }

    /**
     * Notes a ring number at an atom; false when there are too many.
     *
     * @param bondOrder the symbol before the number, UNSPECIFIED without one
     * @param bondDirection the slash before the number, 0 without one
     */
    boolean add(int ring, int atom, byte bondOrder, byte bondDirection) {
        if (count == MAX_NUMBERS) {
            return false;
        }
        if (count == number.length) {
            grow();
        }
        number[count] = ring;
        at[count] = atom;
        order[count] = bondOrder;
        direction[count] = bondDirection;
        count++;
        return true;
    }

    private void grow() {
        int size = count * 2;
        number = Arrays.copyOf(number, size);
        at = Arrays.copyOf(at, size);
        order = Arrays.copyOf(order, size);
        direction = Arrays.copyOf(direction, size);
        bond = Arrays.copyOf(bond, size);
    }

    /** Makes the ring bonds, by ring number, then in pairs; says what is wrong, or null. */
    @Nullable
    String close() {
        if (count == 0) {
            return null;
        }
        molecule.connect();
        long[] sorted = new long[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = (long) number[i] << 32 | i;
        }
        Arrays.sort(sorted);
        for (int i = 0; i < count; i += 2) {
            int opening = (int) sorted[i];
            if (i + 1 == count || number[(int) sorted[i + 1]] != number[opening]) {
                return "ring " + number[opening] + " is not closed";
            }
            String fault = closeRing(opening, (int) sorted[i + 1]);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private @Nullable String closeRing(int opening, int closing) {
        int first = at[opening];
        int second = at[closing];
        if (first == second || bonded(first, second)) {
            return "ring " + number[opening] + " repeats a bond";
        }
        // The symbol at the opening number decides, and then the bond starts there; otherwise it starts at the closing
        // atom.
        int chosen = order[opening] != Molecule.UNSPECIFIED ? opening : closing;
        int other = chosen == opening ? closing : opening;
        byte chosenDirection = direction[chosen];
        if (chosenDirection == 0 && direction[other] != 0) {
            chosenDirection = direction[other] == Molecule.UP ? Molecule.DOWN : Molecule.UP;
        }
        int made = molecule.addBond(at[chosen], at[other], order[chosen]);
        molecule.direction[made] = chosenDirection;
        bond[opening] = made;
        bond[closing] = made;
        return null;
    }

    private boolean bonded(int first, int second) {
        if (molecule.bondBetween(first, second) >= 0) {
            return true;
        }
        // Ring bonds made since connect().
        for (int made = molecule.bondCount - 1; made >= 0 && made * 2 >= molecule.neighbourBond.length; made--) {
            if ((molecule.begin[made] == first && molecule.end[made] == second)
                    || (molecule.begin[made] == second && molecule.end[made] == first)) {
                return true;
            }
        }
        return false;
    }

    /** From the order of neighbours in the text to RDKit's: the order of bond numbers. */
    void orientCentres(boolean[] startsFragment) {
        int[] listed = new int[16];
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (!molecule.isTetrahedral(atom)) {
                continue;
            }
            int degree = molecule.degree(atom);
            if (degree > listed.length) {
                listed = new int[degree];
            }
            int listedCount = 0;
            int closures = 0;
            // Chain neighbours come sorted by atom because chain bonds are numbered in that order; the one
            // before this atom in the text is the only one with a smaller number.
            int from = molecule.firstNeighbour[atom];
            int to = molecule.firstNeighbour[atom + 1];
            for (int i = from; i < to; i++) {
                if (molecule.neighbourAtom[i] < atom && !isRingClosure(atom, molecule.neighbourBond[i])) {
                    listed[listedCount++] = molecule.neighbourBond[i];
                }
            }
            for (int ring = 0; ring < count; ring++) {
                if (at[ring] == atom) {
                    listed[listedCount++] = bond[ring];
                    closures++;
                }
            }
            for (int i = from; i < to; i++) {
                if (molecule.neighbourAtom[i] > atom && !isRingClosure(atom, molecule.neighbourBond[i])) {
                    listed[listedCount++] = molecule.neighbourBond[i];
                }
            }
            boolean odd = molecule.isOddAgainstBondOrder(listed, listedCount);
            if (degree == 3 && isTagInverted(atom, closures, startsFragment[atom])) {
                odd = !odd;
            }
            if (odd) {
                molecule.invertChirality(atom);
            }
        }
    }

    private boolean isRingClosure(int atom, int candidate) {
        for (int ring = 0; ring < count; ring++) {
            if (bond[ring] == candidate && at[ring] == atom) {
                return true;
            }
        }
        return false;
    }

    /** Three neighbours in the text: where the fourth place is. */
    private boolean isTagInverted(int atom, int closures, boolean startsFragment) {
        boolean oneHydrogen = molecule.explicitHydrogens[atom] == 1;
        if (startsFragment && oneHydrogen) {
            return true;
        }
        if (oneHydrogen || closures != 1) {
            return false;
        }
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            byte type = molecule.order[molecule.neighbourBond[i]];
            if (type != Molecule.SINGLE && type != Molecule.DATIVE) {
                return false;
            }
        }
        return true;
    }
}
