package dev.millrace.molecule;

import java.util.Arrays;

/**
 * RDKit's aromaticity model on a kekulized molecule.
 *
 * <p>Rings of atoms that can each give a known number of π electrons; Hückel's 4n + 2 on single rings and on unions of up to
 * {@value #MAX_FUSED} rings fused by exactly one bond each; in a union only bonds that occur once become aromatic.
 */
final class Aromaticity {
    private static final int MAX_FUSED = 6;
    /** A little more than the outer ring of a porphyrin. */
    private static final int MAX_FUSED_RING_SIZE = 24;
    /** Systems with more rings are looked at in pairs only. */
    private static final int MANY_RINGS = 300;

    /** Unions looked at per ring system; only giant polycycles come near, and they are refused rather than run for ever. */
    private static final int MAX_UNIONS = 2_000_000;

    private enum Donor {
        UNKNOWN(0, 0),
        NONE(0, 0),
        VACANT(0, 0),
        ONE(1, 1),
        TWO(2, 2),
        ANY(0, 2);

        final int least;
        final int most;

        Donor(int least, int most) {
            this.least = least;
            this.most = most;
        }
    }

    private final Molecule molecule;
    private final Rings rings;
    private final Donor[] donors;
    private final boolean[] candidate;

    private int[] candidateRings = {};
    private int[][] fusedWith = {};

    private final int[] atomUse;
    private final int[] bondUse;
    private boolean[] bondDone = {};
    private int systemBonds;
    private int doneBonds;
    private int unions;

    private Aromaticity(Molecule molecule, Rings rings) {
        this.molecule = molecule;
        this.rings = rings;
        this.donors = new Donor[molecule.atomCount];
        Arrays.fill(donors, Donor.UNKNOWN);
        this.candidate = new boolean[molecule.atomCount];
        this.atomUse = new int[molecule.atomCount];
        this.bondUse = new int[molecule.bondCount];
    }

    static void assign(Molecule molecule, Rings rings) throws MoleculeFormatException {
        if (rings.count() > 0) {
            new Aromaticity(molecule, rings).run();
        }
    }

    private void run() throws MoleculeFormatException {
        findCandidateRings();
        if (candidateRings.length == 0) {
            return;
        }
        linkFusedRings();
        int count = candidateRings.length;
        boolean[] taken = new boolean[count];
        int[] system = new int[count];
        bondDone = new boolean[molecule.bondCount];
        boolean[] found = new boolean[count];
        for (int seed = 0; seed < count; seed++) {
            if (taken[seed]) {
                continue;
            }
            int size = 0;
            system[size++] = seed;
            taken[seed] = true;
            for (int i = 0; i < size; i++) {
                for (int other : fusedWith[system[i]]) {
                    if (!taken[other]) {
                        taken[other] = true;
                        system[size++] = other;
                    }
                }
            }
            applyHuckel(Arrays.copyOf(system, size), found);
        }
    }

    private void findCandidateRings() {
        int[] accepted = new int[rings.count()];
        int count = 0;
        for (int ring = 0; ring < rings.count(); ring++) {
            boolean all = true;
            boolean onlyDummies = true;
            for (int atom : rings.atoms(ring)) {
                onlyDummies &= molecule.atomicNumber[atom] == 0;
                if (donors[atom] == Donor.UNKNOWN) {
                    donors[atom] = donor(atom);
                    candidate[atom] = isCandidate(atom);
                }
                all &= candidate[atom];
            }
            if (all && !onlyDummies) {
                accepted[count++] = ring;
            }
        }
        candidateRings = Arrays.copyOf(accepted, count);
    }

