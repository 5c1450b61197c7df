package dev.millrace.molecule;

/**
 * RDKit's first step: drawings with too many bonds become their charge-separated form.
 *
 * <p>Nitro {@code N(=O)=O} and N-oxides, {@code N=N#N}, phosphorus {@code C=P(=O)X}, and the oxo acids of Cl, Br and I.
 */
final class ChargeNormalization {
    private ChargeNormalization() {}

    static void apply(Molecule molecule) {
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (molecule.charge[atom] != 0) {
                continue;
            }
            switch (molecule.atomicNumber[atom]) {
                case 7 -> nitrogen(molecule, atom);
                case 15 -> phosphorus(molecule, atom);
                case 17, 35, 53 -> halogen(molecule, atom);
                default -> {
                    // Every other element is taken as it is drawn.
                }
            }
        }
    }

    private static int plainValence(Molecule molecule, int atom) {
        boolean aromatic = molecule.aromatic[atom];
        molecule.aromatic[atom] = false;
        int valence = Valence.explicit(molecule, atom);
        molecule.aromatic[atom] = aromatic;
        return valence;
    }

    private static void nitrogen(Molecule molecule, int atom) {
        if (plainValence(molecule, atom) != 5) {
            return;
        }
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int neighbour = molecule.neighbourAtom[i];
            int bond = molecule.neighbourBond[i];
            if (molecule.charge[neighbour] != 0) {
                continue;
            }
            byte lowered;
            if (molecule.atomicNumber[neighbour] == 8 && molecule.order[bond] == Molecule.DOUBLE) {
                lowered = Molecule.SINGLE;
            } else if (molecule.atomicNumber[neighbour] == 7 && molecule.order[bond] == Molecule.TRIPLE) {
                lowered = Molecule.DOUBLE;
            } else {
                continue;
            }
            molecule.order[bond] = lowered;
            molecule.charge[atom] = 1;
            molecule.charge[neighbour] = -1;
            return;
        }
    }

    private static void phosphorus(Molecule molecule, int atom) {
        if (molecule.degree(atom) != 3 || Valence.explicit(molecule, atom) != 5) {
            return;
        }
        int oxygenBond = -1;
        boolean doubleToCarbonOrNitrogen = false;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int neighbour = molecule.neighbourAtom[i];
            int bond = molecule.neighbourBond[i];
            if (molecule.order[bond] != Molecule.DOUBLE) {
                continue;
            }
            int number = molecule.atomicNumber[neighbour];
            if (number == 8 && molecule.charge[neighbour] == 0) {
                oxygenBond = bond;
            } else if ((number == 6 || number == 7) && molecule.degree(neighbour) >= 2) {
                doubleToCarbonOrNitrogen = true;
            }
        }
        if (doubleToCarbonOrNitrogen && oxygenBond >= 0) {
            molecule.order[oxygenBond] = Molecule.SINGLE;
            molecule.charge[molecule.otherAtom(oxygenBond, atom)] = -1;
            molecule.charge[atom] = 1;
        }
    }

    private static void halogen(Molecule molecule, int atom) {
        int valence = Valence.explicit(molecule, atom);
        if (valence != 3 && valence != 5 && valence != 7) {
            return;
        }
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            if (molecule.atomicNumber[molecule.neighbourAtom[i]] != 8) {
                return;
            }
        }
        int charge = 0;
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            if (molecule.order[bond] == Molecule.DOUBLE) {
                molecule.order[bond] = Molecule.SINGLE;
                molecule.charge[molecule.neighbourAtom[i]] = -1;
                charge++;
            }
        }
        molecule.charge[atom] = charge;
    }
}
