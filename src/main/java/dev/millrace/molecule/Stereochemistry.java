package dev.millrace.molecule;

/**
 * Which marked centres and double bonds are really stereogenic, as RDKit 2022.09's legacy algorithm decides it: rank atoms,
 * label centres and bonds, rank again with the labels, until nothing changes; then keep only labelled centres and those whose
 * stereo is relative within a ring system.
 */
final class Stereochemistry {
    /** Double bonds in rings smaller than this have no choice of geometry. */
    private static final int SMALLEST_STEREO_RING = 8;

    /** Both neighbours written on the same side of a double bond. */
    private static final int CONFLICT = 3;

    private static final byte S_DESCRIPTOR = 1;
    private static final byte R_DESCRIPTOR = 2;

    private final Molecule molecule;
    private final Rings rings;
    private final boolean everyCentre;
    private final CipRanks ranks;
    private final byte[] descriptor;

    private boolean atomsLeft;
    private boolean bondsLeft;

    private Stereochemistry(Molecule molecule, Rings rings, boolean everyCentre) {
        this.molecule = molecule;
        this.rings = rings;
        this.everyCentre = everyCentre;
        this.ranks = new CipRanks(molecule);
        this.descriptor = new byte[molecule.atomCount];
    }

    /**
     * @param everyCentre whether unmarked centres also call for another round, as RDKit does for MOL files; it changes the
     *     ranks that ring stereo is judged by
     */
    static void assign(Molecule molecule, Rings rings, boolean everyCentre) throws MoleculeFormatException {
        boolean centres = false;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            centres |= molecule.isTetrahedral(atom);
        }
        boolean bonds = hasDirectedDoubleBond(molecule);
        if (!centres && !bonds) {
            return;
        }
        Stereochemistry run = new Stereochemistry(molecule, rings, everyCentre);
        run.atomsLeft = centres || everyCentre;
        run.bondsLeft = bonds;
        run.labelUntilStable();
        if (centres) {
            run.dropUnsupportedCentres();
        }
    }

    private static boolean hasDirectedDoubleBond(Molecule molecule) {
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            if (molecule.order[bond] == Molecule.DOUBLE
                    && (molecule.isDrawn(bond)
                            || hasDirection(molecule, molecule.begin[bond])
                            || hasDirection(molecule, molecule.end[bond]))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasDirection(Molecule molecule, int atom) {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            if (molecule.direction[molecule.neighbourBond[i]] != 0) {
                return true;
            }
        }
        return false;
    }

    private void labelUntilStable() {
        while (true) {
            boolean changed = atomsLeft && labelCentres();
            changed |= bondsLeft && labelDoubleBonds();
            if (!changed || (!atomsLeft && !bondsLeft)) {
                return;
            }
            ranks.refineWith(descriptor);
        }
    }

    private boolean labelCentres() {
        boolean changed = false;
        int unlabelled = 0;
        int[] sorted = new int[4];
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            boolean marked = molecule.isTetrahedral(atom);
            if ((!marked && !everyCentre) || descriptor[atom] != 0 || !isPossibleCentre(atom)) {
                continue;
            }
            int degree = molecule.degree(atom);
            if (!marked || !sortNeighbours(atom, sorted)) {
                unlabelled++;
                continue;
            }
            changed = true;
            boolean odd = molecule.isOddAgainstBondOrder(sorted, degree);
            if (degree == 3 && molecule.hydrogenCount(atom) == 1) {
                odd = !odd;
            }
            boolean counterclockwise = molecule.chirality[atom] == Molecule.COUNTERCLOCKWISE ^ odd;
            descriptor[atom] = counterclockwise ? S_DESCRIPTOR : R_DESCRIPTOR;
        }
        atomsLeft = unlabelled > 0;
        return changed;
    }

    /** Bonds of an atom by rising rank of the neighbour; false when two neighbours rank the same. */
    private boolean sortNeighbours(int atom, int[] sorted) {
        int from = molecule.firstNeighbour[atom];
        int degree = molecule.degree(atom);
        for (int i = 0; i < degree; i++) {
            int rank = ranks.of(molecule.neighbourAtom[from + i]);
            int at = i;
            while (at > 0) {
                int before = ranks.of(molecule.otherAtom(sorted[at - 1], atom));
                if (before == rank) {
                    return false;
                }
                if (before < rank) {
                    break;
                }
                sorted[at] = sorted[at - 1];
                at--;
            }
            sorted[at] = molecule.neighbourBond[from + i];
        }
        return true;
    }

    private boolean isPossibleCentre(int atom) {
        int number = molecule.atomicNumber[atom];
        int degree = molecule.degree(atom);
        int hydrogens = molecule.hydrogenCount(atom);
        int total = degree + hydrogens;
        if (total > 4 || total < 3) {
            return false;
        }
        if (degree < 3) {
            return number == 15 || number == 33;
        }
        if (degree == 4) {
            return true;
        }
        if (hydrogens == 1) {
            return !hasProtiumNeighbour(atom);
        }
        return switch (number) {
            case 7 -> rings.isInRingOfSize(atom, 3) || RingStereo.isBridgehead(molecule, rings, atom);
            case 15, 33 -> true;
            case 16, 34 -> {
                int valence = molecule.explicitValence[atom];
                yield valence == 4 || (valence == 3 && molecule.charge[atom] == 1);
            }
            default -> false;
        };
    }

    private boolean hasProtiumNeighbour(int atom) {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int neighbour = molecule.neighbourAtom[i];
            if (molecule.atomicNumber[neighbour] == 1 && molecule.isotope[neighbour] == 0) {
                return true;
            }
        }
        return false;
    }

    private boolean labelDoubleBonds() {
        boolean changed = false;
        int unlabelled = 0;
        int[] neighbours = new int[2];
        boolean[] forget = null;
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            if (molecule.order[bond] != Molecule.DOUBLE
                    || molecule.stereo[bond] != Molecule.STEREO_NONE
                    || !mayHaveGeometry(bond)) {
                continue;
            }
            int direction = side(bond, molecule.begin[bond], neighbours);
            int opposite = direction == 0 ? 0 : side(bond, molecule.end[bond], neighbours);
            if (opposite == 0) {
                unlabelled++;
                continue;
            }
            changed = true;
            if (direction == CONFLICT || opposite == CONFLICT) {
                forget = forget == null ? new boolean[molecule.bondCount] : forget;
                if (direction == CONFLICT) {
                    collectSingleBonds(molecule.begin[bond], bond, forget);
                }
                if (opposite == CONFLICT) {
                    collectSingleBonds(molecule.end[bond], bond, forget);
                }
                continue;
            }
            molecule.stereo[bond] = direction == opposite ? Molecule.STEREO_Z : Molecule.STEREO_E;
        }
        for (int bond = 0; forget != null && bond < molecule.bondCount; bond++) {
            if (forget[bond]) {
                molecule.direction[bond] = 0;
            }
        }
        bondsLeft = unlabelled > 0;
        return changed;
    }

    private boolean mayHaveGeometry(int bond) {
        int ring = rings.smallestWithBond(bond);
        int from = molecule.degree(molecule.begin[bond]);
        int to = molecule.degree(molecule.end[bond]);
        return (ring == 0 || ring >= SMALLEST_STEREO_RING) && (from == 2 || from == 3) && (to == 2 || to == 3);
    }

    /**
     * The direction of the highest-ranked neighbour on one side of a double bond, seen from that side's atom: UP or DOWN;
     * 0 when unknown or when both neighbours are equal; CONFLICT when both are written on the same side.
     */
    private int side(int bond, int atom, int[] neighbours) {
        int count = 0;
        int first = 0;
        int second = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int other = molecule.neighbourBond[i];
            if (other == bond) {
                continue;
            }
            int direction = directionFrom(bond, atom, other, molecule.neighbourAtom[i]);
            if (count == 0) {
                first = direction;
            } else {
                second = direction;
            }
            neighbours[count++] = molecule.neighbourAtom[i];
        }
        if (first == 0 && second == 0) {
            return 0;
        }
        if (count == 1) {
            return first;
        }
        int rankFirst = ranks.of(neighbours[0]);
        int rankSecond = ranks.of(neighbours[1]);
        if (rankFirst == rankSecond) {
            return 0;
        }
        if (first == second) {
            return CONFLICT;
        }
        if (first == 0) {
            first = reversed(second);
        } else if (second == 0) {
            second = reversed(first);
        }
        return rankFirst > rankSecond ? first : second;
    }

    private int directionFrom(int doubleBond, int atom, int bond, int neighbour) {
        if (molecule.isDrawn(doubleBond)) {
            return molecule.drawnDirection(doubleBond, atom, neighbour);
        }
        int direction = molecule.direction[bond];
        return direction == 0 || molecule.begin[bond] == atom ? direction : reversed(direction);
    }

    private static int reversed(int direction) {
        return direction == Molecule.UP ? Molecule.DOWN : Molecule.UP;
    }

    private void collectSingleBonds(int atom, int doubleBond, boolean[] bonds) {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            bonds[molecule.neighbourBond[i]] |= molecule.neighbourBond[i] != doubleBond;
        }
    }

    private void dropUnsupportedCentres() throws MoleculeFormatException {
        boolean[] relative = new RingStereo(molecule, rings, ranks, descriptor).relativeCentres();
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (!molecule.isTetrahedral(atom) || descriptor[atom] != 0 || relative[atom]) {
                continue;
            }
            molecule.chirality[atom] = 0;
            if (molecule.explicitHydrogens[atom] == 1 && molecule.charge[atom] == 0 && !molecule.aromatic[atom]) {
                // The hydrogen was probably written for the chirality alone: it becomes an implicit one.
                molecule.explicitHydrogens[atom] = 0;
                molecule.noImplicit[atom] = false;
                molecule.explicitValence[atom] = Valence.explicit(molecule, atom);
                molecule.implicitHydrogens[atom] = Valence.implicit(molecule, atom, false);
            }
        }
    }
}
