package dev.millrace.molecule;

/**
 * What stands between the brackets of one SMILES atom.
 *
 * @param isotope 0 when not given
 * @param number atomic number, 0 for a dummy
 * @param aromatic whether the symbol is in lower case
 * @param chirality a tag of {@link Molecule}, 0 without one
 * @param hydrogens 0 when not given
 * @param charge 0 when not given
 * @param mapNumber 0 when not given
 */
record BracketAtom(
        int isotope, int number, boolean aromatic, byte chirality, int hydrogens, int charge, int mapNumber) {
    private static final int LARGEST_CHARGE = 100;

    /** Reads from behind the opening bracket to behind the closing one. */
    static BracketAtom read(SmilesScanner in) throws MoleculeFormatException {
        int isotope = in.number(0);
        boolean aromatic = in.peek() >= 'a' && in.peek() <= 'z';
        int number = aromatic ? aromaticSymbol(in) : symbol(in);
        byte chirality = in.skipIf('@') ? chirality(in) : 0;
        int hydrogens = in.skipIf('H') ? in.number(1) : 0;
        int charge = charge(in);
        int mapNumber = in.skipIf(':') ? in.number(0) : 0;
        if (!in.skipIf(']')) {
            throw in.fault("expected ']'");
        }
        return new BracketAtom(isotope, number, aromatic, chirality, hydrogens, charge, mapNumber);
    }

    void describe(Molecule molecule, int atom) {
        molecule.noImplicit[atom] = true;
        molecule.isotope[atom] = isotope;
        molecule.aromatic[atom] = aromatic;
        molecule.chirality[atom] = chirality;
        molecule.explicitHydrogens[atom] = hydrogens;
        molecule.charge[atom] = charge;
        molecule.mapNumber[atom] = mapNumber;
    }

    private static int symbol(SmilesScanner in) throws MoleculeFormatException {
        if (in.skipIf('*')) {
            return 0;
        }
        if (in.skipIf('#')) {
            int number = in.number(-1);
            if (number < 0 || number > Elements.COUNT) {
                throw in.fault("expected an atomic number after '#'");
            }
            return number;
        }
        for (int width = 2; width > 0; width--) {
            String symbol = width == 1 ? "" + in.peek() : "" + in.peek() + in.peek(1);
            int number = Elements.atomicNumber(symbol);
            if (number > 0) {
                in.skip(width);
                return number;
            }
        }
        throw in.fault("unknown element");
    }

    private static int aromaticSymbol(SmilesScanner in) throws MoleculeFormatException {
        int number = switch ("" + in.peek() + in.peek(1)) {
            case "si" -> 14;
            case "as" -> 33;
            case "se" -> 34;
            case "te" -> 52;
            default -> -1;
        };
        if (number > 0) {
            in.skip(2);
            return number;
        }
        number = SmilesParser.aromaticOrganic(in.peek());
        if (number < 0) {
            throw in.fault("unknown element");
        }
        in.skip(1);
        return number;
    }

    private static byte chirality(SmilesScanner in) throws MoleculeFormatException {
        if (in.skipIf('@')) {
            return Molecule.CLOCKWISE;
        }
        switch ("" + in.peek() + in.peek(1)) {
            case "TH" -> {
                in.skip(2);
                return in.number(0) == 2 ? Molecule.CLOCKWISE : Molecule.COUNTERCLOCKWISE;
            }
            case "AL", "SP", "TB", "OH" -> {
                in.skip(2);
                in.number(0);
                return Molecule.NON_TETRAHEDRAL;
            }
            default -> {
                // An ordinary '@', before the hydrogen count perhaps.
                return Molecule.COUNTERCLOCKWISE;
            }
        }
    }

    private static int charge(SmilesScanner in) throws MoleculeFormatException {
        char sign = in.peek();
        if (sign != '+' && sign != '-') {
            return 0;
        }
        int signs = 0;
        while (in.skipIf(sign)) {
            signs++;
        }
        int size = signs == 1 ? in.number(1) : signs;
        if (size > LARGEST_CHARGE) {
            throw in.fault("charge too large");
        }
        return sign == '+' ? size : -size;
    }
}