    private Donor donor(int atom) {
        if (molecule.atomicNumber[atom] == 0) {
            return hasRingMultipleBond(atom) ? Donor.ONE : Donor.ANY;
        }
        int electrons = PiElectrons.available(molecule, atom);
        if (electrons < 0) {
            return Donor.NONE;
        }
        int partner = exocyclicPartner(atom);
        boolean stolen = partner >= 0
                && Elements.isMoreElectronegative(molecule.atomicNumber[partner], molecule.atomicNumber[atom]);
        if (electrons == 0) {
            if (partner >= 0) {
                return Donor.VACANT;
            }
            return hasRingMultipleBond(atom) ? Donor.ONE : Donor.NONE;
        }
        if (electrons == 1) {
            if (partner >= 0) {
                return stolen ? Donor.VACANT : Donor.ONE;
            }
            if (hasMultipleBond(atom)) {
                return Donor.ONE;
            }
            // Tropylium and cyclopropenyl cations.
            return molecule.charge[atom] == 1 ? Donor.VACANT : Donor.NONE;
        }
        int left = stolen ? electrons - 1 : electrons;
        return (left & 1) == 1 ? Donor.ONE : Donor.TWO;
    }

    /** The atom at the far end of a multiple bond outside all rings, or -1. */
    private int exocyclicPartner(int atom) {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            if (!rings.containsBond(bond) && molecule.twiceValence(bond, atom) >= 4) {
                return molecule.neighbourAtom[i];
            }
        }
        return -1;
    }

    private boolean hasRingMultipleBond(int atom) {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            if (rings.containsBond(bond) && molecule.twiceValence(bond, atom) >= 4) {
                return true;
            }
        }
        return false;
    }

    private boolean hasMultipleBond(int atom) {
        int degree = molecule.degree(atom) + molecule.explicitHydrogens[atom];
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            if (molecule.order[molecule.neighbourBond[i]] == Molecule.ZERO) {
                degree--;
            }
        }
        return molecule.explicitValence[atom] != degree;
    }

    private boolean isCandidate(int atom) {
        int number = molecule.atomicNumber[atom];
        if ((number > 18 && number != 34 && number != 52) || donors[atom] == Donor.NONE) {
            return false;
        }
        int valence = molecule.explicitValence[atom] + molecule.implicitHydrogens[atom];
        if (Elements.defaultValence(number) > 0) {
            int isoelectronic = Math.min(Math.max(number - molecule.charge[atom], 0), Elements.COUNT);
            if (valence > Elements.defaultValence(isoelectronic)) {
                return false;
            }
        }
        if (molecule.radicals[atom] > 0 && (number != 6 || molecule.charge[atom] != 0)) {
            return false;
        }
        if (molecule.explicitValence[atom] - molecule.degree(atom) > 1) {
            int multiple = 0;
            for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
                byte order = molecule.order[molecule.neighbourBond[i]];
                multiple += order == Molecule.DOUBLE || order == Molecule.TRIPLE ? 1 : 0;
            }
            return multiple <= 1;
        }
        return true;
    }

    /** Rings are fused when they share exactly one bond and neither is a macrocycle. */
    private void linkFusedRings() {
        int count = candidateRings.length;
        fusedWith = new int[count][];
        int[] partners = new int[count];
        int[] shared = new int[count];
        int[][] ringsOfBond = new int[molecule.bondCount][];
        for (int i = 0; i < count; i++) {
            if (rings.bonds(candidateRings[i]).length > MAX_FUSED_RING_SIZE) {
                continue;
            }
            for (int bond : rings.bonds(candidateRings[i])) {
                int[] list = ringsOfBond[bond];
                ringsOfBond[bond] = list == null ? new int[] {i} : append(list, i);
            }
        }
        for (int i = 0; i < count; i++) {
            Arrays.fill(shared, 0);
            int partnerCount = 0;
            for (int bond : rings.bonds(candidateRings[i])) {
                int[] list = ringsOfBond[bond];
                if (list == null) {
                    continue;
                }
                for (int other : list) {
                    shared[other]++;
                }
            }
            for (int other = 0; other < count; other++) {
                if (other != i && shared[other] == 1) {
                    partners[partnerCount++] = other;
                }
            }
            boolean macrocycle = rings.bonds(candidateRings[i]).length > MAX_FUSED_RING_SIZE;
            fusedWith[i] = macrocycle ? new int[0] : Arrays.copyOf(partners, partnerCount);
        }
    }

    private static int[] append(int[] list, int value) {
        int[] longer = Arrays.copyOf(list, list.length + 1);
        longer[list.length] = value;
        return longer;
    }

    private void applyHuckel(int[] system, boolean[] chosen) throws MoleculeFormatException {
        doneBonds = 0;
        systemBonds = 0;
        for (int ring : system) {
            for (int bond : rings.bonds(candidateRings[ring])) {
                if (bondUse[bond]++ == 0) {
                    systemBonds++;
                }
            }
        }
        for (int ring : system) {
            for (int bond : rings.bonds(candidateRings[ring])) {
                bondUse[bond] = 0;
            }
        }
        int largest = Math.min(system.length, system.length > MANY_RINGS ? 2 : MAX_FUSED);
        boolean[] closed = new boolean[candidateRings.length];
        unions = 0;
        for (int size = 1; size <= largest && doneBonds < systemBonds; size++) {
            Arrays.fill(closed, false);
            int[] members = new int[size];
            for (int ring : system) {
                members[0] = ring;
                use(ring, 1);
                chosen[ring] = true;
                closed[ring] = true;
                extend(members, 1, size, closed, chosen);
                chosen[ring] = false;
                use(ring, -1);
            }
        }
    }

    /**
     * Visits every connected union of {@code size} rings once: rings earlier in the order of seeds are closed, and a ring
     * passed over at one level is closed below it. Depth is at most {@value #MAX_FUSED}.
     */
    private void extend(int[] members, int count, int size, boolean[] closed, boolean[] chosen)
            throws MoleculeFormatException {
        if (count == size) {
            if (++unions > MAX_UNIONS) {
                throw new MoleculeFormatException(
                        "Ring system is too large: more than " + MAX_UNIONS + " unions of fused rings to test");
            }
            if (isAromatic(members, count)) {
                mark(members, count);
            }
            return;
        }
        int[] passed = new int[8];
        int passedCount = 0;
        for (int m = 0; m < count; m++) {
            for (int ring : fusedWith[members[m]]) {
                if (closed[ring]) {
                    continue;
                }
                closed[ring] = true;
                if (passedCount == passed.length) {
                    passed = Arrays.copyOf(passed, passedCount * 2);
                }
                passed[passedCount++] = ring;
                members[count] = ring;
                use(ring, 1);
                chosen[ring] = true;
                extend(members, count + 1, size, closed, chosen);
                chosen[ring] = false;
                use(ring, -1);
            }
        }
        for (int i = 0; i < passedCount; i++) {
            closed[passed[i]] = false;
        }
    }

    private void use(int ring, int change) {
        for (int atom : rings.atoms(candidateRings[ring])) {
            atomUse[atom] += change;
        }
        for (int bond : rings.bonds(candidateRings[ring])) {
            bondUse[bond] += change;
        }
    }

    private boolean isAromatic(int[] members, int count) {
        int least = 0;
        int most = 0;
        for (int m = 0; m < count; m++) {
            for (int atom : rings.atoms(candidateRings[members[m]])) {
                // Atoms shared by three rings lie inside the union and do not count; shared by two, they count once.
                int use = atomUse[atom];
                if (use == 1 || (use == 2 && isFirstRing(members, m, atom))) {
                    least += donors[atom].least;
                    most += donors[atom].most;
                }
            }
        }
        if (most >= 6) {
            for (int electrons = least; electrons <= most; electrons++) {
                if (electrons % 4 == 2) {
                    return true;
                }
            }
            return false;
        }
        return most == 2;
    }

    private boolean isFirstRing(int[] members, int index, int atom) {
        for (int m = 0; m < index; m++) {
            for (int other : rings.atoms(candidateRings[members[m]])) {
                if (other == atom) {
                    return false;
                }
            }
        }
        return true;
    }

    private void mark(int[] members, int count) {
        for (int m = 0; m < count; m++) {
            int ring = candidateRings[members[m]];
            for (int atom : rings.atoms(ring)) {
                molecule.aromatic[atom] = true;
            }
            for (int bond : rings.bonds(ring)) {
                if (bondUse[bond] != 1) {
                    continue;
                }
                molecule.bondAromatic[bond] = true;
                if (molecule.order[bond] == Molecule.SINGLE || molecule.order[bond] == Molecule.DOUBLE) {
                    molecule.order[bond] = Molecule.AROMATIC;
                }
                if (!bondDone[bond]) {
                    bondDone[bond] = true;
                    doneBonds++;
                }
            }
        }
    }
}
