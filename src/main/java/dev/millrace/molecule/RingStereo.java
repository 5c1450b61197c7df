package dev.millrace.molecule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Ring atoms whose stereo is relative: equal branches, but another such atom in the same ring system to differ from. */
final class RingStereo {
    private final Molecule molecule;
    private final Rings rings;
    private final CipRanks ranks;
    private final byte[] descriptor;

    RingStereo(Molecule molecule, Rings rings, CipRanks ranks, byte[] descriptor) {
        this.molecule = molecule;
        this.rings = rings;
        this.ranks = ranks;
        this.descriptor = descriptor;
    }

    /** Three ring bonds, and each ring here shares at least two bonds with another ring here. */
    static boolean isBridgehead(Molecule molecule, Rings rings, int atom) {
        int ringBonds = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            ringBonds += rings.containsBond(molecule.neighbourBond[i]) ? 1 : 0;
        }
        if (ringBonds < 3) {
            return false;
        }
        int count = rings.count();
        boolean[] here = new boolean[count];
        boolean[] overlapping = new boolean[count];
        for (int ring = 0; ring < count; ring++) {
            for (int member : rings.atoms(ring)) {
                here[ring] |= member == atom;
            }
        }
        boolean[] inRing = new boolean[molecule.bondCount];
        for (int ring = 0; ring < count; ring++) {
            if (!here[ring]) {
                continue;
            }
            Arrays.fill(inRing, false);
            for (int bond : rings.bonds(ring)) {
                inRing[bond] = true;
            }
            for (int other = ring + 1; other < count; other++) {
                if (!here[other]) {
                    continue;
                }
                int shared = 0;
                for (int bond : rings.bonds(other)) {
                    shared += inRing[bond] ? 1 : 0;
                }
                if (shared >= 2) {
                    overlapping[ring] = true;
                    overlapping[other] = true;
                }
            }
            if (!overlapping[ring]) {
                return false;
            }
        }
        return true;
    }

    /** Centres without a descriptor that have at least one partner in their ring system, like cis-1,4-cyclohexanediol. */
    boolean[] relativeCentres() {
        int atomCount = molecule.atomCount;
        boolean[] result = new boolean[atomCount];
        boolean[] seen = new boolean[atomCount];
        boolean[] used = new boolean[atomCount];
        boolean[] bondSeen = new boolean[molecule.bondCount];
        int[] queue = new int[atomCount];
        for (int atom = 0; atom < atomCount; atom++) {
            if (seen[atom] || !isRingCandidate(atom)) {
                continue;
            }
            int tail = expand(atom, seen, null, used, bondSeen, queue, 0);
            boolean any = false;
            for (int head = 0; head < tail; head++) {
                int member = queue[head];
                seen[member] = true;
                if (isRingCandidate(member)) {
                    any = true;
                    result[member] = true;
                }
                tail = expand(member, seen, used, used, bondSeen, queue, tail);
            }
            result[atom] = any;
            seen[atom] = true;
        }
        return result;
    }

    private int expand(
            int atom,
            boolean[] seen,
            boolean @Nullable [] skip,
            boolean[] used,
            boolean[] bondSeen,
            int[] queue,
            int tail) {
        int end = tail;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            int other = molecule.neighbourAtom[i];
            if (bondSeen[bond]) {
                continue;
            }
            bondSeen[bond] = true;
            if (rings.containsBond(bond) && !seen[other] && (skip == null || !skip[other])) {
                if (end < queue.length) {
                    queue[end++] = other;
                }
                used[other] = true;
            }
        }
        return end;
    }

    private boolean isRingCandidate(int atom) {
        if (!molecule.isTetrahedral(atom) || descriptor[atom] != 0 || !rings.containsAtom(atom)) {
            return false;
        }
        int degree = molecule.degree(atom);
        if (molecule.atomicNumber[atom] == 7
                && degree == 3
                && !rings.isInRingOfSize(atom, 3)
                && !isBridgehead(molecule, rings, atom)) {
            return false;
        }
        int[] ringRanks = new int[degree];
        int[] outerRanks = new int[degree];
        int inRing = 0;
        int outer = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int rank = ranks.of(molecule.neighbourAtom[i]);
            if (rings.containsBond(molecule.neighbourBond[i])) {
                ringRanks[inRing++] = rank;
            } else {
                outerRanks[outer++] = rank;
            }
        }
        Arrays.sort(ringRanks, 0, inRing);
        int distinct = 0;
        for (int i = 0; i < inRing; i++) {
            distinct += i == 0 || ringRanks[i] != ringRanks[i - 1] ? 1 : 0;
        }
        return switch (outer) {
            case 2 -> outerRanks[0] != outerRanks[1];
            case 1 -> inRing >= 2;
            case 0 -> (inRing == 4 && distinct == 3) || (inRing == 3 && distinct == 2);
            default -> false;
        };
    }
}
