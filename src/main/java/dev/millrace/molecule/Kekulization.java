package dev.millrace.molecule;

import java.util.Arrays;

/**
 * Writes aromatic input as alternating single and double bonds, by RDKit's search: the same start atoms, the same order of
 * neighbours and at most {@value #MAX_BACKTRACKS} steps back, so that where several forms exist ours is RDKit's.
 */
final class Kekulization {
    private static final int MAX_BACKTRACKS = 100;
    /** Dummies may or may not take a double bond; every choice is tried, so their number is bounded. */
    private static final int MAX_DUMMIES = 10;

    private final Molecule molecule;
    private final Rings rings;
    private final boolean[] inSystem;
    private boolean[] candidate;
    private final boolean[] added;

    private int[] done = {};
    private int doneCount;

    private Kekulization(Molecule molecule, Rings rings) {
        this.molecule = molecule;
        this.rings = rings;
        this.inSystem = new boolean[molecule.atomCount];
        this.candidate = new boolean[molecule.atomCount];
        this.added = new boolean[molecule.bondCount];
    }

    /** Kekulizes in place and clears every aromatic mark; does nothing when there is none. */
    static void apply(Molecule molecule, Rings rings) throws MoleculeFormatException {
        boolean any = false;
        for (int bond = 0; bond < molecule.bondCount && !any; bond++) {
            any = molecule.bondAromatic[bond];
        }
        if (any) {
            new Kekulization(molecule, rings).run();
        }
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (molecule.aromatic[atom] && !rings.containsAtom(atom)) {
                throw new MoleculeFormatException("Atom " + (atom + 1) + " is marked aromatic but is in no ring");
            }
        }
        Arrays.fill(molecule.aromatic, 0, molecule.atomCount, false);
        Arrays.fill(molecule.bondAromatic, 0, molecule.bondCount, false);
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            if (molecule.order[bond] == Molecule.AROMATIC) {
                throw new MoleculeFormatException("Aromatic bond between atoms " + (molecule.begin[bond] + 1) + " and "
                        + (molecule.end[bond] + 1) + " is in no ring that can be written with double bonds");
            }
        }
    }

    private void run() throws MoleculeFormatException {
        int ringCount = rings.count();
        boolean[] taken = new boolean[ringCount];
        int[] bondMark = new int[molecule.bondCount];
        int[] stack = new int[ringCount];
        int[] atoms = new int[molecule.atomCount];
        for (int seed = 0; seed < ringCount; seed++) {
            if (taken[seed]) {
                continue;
            }
            int atomCount = 0;
            int top = 0;
            stack[top++] = seed;
            taken[seed] = true;
            Arrays.fill(inSystem, false);
            while (top > 0) {
                int ring = stack[--top];
                for (int atom : rings.atoms(ring)) {
                    if (!inSystem[atom]) {
                        inSystem[atom] = true;
                        atoms[atomCount++] = atom;
                    }
                }
                for (int bond : rings.bonds(ring)) {
                    bondMark[bond] = seed + 1;
                }
                for (int other = 0; other < ringCount; other++) {
                    if (!taken[other] && shares(other, bondMark, seed + 1)) {
                        taken[other] = true;
                        stack[top++] = other;
                    }
                }
            }
            int[] system = Arrays.copyOf(atoms, atomCount);
            new RingSearchOrder(molecule, rings).putFirst(system, bondMark, seed + 1);
            system(system);
        }
    }

    private boolean shares(int ring, int[] bondMark, int mark) {
        for (int bond : rings.bonds(ring)) {
            if (bondMark[bond] == mark) {
                return true;
            }
        }
        return false;
    }

    private void system(int[] atoms) throws MoleculeFormatException {
        boolean any = false;
        for (int atom : atoms) {
            any |= molecule.aromatic[atom] || molecule.atomicNumber[atom] == 0;
        }
        if (!any) {
            return;
        }
        Arrays.fill(candidate, false);
        doneCount = 0;
        if (done.length < atoms.length) {
            done = new int[atoms.length * 2];
        }
        int[] dummies = new int[atoms.length];
        int dummyCount = 0;
        for (int atom : atoms) {
            if (molecule.atomicNumber[atom] == 0) {
                candidate[atom] = true;
                dummies[dummyCount++] = atom;
            } else if (molecule.aromatic[atom]) {
                candidate[atom] = canTakeDoubleBond(atom);
            } else {
                requireNoAromaticBond(atom);
                done[doneCount++] = atom;
            }
        }
        for (int atom : atoms) {
            for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
                int bond = molecule.neighbourBond[i];
                // Also the bond to another ring, as between the rings of c1ccccc1c1ccccc1.
                if (molecule.bondAromatic[bond]) {
                    molecule.order[bond] = Molecule.SINGLE;
                }
            }
        }
        int[] settled = Arrays.copyOf(done, doneCount);
        boolean[] wanted = candidate.clone();
        if (search(atoms)) {
            return;
        }
        if (dummyCount > 0 && dummyCount <= MAX_DUMMIES) {
            for (int choice = 1; choice < 1 << dummyCount; choice++) {
                candidate = wanted.clone();
                for (int i = 0; i < dummyCount; i++) {
                    if ((choice >> i & 1) != 0) {
                        candidate[dummies[i]] = false;
                    }
                }
                System.arraycopy(settled, 0, done, 0, settled.length);
                doneCount = settled.length;
                if (search(atoms)) {
                    return;
                }
            }
        }
        throw new MoleculeFormatException("Aromatic system cannot be kekulized: no alternation of double bonds over "
                + describe(atoms) + "; a hydrogen ([nH]) or charge may be missing");
    }

    private static String describe(int[] atoms) {
        StringBuilder text = new StringBuilder("atoms");
        for (int i = 0; i < Math.min(atoms.length, 12); i++) {
            text.append(' ').append(atoms[i] + 1);
        }
        return atoms.length > 12 ? text.append(" ...").toString() : text.toString();
    }

    private void requireNoAromaticBond(int atom) throws MoleculeFormatException {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            if (molecule.bondAromatic[molecule.neighbourBond[i]]) {
                throw new MoleculeFormatException("Aromatic bond at atom " + (atom + 1) + ", which is not aromatic");
            }
        }
    }

    /** Whether one more bond brings the atom to its valence. Runs before aromatic bonds are made single. */
    private boolean canTakeDoubleBond(int atom) {
        int sum = molecule.hydrogenCount(atom);
        int ignored = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            if (molecule.bondAromatic[bond]) {
                sum++;
            } else {
                int contribution = molecule.twiceValence(bond, atom) / 2;
                sum += contribution;
                ignored += contribution == 0 ? 1 : 0;
            }
        }
        int number = molecule.atomicNumber[atom];
        int charge = molecule.charge[atom];
        if (Elements.isEarly(number)) {
            charge = -charge;
        } else if (number == 6) {
            charge = -Math.abs(charge);
        }
        int[] valences = Elements.valences(number);
        int target = valences[0] + charge;
        int total = molecule.explicitValence[atom] + molecule.implicitHydrogens[atom];
        for (int i = 1; i < valences.length && total > target && valences[i] > 0; i++) {
            target = valences[i] + charge;
        }
        int unpaired = molecule.radicals[atom];
        int degree = molecule.degree(atom) + molecule.hydrogenCount(atom) - ignored;
        if (degree + unpaired >= target) {
            return false;
        }
        return target == sum + 1 + unpaired || (unpaired == 0 && molecule.noImplicit[atom] && target == sum + 2);
    }

    private boolean search(int[] atoms) {
        int[][] options = new int[molecule.atomCount][];
        int[] queue = new int[4 * atoms.length + 4];
        int head = queue.length / 2;
        int tail = head;
        int[] moves = new int[atoms.length + 1];
        int moveCount = 0;
        int backtracks = 0;
        boolean[] isDone = new boolean[molecule.atomCount];
        boolean[] queued = new boolean[molecule.atomCount];
        for (int i = 0; i < doneCount; i++) {
            isDone[done[i]] = true;
        }
        while (doneCount < atoms.length || head < tail) {
            int current;
            if (head < tail) {
                current = queue[head++];
                queued[current] = false;
            } else {
                current = firstUndone(atoms, isDone);
            }
            if (doneCount == done.length) {
                done = Arrays.copyOf(done, doneCount * 2);
            }
            done[doneCount++] = current;
            isDone[current] = true;
            int[] choices = options[current];
            boolean retried = choices != null;
            boolean wants = candidate[current];
            if (choices == null) {
                choices = new int[molecule.degree(current)];
                int count = 0;
                for (int i = molecule.firstNeighbour[current]; i < molecule.firstNeighbour[current + 1]; i++) {
                    int other = molecule.neighbourAtom[i];
                    if (isDone[other] || !inSystem[other]) {
                        continue;
                    }
                    if (!queued[other]) {
                        if (tail == queue.length) {
                            queue = recentre(queue, head, tail);
                            int size = tail - head;
                            head = queue.length / 2 - size / 2;
                            tail = head + size;
                        }
                        queue[tail++] = other;
                        queued[other] = true;
                    }
                    if (wants && candidate[other] && isAlternating(molecule.neighbourBond[i])) {
                        choices[count++] = other;
                    }
                }
                choices = Arrays.copyOf(choices, count);
            }
            if (!wants) {
                continue;
            }
            if (choices.length > 0) {
                int partner = choices[0];
                int bond = molecule.bondBetween(current, partner);
                molecule.order[bond] = Molecule.DOUBLE;
                candidate[current] = false;
                candidate[partner] = false;
                added[bond] = true;
                int[] left = Arrays.copyOfRange(choices, 1, choices.length);
                if (retried) {
                    options[current] = left.length == 0 ? null : left;
                    moveCount -= left.length == 0 ? 1 : 0;
                } else if (left.length > 0) {
                    moves[moveCount++] = current;
                    options[current] = left;
                }
            } else if (moveCount > 0 && backtracks++ < MAX_BACKTRACKS) {
                // Everything after the last choice is undone and put back at the front of the queue.
                int last = moves[moveCount - 1];
                int at = doneCount - 1;
                while (done[at] != last) {
                    at--;
                }
                int returned = doneCount - at;
                if (head < returned) {
                    queue = recentre(queue, head, tail, returned);
                    int size = tail - head;
                    head = queue.length / 2 - size / 2;
                    tail = head + size;
                }
                for (int i = doneCount - 1; i >= at; i--) {
                    queue[--head] = done[i];
                    queued[done[i]] = true;
                    isDone[done[i]] = false;
                }
                doneCount = at;
                undo(isDone);
            } else {
                undo(new boolean[molecule.atomCount]);
                return false;
            }
        }
        return true;
    }

    private static int[] recentre(int[] queue, int head, int tail) {
        return recentre(queue, head, tail, 0);
    }

    private static int[] recentre(int[] queue, int head, int tail, int room) {
        int size = tail - head;
        int[] larger = new int[2 * (queue.length + room)];
        System.arraycopy(queue, head, larger, larger.length / 2 - size / 2, size);
        return larger;
    }

    private boolean isAlternating(int bond) {
        return molecule.bondAromatic[bond]
                || molecule.atomicNumber[molecule.begin[bond]] == 0
                || molecule.atomicNumber[molecule.end[bond]] == 0;
    }

    private static int firstUndone(int[] atoms, boolean[] isDone) {
        for (int atom : atoms) {
            if (!isDone[atom]) {
                return atom;
            }
        }
        throw new IllegalStateException("no atom left to kekulize");
    }

    /** Takes back the double bonds between two atoms that are not settled. */
    private void undo(boolean[] settled) {
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            if (added[bond]
                    && inSystem[molecule.begin[bond]]
                    && !settled[molecule.begin[bond]]
                    && !settled[molecule.end[bond]]) {
                added[bond] = false;
                molecule.order[bond] = Molecule.SINGLE;
                candidate[molecule.begin[bond]] = true;
                candidate[molecule.end[bond]] = true;
            }
        }
    }
}
