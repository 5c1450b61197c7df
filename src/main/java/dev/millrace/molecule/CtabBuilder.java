package dev.millrace.molecule;

import java.util.Arrays;
import java.util.Locale;

/**
 * The atoms and bonds of one MOL block while it is read, and what both versions of the format have in common. Lines are
 * 1-based within the block and only for messages. One thread at a time; used once.
 */
final class CtabBuilder {
    final Molecule molecule;
    final double[] coordinates;
    /** The valence column of the atoms: 0 unset, 15 or -1 for none. */
    final int[] totalValence;

    private byte[] wedge;
    private boolean wedged;

    CtabBuilder(int atoms, int bonds) {
        this.molecule = new Molecule(Math.max(atoms, 1), Math.max(bonds, 1));
        this.coordinates = new double[3 * Math.max(atoms, 1)];
        this.totalValence = new int[Math.max(atoms, 1)];
        this.wedge = new byte[Math.max(bonds, 1)];
    }

    int addAtom(String symbol, long line) throws MoleculeFormatException {
        int number = Elements.atomicNumber(symbol);
        if (number > 0) {
            return molecule.addAtom(number);
        }
        int isotope = 0;
        switch (symbol) {
            case "D" -> isotope = 2;
            case "T" -> isotope = 3;
            default -> {
                if (isDummySymbol(symbol)) {
                    return molecule.addAtom(0);
                }
                number = symbol.isEmpty()
                        ? -1
                        : Elements.atomicNumber(symbol.substring(0, 1).toUpperCase(Locale.ROOT)
                                + symbol.substring(1).toLowerCase(Locale.ROOT));
                if (number < 0) {
                    throw new MoleculeFormatException(
                            "MOL block: unknown element '" + MolfileParser.shown(symbol) + "'", line);
                }
                return molecule.addAtom(number);
            }
        }
        int atom = molecule.addAtom(1);
        molecule.isotope[atom] = isotope;
        return atom;
    }

    private static boolean isDummySymbol(String symbol) {
        return switch (symbol) {
            case "*", "A", "Q", "L", "X", "M", "R", "R#", "LP", "Pol", "Mod", "AH", "QH", "XH", "MH" -> true;
            default ->
                symbol.startsWith("[")
                        || symbol.startsWith("NOT")
                        || (symbol.length() > 1 && symbol.charAt(0) == 'R' && Character.isDigit(symbol.charAt(1)));
        };
    }

    void addBond(int from, int to, int type, byte drawn, long line) throws MoleculeFormatException {
        if (from < 0 || to < 0 || from >= molecule.atomCount || to >= molecule.atomCount || from == to) {
            throw new MoleculeFormatException(
                    "MOL block: bond between atoms " + (from + 1) + " and " + (to + 1)
                            + ", expected two different of 1.." + molecule.atomCount,
                    line);
        }
        byte order = switch (type) {
            case 1 -> Molecule.SINGLE;
            case 2 -> Molecule.DOUBLE;
            case 3 -> Molecule.TRIPLE;
            case 4 -> Molecule.AROMATIC;
            case 0, 5, 6, 7, 8 -> Molecule.QUERY;
            case 9 -> Molecule.DATIVE;
            case 10 -> Molecule.ZERO;
            default -> throw new MoleculeFormatException("MOL block: bond type must be 0..10, found " + type, line);
        };
        int bond = molecule.addBond(from, to, order);
        if (bond >= wedge.length) {
            wedge = Arrays.copyOf(wedge, 2 * bond);
        }
        if (order == Molecule.AROMATIC) {
            molecule.bondAromatic[bond] = true;
            molecule.aromatic[from] = true;
            molecule.aromatic[to] = true;
        }
        wedge[bond] = drawn;
        if (drawn == Molecule.WEDGE_UNKNOWN && order == Molecule.DOUBLE) {
            molecule.stereo[bond] = Molecule.STEREO_ANY;
        }
        wedged |= drawn == Molecule.WEDGE_UP || drawn == Molecule.WEDGE_DOWN;
    }

    void radical(int atom, int spin, long line) throws MoleculeFormatException {
        molecule.radicals[atom] = switch (spin) {
            case 0 -> 0;
            case 2 -> 1;
            case 1, 3 -> 2;
            default -> throw new MoleculeFormatException("MOL block: radical must be 0..3, found " + spin, line);
        };
    }

    Molecule finish(String title, boolean markedSpatial) throws MoleculeFormatException {
        if (molecule.atomCount == 0) {
            throw new MoleculeFormatException("MOL block has no atoms", 4);
        }
        molecule.connect();
        boolean raised = false;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            raised |= coordinates[3 * atom + 2] != 0;
            rejectParallelBonds(atom);
            if (totalValence[atom] != 0) {
                molecule.noImplicit[atom] = true;
                int target = totalValence[atom];
                boolean none = target == 15 || target == -1;
                molecule.explicitHydrogens[atom] = none ? 0 : Math.max(0, target - Valence.explicit(molecule, atom));
            }
        }
        molecule.title = title;
        molecule.coordinates = coordinates;
        molecule.wedge = wedge;
        molecule.threeDimensional = raised || (markedSpatial && !wedged);
        return molecule;
    }

    private void rejectParallelBonds(int atom) throws MoleculeFormatException {
        int from = molecule.firstNeighbour[atom];
        int to = molecule.firstNeighbour[atom + 1];
        for (int i = from; i < to; i++) {
            for (int k = i + 1; k < to; k++) {
                if (molecule.neighbourAtom[i] == molecule.neighbourAtom[k]) {
                    throw new MoleculeFormatException("MOL block: atoms " + (atom + 1) + " and "
                            + (molecule.neighbourAtom[i] + 1) + " are bonded twice");
                }
            }
        }
    }
}
