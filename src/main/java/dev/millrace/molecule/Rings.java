package dev.millrace.molecule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rings of a molecule: its relevant cycles, the union of all smallest sets of smallest rings, shortest first. Immutable.
 *
 * <p>RDKit uses one smallest set plus the equivalent rings it meets; on real molecules both are the same set.
 */
final class Rings {
    /* Ring systems are the biconnected components (Hopcroft and Tarjan 1973, iterative). A component with as many bonds as
     * atoms is its only ring. For the others: candidate cycles from every root as in Vismara, Electronic J. Combinatorics 4
     * (1997) R9, then Gaussian elimination over GF(2): a cycle is relevant when no strictly shorter ones sum up to it. */

    /** Largest ring system, in bonds; candidates cost memory of the order of its square. */
    static final int MAX_SYSTEM_BONDS = 600;

    private static final int[][] NONE = {};
    private static final Rings EMPTY = new Rings(new boolean[0], new boolean[0], NONE, NONE, new int[0]);

    private final boolean[] atomInRing;
    private final boolean[] bondInRing;
    private final int[][] atoms;
    private final int[][] bonds;
    private final int[] smallest;

    private Rings(boolean[] atomInRing, boolean[] bondInRing, int[][] atoms, int[][] bonds, int[] smallest) {
        this.atomInRing = atomInRing;
        this.bondInRing = bondInRing;
        this.atoms = atoms;
        this.bonds = bonds;
        this.smallest = smallest;
    }

    static Rings of(Molecule molecule) throws MoleculeFormatException {
        if (molecule.bondCount < 3) {
            return EMPTY;
        }
        return new Finder(molecule).find();
    }

    int count() {
        return atoms.length;
    }

    /** Atoms of a ring, in the order around it. */
    int[] atoms(int ring) {
        return atoms[ring];
    }

    /** Bonds of a ring; the i-th joins atoms i and i + 1. */
    int[] bonds(int ring) {
        return bonds[ring];
    }

    boolean containsAtom(int atom) {
        return atom < atomInRing.length && atomInRing[atom];
    }

    boolean containsBond(int bond) {
        return bond < bondInRing.length && bondInRing[bond];
    }

    /** Size of the smallest ring with this bond; 0 when in none. */
    int smallestWithBond(int bond) {
        return bond < smallest.length ? smallest[bond] : 0;
    }

