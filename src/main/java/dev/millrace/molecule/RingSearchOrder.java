package dev.millrace.molecule;

import java.util.Arrays;

/** Where RDKit's ring search would have started in a ring system: kekulization starts there too. */
final class RingSearchOrder {
    private final Molecule molecule;
    private final Rings rings;

    RingSearchOrder(Molecule molecule, Rings rings) {
        this.molecule = molecule;
        this.rings = rings;
    }

    /**
     * Puts first the ring that RDKit's search finds first, from the atom where it starts: the smallest ring, of those the one
     * with the earliest atom that has just two ring bonds. Only where several Kekulé forms exist does this show.
     */
    void putFirst(int[] system, int[] bondMark, int mark) {
        int bestRing = -1;
        int bestStart = 0;
        for (int ring = 0; ring < rings.count(); ring++) {
            if (bondMark[rings.bonds(ring)[0]] != mark) {
                continue;
            }
            int start = Integer.MAX_VALUE;
            for (int atom : rings.atoms(ring)) {
                if (atom < start && ringDegree(atom) == 2) {
                    start = atom;
                }
            }
            boolean better = bestRing < 0
                    || rings.atoms(ring).length < rings.atoms(bestRing).length
                    || (rings.atoms(ring).length == rings.atoms(bestRing).length && start < bestStart);
            if (better) {
                bestRing = ring;
                bestStart = start;
            }
        }
        if (bestStart == Integer.MAX_VALUE) {
            return;
        }
        int[] ordered = aroundFrom(bestRing, bestStart);
        boolean[] placed = new boolean[molecule.atomCount];
        for (int atom : ordered) {
            placed[atom] = true;
        }
        int count = ordered.length;
        int[] result = Arrays.copyOf(ordered, system.length);
        for (int atom : system) {
            if (!placed[atom]) {
                result[count++] = atom;
            }
        }
        System.arraycopy(result, 0, system, 0, system.length);
    }

    private int ringDegree(int atom) {
        int degree = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            degree += rings.containsBond(molecule.neighbourBond[i]) ? 1 : 0;
        }
        return degree;
    }

    /** Breadth-first search meets itself on the later neighbour's side in even rings, on the earlier one's in odd rings. */
    private int[] aroundFrom(int ring, int start) {
        int[] atoms = rings.atoms(ring);
        int size = atoms.length;
        int at = 0;
        while (atoms[at] != start) {
            at++;
        }
        int after = molecule.bondBetween(start, atoms[(at + 1) % size]);
        int before = molecule.bondBetween(start, atoms[(at + size - 1) % size]);
        int step = (after > before) == (size % 2 == 0) ? 1 : size - 1;
        int[] ordered = new int[size];
        for (int i = 0; i < size; i++) {
            ordered[i] = atoms[(at + i * step) % size];
        }
        return ordered;
    }
}
