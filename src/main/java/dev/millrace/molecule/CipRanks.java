package dev.millrace.molecule;

import java.util.Arrays;

/**
 * RDKit's legacy priorities of atoms: not the CIP digraph, but rank refinement by neighbours (after Labute, "An efficient
 * algorithm for the determination of topological RS chirality", Journal of the CCG, 1996).
 *
 * <p>Higher rank, higher priority. Reproducing it exactly is what decides which marked centres are stereocentres.
 */
final class CipRanks {
    private final Molecule molecule;
    private final int[] rank;
    private final int[] byRank;
    private final int[] next;
    private final int[] entryStart;
    private final int[] entryLength;
    private final int[] entries;
    private int classes;

    CipRanks(Molecule molecule) {
        int count = molecule.atomCount;
        this.molecule = molecule;
        this.rank = new int[count];
        this.byRank = new int[count];
        this.next = new int[count];
        this.entryStart = new int[count];
        this.entryLength = new int[count];
        int total = 0;
        for (int atom = 0; atom < count; atom++) {
            entryStart[atom] = total;
            total += molecule.hydrogenCount(atom);
            for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
                total += weight(molecule.neighbourBond[i], molecule.neighbourAtom[i]);
            }
        }
        this.entries = new int[total];
        long[] seeds = new long[count];
        for (int atom = 0; atom < count; atom++) {
            seeds[atom] = invariant(atom);
        }
        refineFrom(seeds);
    }

    int of(int atom) {
        return rank[atom];
    }

    /** Atomic number, then mass, then atom map; never hydrogens or charge, which would outvote nearer neighbours. */
    private long invariant(int atom) {
        int mass = 512;
        int number = molecule.atomicNumber[atom];
        if (molecule.isotope[atom] != 0) {
            int difference = molecule.isotope[atom] - Elements.commonIsotope(number);
            mass += difference >= 0 ? difference + 1 : difference;
            mass = mass < 0 ? 0 : mass % 1024;
        }
        // An atom without a map number counts as map number -1 and one is added: 0 and the absent map differ.
        int map = molecule.mapNumber[atom] == 0 ? 0 : (molecule.mapNumber[atom] + 1) % 1024;
        return (long) number << 20 | (long) mass << 10 | map;
    }

    /** How often a neighbour appears: twice the bond order, except over a double bond to phosphorus with 3 or 4 bonds. */
    private int weight(int bond, int neighbour) {
        return switch (molecule.order[bond]) {
            case Molecule.SINGLE, Molecule.DATIVE -> 2;
            case Molecule.DOUBLE -> {
                int degree = molecule.degree(neighbour);
                yield molecule.atomicNumber[neighbour] == 15 && (degree == 3 || degree == 4) ? 1 : 4;
            }
            case Molecule.TRIPLE -> 6;
            case Molecule.QUADRUPLE -> 8;
            case Molecule.AROMATIC -> 3;
            default -> 0;
        };
    }

    /** Ranks again with the descriptors found so far: R above S above none, Z above E above none. */
    void refineWith(byte[] descriptors) {
        long factor = 100;
        while (factor < molecule.atomCount) {
            factor *= 10;
        }
        long[] seeds = new long[molecule.atomCount];
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            long seed = rank[atom] * factor + 10L * descriptors[atom];
            for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
                int bond = molecule.neighbourBond[i];
                if (molecule.order[bond] == Molecule.DOUBLE) {
                    seed += switch (molecule.stereo[bond]) {
                        case Molecule.STEREO_E -> 1;
                        case Molecule.STEREO_Z -> 2;
                        default -> 0;
                    };
                }
            }
            seeds[atom] = seed;
        }
        refineFrom(seeds);
    }

    private void refineFrom(long[] seeds) {
        int count = seeds.length;
        long[] keyed = seeds.clone();
        Arrays.sort(keyed);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || keyed[i] != keyed[i - 1]) {
                keyed[distinct++] = keyed[i];
            }
        }
        int[] classSize = new int[distinct + 1];
        for (int atom = 0; atom < count; atom++) {
            rank[atom] = Arrays.binarySearch(keyed, 0, distinct, seeds[atom]);
            classSize[rank[atom] + 1]++;
        }
        for (int i = 0; i < distinct; i++) {
            classSize[i + 1] += classSize[i];
        }
        for (int atom = 0; atom < count; atom++) {
            byRank[classSize[rank[atom]]++] = atom;
        }
        classes = distinct;
        // Information travels one bond per round, so half the atoms is enough for any two to feel each other.
        int rounds = count / 2 + 1;
        int before = -1;
        for (int round = 0; round < rounds && classes < count && before < classes; round++) {
            before = classes;
            round();
        }
    }

    /** Splits every class of equal rank by the neighbours' ranks of the round before. */
    private void round() {
        int count = rank.length;
        int start = 0;
        int nextRank = -1;
        while (start < count) {
            int end = start + 1;
            while (end < count && rank[byRank[end]] == rank[byRank[start]]) {
                end++;
            }
            if (end - start > 1) {
                for (int i = start; i < end; i++) {
                    collect(byRank[i]);
                }
                sort(start, end);
            }
            for (int i = start; i < end; i++) {
                if (i == start || compare(byRank[i - 1], byRank[i]) != 0) {
                    nextRank++;
                }
                next[byRank[i]] = nextRank;
            }
            start = end;
        }
        System.arraycopy(next, 0, rank, 0, count);
        classes = nextRank + 1;
    }

    /** Writes the atom's neighbours' ranks, highest first, then a zero per hydrogen. */
    private void collect(int atom) {
        int from = entryStart[atom];
        int length = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int neighbour = molecule.neighbourAtom[i];
            int weight = weight(molecule.neighbourBond[i], neighbour);
            int value = rank[neighbour] + 1;
            int at = from + length;
            while (at > from && entries[at - 1] < value) {
                at--;
            }
            System.arraycopy(entries, at, entries, at + weight, from + length - at);
            Arrays.fill(entries, at, at + weight, value);
            length += weight;
        }
        int hydrogens = molecule.hydrogenCount(atom);
        Arrays.fill(entries, from + length, from + length + hydrogens, 0);
        entryLength[atom] = length + hydrogens;
    }

    private int compare(int a, int b) {
        return Arrays.compare(
                entries,
                entryStart[a],
                entryStart[a] + entryLength[a],
                entries,
                entryStart[b],
                entryStart[b] + entryLength[b]);
    }

    private void sort(int start, int end) {
        if (end - start > 24) {
            Integer[] boxed = new Integer[end - start];
            for (int i = start; i < end; i++) {
                boxed[i - start] = byRank[i];
            }
            Arrays.sort(boxed, this::compare);
            for (int i = start; i < end; i++) {
                byRank[i] = boxed[i - start];
            }
            return;
        }
        for (int i = start + 1; i < end; i++) {
            int atom = byRank[i];
            int at = i;
            while (at > start && compare(byRank[at - 1], atom) > 0) {
                byRank[at] = byRank[at - 1];
                at--;
            }
            byRank[at] = atom;
        }
    }
}
