package dev.millrace.molecule;

/** Explicit and implicit valence, hydrogens and radicals by the rules of RDKit 2022.09. */
final class Valence {
    private Valence() {}

    /** Sets explicit valence and implicit hydrogens of every atom; an impossible valence is a fault. */
    static void assign(Molecule molecule) throws MoleculeFormatException {
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            molecule.explicitValence[atom] = explicit(molecule, atom);
            checkExplicit(molecule, atom);
            molecule.implicitHydrogens[atom] = implicit(molecule, atom, true);
        }
    }

    /** The charge as the valence list feels it: reversed left of carbon, and a carbocation loses a bond like a carbanion. */
    private static int valenceShift(Molecule molecule, int atom) {
        int charge = molecule.charge[atom];
        if (Elements.isEarly(molecule.atomicNumber[atom])) {
            return -charge;
        }
        return molecule.atomicNumber[atom] == 6 ? -Math.abs(charge) : charge;
    }

    private static boolean isAromaticAtom(Molecule molecule, int atom) {
        if (molecule.aromatic[atom]) {
            return true;
        }
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            if (molecule.bondAromatic[molecule.neighbourBond[i]]) {
                return true;
            }
        }
        return false;
    }

    /** Sum of bond orders and explicit hydrogens; an aromatic sum is brought down to a valence it can be kekulized to. */
    static int explicit(Molecule molecule, int atom) {
        int twice = 2 * molecule.explicitHydrogens[atom];
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            twice += molecule.twiceValence(molecule.neighbourBond[i], atom);
        }
        int number = molecule.atomicNumber[atom];
        int shift = valenceShift(molecule, atom);
        if (twice > 2 * (Elements.defaultValence(number) + shift) && isAromaticAtom(molecule, atom)) {
            int allowed = Elements.defaultValence(number) + shift;
            for (int valence : Elements.valences(number)) {
                if (valence < 0 || 2 * (valence + shift) > twice) {
                    break;
                }
                allowed = valence + shift;
            }
            if (twice - 2 * allowed <= 3) {
                twice = 2 * allowed;
            }
        }
        return (twice + 1) / 2;
    }

    private static void checkExplicit(Molecule molecule, int atom) throws MoleculeFormatException {
        int number = molecule.atomicNumber[atom];
        int valence = molecule.explicitValence[atom];
        int charge = molecule.charge[atom];
        int effective = Elements.outerElectrons(number) >= 4 ? valence - charge : valence + charge;
        int maximum = Elements.maximumValence(number);
        if (maximum > 0 && effective > maximum) {
            throw refused(molecule, atom, valence);
        }
    }

    private static MoleculeFormatException refused(Molecule molecule, int atom, int valence) {
        int charge = molecule.charge[atom];
        String signed = charge == 0 ? "" : charge > 0 ? "+" + charge : String.valueOf(charge);
        return new MoleculeFormatException("Impossible valence: atom " + (atom + 1) + " ("
                + Elements.symbol(molecule.atomicNumber[atom]) + signed + ") has valence " + valence
                + ", more than it allows");
    }

    /** Hydrogens to add so that the atom reaches its next allowed valence. */
    static int implicit(Molecule molecule, int atom, boolean strict) throws MoleculeFormatException {
        int number = molecule.atomicNumber[atom];
        if (number == 0 || molecule.noImplicit[atom]) {
            return 0;
        }
        int charge = molecule.charge[atom];
        if (number == 1 && molecule.explicitValence[atom] == 0) {
            if (Math.abs(charge) == 1) {
                return 0;
            }
            if (charge != 0 && strict) {
                throw refused(molecule, atom, 0);
            }
            return charge == 0 ? 1 : 0;
        }
        int standard = Elements.defaultValence(number);
        if (standard == -1) {
            return 0;
        }
        int used = molecule.explicitValence[atom] + molecule.radicals[atom];
        int shift = valenceShift(molecule, atom);
        if (isAromaticAtom(molecule, atom)) {
            return aromaticImplicit(molecule, atom, used, shift, strict);
        }
        for (int valence : Elements.valences(number)) {
            if (valence >= 0 && used <= valence + shift) {
                return valence + shift - used;
            }
        }
        if (strict && Elements.maximumValence(number) != -1) {
            throw refused(molecule, atom, molecule.explicitValence[atom]);
        }
        return 0;
    }

    private static int aromaticImplicit(Molecule molecule, int atom, int used, int shift, boolean strict)
            throws MoleculeFormatException {
        int number = molecule.atomicNumber[atom];
        int standard = Elements.defaultValence(number);
        if (used <= standard + shift) {
            return standard + shift - used;
        }
        for (int valence : Elements.valences(number)) {
            if (valence > 0 && used == valence + shift) {
                return 0;
            }
        }
        if (strict) {
            throw refused(molecule, atom, molecule.explicitValence[atom]);
        }
        return 0;
    }

    /** Unpaired electrons of the atoms whose hydrogen count was written down. */
    static void assignRadicals(Molecule molecule) {
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            int number = molecule.atomicNumber[atom];
            if (!molecule.noImplicit[atom] || molecule.radicals[atom] != 0 || number == 0) {
                continue;
            }
            int charge = molecule.charge[atom];
            int outer = Elements.outerElectrons(number);
            if (Elements.defaultValence(number) == -1) {
                molecule.radicals[atom] = Math.max(outer - charge, 0) % 2;
            } else {
                molecule.radicals[atom] = radicals(molecule, atom, number, charge, outer);
            }
        }
    }

    private static int radicals(Molecule molecule, int atom, int number, int charge, int outer) {
        int twice = 2 * molecule.explicitHydrogens[atom];
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            twice += molecule.twiceValence(molecule.neighbourBond[i], atom);
        }
        int valence = twice / 2;
        int octet = number <= 2 ? 2 : 8;
        int unpaired = octet - outer - valence + charge;
        if (unpaired < 0) {
            unpaired = 0;
            int[] valences = Elements.valences(number);
            if (valences.length > 1) {
                for (int allowed : valences) {
                    if (allowed - valence + charge >= 0) {
                        unpaired = allowed - valence + charge;
                        break;
                    }
                }
            }
        }
        int early = outer - valence - charge;
        return early >= 0 ? Math.min(unpaired, early) : unpaired;
    }
}
