package dev.millrace.molecule;

/** Conjugated bonds, then hybridisation, as RDKit 2022.09 assigns them. */
final class Hybridization {
    static final byte UNSPECIFIED = 0;
    static final byte S = 1;
    static final byte SP = 2;
    static final byte SP2 = 3;
    static final byte SP3 = 4;
    static final byte SP2D = 5;
    static final byte SP3D = 6;
    static final byte SP3D2 = 7;

    private Hybridization() {}

    static void assignConjugation(Molecule molecule) {
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            molecule.conjugated[bond] = molecule.bondAromatic[bond];
        }
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            int substituents = molecule.totalDegree(atom);
            if (substituents == 2 || substituents == 3) {
                conjugateAround(molecule, atom);
            }
        }
    }

    private static void conjugateAround(Molecule molecule, int atom) {
        int from = molecule.firstNeighbour[atom];
        int to = molecule.firstNeighbour[atom + 1];
        boolean multiple = false;
        for (int i = from; i < to; i++) {
            multiple |= molecule.twiceValence(molecule.neighbourBond[i], atom) >= 3;
        }
        if (!multiple || !takesPart(molecule, atom)) {
            return;
        }
        for (int i = from; i < to; i++) {
            int first = molecule.neighbourBond[i];
            if (molecule.twiceValence(first, atom) < 3) {
                continue;
            }
            for (int k = from; k < to; k++) {
                int neighbour = molecule.neighbourAtom[k];
                if (k != i && molecule.totalDegree(neighbour) <= 3 && takesPart(molecule, neighbour)) {
                    molecule.conjugated[first] = true;
                    molecule.conjugated[molecule.neighbourBond[k]] = true;
                }
            }
        }
    }

    /** Third-row pnictogens and chalcogens do not donate, except a terminal chalcogen as in a thioamide. */
    private static boolean takesPart(Molecule molecule, int atom) {
        int number = molecule.atomicNumber[atom];
        int outer = Elements.outerElectrons(number);
        boolean donor = number <= 10 || (outer != 5 && outer != 6) || (outer == 6 && molecule.totalDegree(atom) < 2);
        return donor && PiElectrons.available(molecule, atom) > 0;
    }

    static void assign(Molecule molecule) {
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            molecule.hybridization[atom] = of(molecule, atom);
        }
    }

    private static byte of(Molecule molecule, int atom) {
        int number = molecule.atomicNumber[atom];
        if (number == 0) {
            return UNSPECIFIED;
        }
        int degree = molecule.totalDegree(atom);
        if (molecule.isTetrahedral(atom) && degree == 4) {
            return SP3;
        }
        int orbitals = number < 89 ? bondsAndLonePairs(molecule, atom) : degree;
        return switch (orbitals) {
            case 0, 1 -> S;
            case 2 -> SP;
            case 3 -> SP2;
            case 4 -> degree > 3 || !hasConjugatedBond(molecule, atom) ? SP3 : SP2;
            case 5 -> SP3D;
            case 6 -> SP3D2;
            default -> UNSPECIFIED;
        };
    }

    private static int bondsAndLonePairs(Molecule molecule, int atom) {
        int degree = molecule.totalDegree(atom);
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            byte order = molecule.order[bond];
            if (order == Molecule.ZERO || (order == Molecule.DATIVE && molecule.end[bond] != atom)) {
                degree--;
            }
        }
        int number = molecule.atomicNumber[atom];
        if (number <= 1) {
            return degree;
        }
        int outer = Elements.outerElectrons(number);
        int valence = molecule.explicitValence[atom] + molecule.implicitHydrogens[atom];
        int charge = molecule.charge[atom];
        int free = outer - (valence + charge);
        if (valence + outer - charge < 8) {
            int radicals = molecule.radicals[atom];
            return degree + (free - radicals) / 2 + radicals;
        }
        return degree + free / 2;
    }

    private static boolean hasConjugatedBond(Molecule molecule, int atom) {
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            if (molecule.conjugated[molecule.neighbourBond[i]]) {
                return true;
            }
        }
        return false;
    }
}