    boolean isInRingOfSize(int atom, int size) {
        for (int[] ring : atoms) {
            if (ring.length == size) {
                for (int member : ring) {
                    if (member == atom) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** One search; not reused. */
    private static final class Finder {
        private final Molecule molecule;
        private final boolean[] atomInRing;
        private final boolean[] bondInRing;
        private final List<int[]> ringAtoms = new ArrayList<>();
        private final List<int[]> ringBonds = new ArrayList<>();
        private final int[] localAtom;

        Finder(Molecule molecule) {
            this.molecule = molecule;
            this.atomInRing = new boolean[molecule.atomCount];
            this.bondInRing = new boolean[molecule.bondCount];
            this.localAtom = new int[molecule.atomCount];
        }

        Rings find() throws MoleculeFormatException {
            if (!ringSystems()) {
                return EMPTY;
            }
            int[][] atoms = ringAtoms.toArray(NONE);
            int[][] bonds = ringBonds.toArray(NONE);
            int[] smallest = new int[molecule.bondCount];
            for (int[] ring : bonds) {
                for (int bond : ring) {
                    if (smallest[bond] == 0 || ring.length < smallest[bond]) {
                        smallest[bond] = ring.length;
                    }
                }
            }
            return new Rings(atomInRing, bondInRing, atoms, bonds, smallest);
        }

        /** Depth-first search for the biconnected components with a cycle. */
        private boolean ringSystems() throws MoleculeFormatException {
            int atomCount = molecule.atomCount;
            int[] depth = new int[atomCount];
            int[] low = new int[atomCount];
            int[] next = Arrays.copyOf(molecule.firstNeighbour, atomCount);
            int[] path = new int[atomCount];
            int[] entered = new int[atomCount];
            int[] bondStack = new int[molecule.bondCount];
            int bondTop = 0;
            boolean any = false;
            int clock = 0;
            for (int root = 0; root < atomCount; root++) {
                if (depth[root] != 0) {
                    continue;
                }
                int top = 0;
                path[0] = root;
                entered[root] = -1;
                depth[root] = low[root] = ++clock;
                while (top >= 0) {
                    int atom = path[top];
                    if (next[atom] < molecule.firstNeighbour[atom + 1]) {
                        int i = next[atom]++;
                        int bond = molecule.neighbourBond[i];
                        int other = molecule.neighbourAtom[i];
                        if (bond == entered[atom]) {
                            continue;
                        }
                        if (depth[other] == 0) {
                            bondStack[bondTop++] = bond;
                            depth[other] = low[other] = ++clock;
                            entered[other] = bond;
                            path[++top] = other;
                        } else if (depth[other] < depth[atom]) {
                            bondStack[bondTop++] = bond;
                            low[atom] = Math.min(low[atom], depth[other]);
                        }
                    } else if (--top >= 0) {
                        int parent = path[top];
                        low[parent] = Math.min(low[parent], low[atom]);
                        if (low[atom] >= depth[parent]) {
                            int start = bondTop;
                            do {
                                start--;
                            } while (bondStack[start] != entered[atom]);
                            if (bondTop - start > 1) {
                                any = true;
                                system(Arrays.copyOfRange(bondStack, start, bondTop));
                            }
                            bondTop = start;
                        }
                    }
                }
            }
            return any;
        }

        private void system(int[] bonds) throws MoleculeFormatException {
            Arrays.sort(bonds);
            int[] members = new int[bonds.length];
            int size = 0;
            Arrays.fill(localAtom, -1);
            for (int bond : bonds) {
                bondInRing[bond] = true;
                int from = molecule.begin[bond];
                int to = molecule.end[bond];
                atomInRing[from] = true;
                atomInRing[to] = true;
                if (localAtom[from] < 0) {
                    localAtom[from] = size;
                    members[size++] = from;
                }
                if (localAtom[to] < 0) {
                    localAtom[to] = size;
                    members[size++] = to;
                }
            }
            if (size == bonds.length) {
                boolean[] member = new boolean[molecule.bondCount];
                for (int bond : bonds) {
                    member[bond] = true;
                }
                walk(molecule.begin[bonds[0]], bonds[0], bonds.length, member);
                return;
            }
            if (bonds.length > MAX_SYSTEM_BONDS) {
                throw new MoleculeFormatException("Ring system is too large: expected at most " + MAX_SYSTEM_BONDS
                        + " bonds in one fused system, found " + bonds.length);
            }
            fused(bonds, Arrays.copyOf(members, size));
        }

        /** Follows the member bonds around one ring and records it. */
        private void walk(int start, int firstBond, int size, boolean[] member) {
            int[] atoms = new int[size];
            int[] bonds = new int[size];
            int atom = start;
            int bond = firstBond;
            for (int i = 0; i < size; i++) {
                atoms[i] = atom;
                bonds[i] = bond;
                atom = molecule.otherAtom(bond, atom);
                for (int k = molecule.firstNeighbour[atom]; k < molecule.firstNeighbour[atom + 1]; k++) {
                    int candidate = molecule.neighbourBond[k];
                    if (candidate != bond && member[candidate]) {
                        bond = candidate;
                        break;
                    }
                }
            }
            ringAtoms.add(atoms);
            ringBonds.add(bonds);
        }

        private void fused(int[] bonds, int[] members) {
            int size = members.length;
            int[] first = new int[size + 1];
            int[] from = new int[bonds.length];
            int[] to = new int[bonds.length];
            for (int i = 0; i < bonds.length; i++) {
                from[i] = localAtom[molecule.begin[bonds[i]]];
                to[i] = localAtom[molecule.end[bonds[i]]];
                first[from[i] + 1]++;
                first[to[i] + 1]++;
            }
            for (int i = 0; i < size; i++) {
                first[i + 1] += first[i];
            }
            int[] next = Arrays.copyOf(first, size);
            int[] neighbour = new int[2 * bonds.length];
            int[] edge = new int[2 * bonds.length];
            for (int i = 0; i < bonds.length; i++) {
                neighbour[next[from[i]]] = to[i];
                edge[next[from[i]]++] = i;
                neighbour[next[to[i]]] = from[i];
                edge[next[to[i]]++] = i;
            }
            CycleSpace space = new CycleSpace(bonds.length, bonds.length - size + 1);
            collectCandidates(space, first, neighbour, edge, size, bonds.length);
            boolean[] member = new boolean[molecule.bondCount];
            for (long[] cycle : space.relevant()) {
                int length = 0;
                int start = -1;
                for (int i = 0; i < bonds.length; i++) {
                    if ((cycle[i >> 6] >>> i & 1) != 0) {
                        member[bonds[i]] = true;
                        start = start < 0 ? bonds[i] : start;
                        length++;
                    }
                }
                walk(molecule.begin[start], start, length, member);
                for (int bond : bonds) {
                    member[bond] = false;
                }
            }
        }

        /** Shortest cycles through every root, among the atoms numbered up to it. */
        private static void collectCandidates(
                CycleSpace space, int[] first, int[] neighbour, int[] edge, int size, int edgeCount) {
            int edgeWords = (edgeCount + 63) >> 6;
            int atomWords = (size + 63) >> 6;
            long[] edgesTo = new long[size * edgeWords];
            long[] atomsTo = new long[size * atomWords];
            int[] distance = new int[size];
            int[] queue = new int[size];
            for (int root = 2; root < size; root++) {
                Arrays.fill(distance, 0, root + 1, -1);
                distance[root] = 0;
                queue[0] = root;
                Arrays.fill(edgesTo, root * edgeWords, (root + 1) * edgeWords, 0);
                Arrays.fill(atomsTo, root * atomWords, (root + 1) * atomWords, 0);
                int tail = 1;
                for (int head = 0; head < tail; head++) {
                    int atom = queue[head];
                    for (int k = first[atom]; k < first[atom + 1]; k++) {
                        int other = neighbour[k];
                        if (other > root) {
                            continue;
                        }
                        if (distance[other] < 0) {
                            distance[other] = distance[atom] + 1;
                            queue[tail++] = other;
                            System.arraycopy(edgesTo, atom * edgeWords, edgesTo, other * edgeWords, edgeWords);
                            edgesTo[other * edgeWords + (edge[k] >> 6)] |= 1L << edge[k];
                            System.arraycopy(atomsTo, atom * atomWords, atomsTo, other * atomWords, atomWords);
                            atomsTo[other * atomWords + (other >> 6)] |= 1L << other;
                        }
                    }
                }
                for (int head = 1; head < tail; head++) {
                    int atom = queue[head];
                    for (int k = first[atom]; k < first[atom + 1]; k++) {
                        int other = neighbour[k];
                        if (other > root) {
                            continue;
                        }
                        if (distance[other] == distance[atom] && other < atom) {
                            if (disjoint(atomsTo, atom, other, atomWords)) {
                                space.offer(edgesTo, atom, other, edge[k], -1, 2 * distance[atom] + 1);
                            }
                        } else if (distance[other] == distance[atom] - 1) {
                            for (int j = first[atom]; j < k; j++) {
                                int twin = neighbour[j];
                                if (twin <= root
                                        && distance[twin] == distance[other]
                                        && disjoint(atomsTo, other, twin, atomWords)) {
                                    space.offer(edgesTo, other, twin, edge[k], edge[j], 2 * distance[atom]);
                                }
                            }
                        }
                    }
                }
            }
        }

        private static boolean disjoint(long[] sets, int a, int b, int words) {
            for (int w = 0; w < words; w++) {
                if ((sets[a * words + w] & sets[b * words + w]) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
