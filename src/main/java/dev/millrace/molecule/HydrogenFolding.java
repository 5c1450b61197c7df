package dev.millrace.molecule;

import java.util.Arrays;

/**
 * Turns explicit hydrogen atoms into hydrogen counts, with RDKit's exceptions: isotopes, bare and bridging hydrogens,
 * H<sub>2</sub>, hydrogens on dummies and those that alone carry the geometry of a double bond stay atoms.
 */
final class HydrogenFolding {
    private HydrogenFolding() {}

    /**
     * Folds in place and rebuilds the neighbour lists when anything changed.
     *
     * @param keepAsExplicit whether every folded hydrogen is counted as explicit (SMILES) or only where the heavy atom takes
     *     no implicit ones (MOL)
     */
    static void fold(Molecule molecule, boolean keepAsExplicit) {
        boolean[] removed = null;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (molecule.atomicNumber[atom] == 1 && isFoldable(molecule, atom)) {
                if (removed == null) {
                    removed = new boolean[molecule.atomCount];
                }
                removed[atom] = true;
            }
        }
        if (removed == null) {
            return;
        }
        boolean[] gone = new boolean[molecule.bondCount];
        for (int atom = molecule.atomCount - 1; atom >= 0; atom--) {
            if (removed[atom]) {
                detach(molecule, atom, gone, keepAsExplicit);
            }
        }
        compact(molecule, removed);
        molecule.connect();
    }

    private static boolean isFoldable(Molecule molecule, int atom) {
        if (molecule.degree(atom) != 1 || molecule.isotope[atom] != 0) {
            return false;
        }
        int at = molecule.firstNeighbour[atom];
        int heavy = molecule.neighbourAtom[at];
        int bond = molecule.neighbourBond[at];
        int number = molecule.atomicNumber[heavy];
        if (number <= 1 || molecule.chirality[heavy] == Molecule.NON_TETRAHEDRAL) {
            return false;
        }
        return !definesDoubleBond(molecule, heavy, bond);
    }

    private static boolean definesDoubleBond(Molecule molecule, int heavy, int bond) {
        if (molecule.degree(heavy) != 2) {
            return false;
        }
        for (int i = molecule.firstNeighbour[heavy]; i < molecule.firstNeighbour[heavy + 1]; i++) {
            int other = molecule.neighbourBond[i];
            if (molecule.order[other] == Molecule.DOUBLE
                    && ((molecule.stereo[other] > Molecule.STEREO_NONE && molecule.stereo[other] != Molecule.STEREO_ANY)
                            || molecule.direction[bond] != 0)) {
                return true;
            }
        }
        return false;
    }

    private static void detach(Molecule molecule, int hydrogen, boolean[] gone, boolean keepAsExplicit) {
        int at = molecule.firstNeighbour[hydrogen];
        int heavy = molecule.neighbourAtom[at];
        int bond = molecule.neighbourBond[at];
        boolean needsCount = keepAsExplicit
                || molecule.noImplicit[heavy]
                || (molecule.aromatic[heavy] && molecule.atomicNumber[heavy] != 6);
        if (needsCount) {
            molecule.explicitHydrogens[heavy]++;
        }
        if (molecule.isTetrahedral(heavy)) {
            // The implicit hydrogen comes last: count the bonds that it passes.
            int passed = 0;
            for (int i = molecule.firstNeighbour[heavy]; i < molecule.firstNeighbour[heavy + 1]; i++) {
                int other = molecule.neighbourBond[i];
                if (other > bond && !gone[other]) {
                    passed++;
                }
            }
            if ((passed & 1) == 1) {
                molecule.invertChirality(heavy);
            }
        }
        if (molecule.direction[bond] != 0) {
            passDirectionOn(molecule, heavy, bond, gone);
        }
        gone[bond] = true;
    }

    private static void passDirectionOn(Molecule molecule, int heavy, int bond, boolean[] gone) {
        int heir = -1;
        for (int i = molecule.firstNeighbour[heavy]; i < molecule.firstNeighbour[heavy + 1]; i++) {
            int other = molecule.neighbourBond[i];
            if (other == bond || gone[other] || molecule.order[other] != Molecule.SINGLE) {
                continue;
            }
            if (molecule.direction[other] != 0) {
                return;
            }
            heir = other;
        }
        if (heir >= 0) {
            boolean flip = molecule.begin[heir] == heavy && molecule.begin[bond] == heavy;
            byte direction = molecule.direction[bond];
            molecule.direction[heir] = !flip ? direction : direction == Molecule.UP ? Molecule.DOWN : Molecule.UP;
        }
    }

    private static void compact(Molecule molecule, boolean[] removed) {
        int[] renumbered = new int[molecule.atomCount];
        double[] coordinates = molecule.coordinates;
        int kept = 0;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (removed[atom]) {
                renumbered[atom] = -1;
                continue;
            }
            renumbered[atom] = kept;
            molecule.atomicNumber[kept] = molecule.atomicNumber[atom];
            molecule.charge[kept] = molecule.charge[atom];
            molecule.isotope[kept] = molecule.isotope[atom];
            molecule.explicitHydrogens[kept] = molecule.explicitHydrogens[atom];
            molecule.radicals[kept] = molecule.radicals[atom];
            molecule.mapNumber[kept] = molecule.mapNumber[atom];
            molecule.noImplicit[kept] = molecule.noImplicit[atom];
            molecule.aromatic[kept] = molecule.aromatic[atom];
            molecule.chirality[kept] = molecule.chirality[atom];
            if (coordinates != null) {
                System.arraycopy(coordinates, 3 * atom, coordinates, 3 * kept, 3);
            }
            kept++;
        }
        molecule.atomCount = kept;
        byte[] wedge = molecule.wedge;
        int bonds = 0;
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            int from = renumbered[molecule.begin[bond]];
            int to = renumbered[molecule.end[bond]];
            if (from < 0 || to < 0) {
                continue;
            }
            molecule.begin[bonds] = from;
            molecule.end[bonds] = to;
            molecule.order[bonds] = molecule.order[bond];
            molecule.bondAromatic[bonds] = molecule.bondAromatic[bond];
            molecule.direction[bonds] = molecule.direction[bond];
            molecule.stereo[bonds] = molecule.stereo[bond];
            if (wedge != null) {
                wedge[bonds] = wedge[bond];
            }
            bonds++;
        }
        Arrays.fill(molecule.direction, bonds, molecule.bondCount, (byte) 0);
        Arrays.fill(molecule.stereo, bonds, molecule.bondCount, (byte) 0);
        molecule.bondCount = bonds;
    }
}
