package dev.millrace.pcqm;

/**
 * The category codes of PyTorch Geometric's molecules ({@code pyg-9-3}: {@code x_map} and {@code e_map} of
 * {@code torch_geometric/utils/smiles.py}) and what they are in Open Graph Benchmark's ({@code ogb-9-3}: {@code ogb/utils/
 * features.py}).
 *
 * <p>Both take the same nine properties of an atom and three of a bond in the same order, but number them otherwise: Open Graph
 * Benchmark counts elements from hydrogen, leaves some hybridisations and most bond types to its last code ("misc"), and lists
 * the double bonds' stereo in another order. Every code of the one has exactly one of the other.
 */
final class PygCodes {
    static final String SPEC = "pyg-9-3";

    /** Number of codes of each column of an atom: 119 elements from 0, chirality, degree, charge from −5, hydrogens, … */
    static final int[] ATOM_SIZES = {119, 9, 11, 12, 9, 5, 8, 2, 2};

    /** Number of codes of each column of a bond: type, stereo, conjugated. */
    static final int[] BOND_SIZES = {22, 6, 2};

    // unspecified S SP SP2 SP3 SP3D SP3D2 other, to: SP SP2 SP3 SP3D SP3D2 misc
    private static final int[] HYBRIDIZATION = {5, 5, 0, 1, 2, 3, 4, 5};
    // none any Z E cis trans, to: none Z E cis trans any
    private static final int[] STEREO = {0, 5, 1, 2, 3, 4};

    private PygCodes() {}

    /** The code of an atom's column in {@code ogb-9-3}. */
    static int ogbAtom(int column, int code) {
        return switch (column) {
            // Z to Z − 1; 0, the dummy atom, to misc.
            case 0 -> code == 0 ? 118 : code - 1;
            // unspecified, clockwise, counterclockwise, other; the classes that RDKit added later are misc.
            case 1 -> Math.min(code, 4);
            case 6 -> HYBRIDIZATION[code];
            // The lists begin alike; PyTorch Geometric's charge +6 is the last code, which is misc there.
            default -> code;
        };
    }

    /** The code of a bond's column in {@code ogb-9-3}. */
    static int ogbBond(int column, int code) {
        return switch (column) {
            case 0 ->
                switch (code) {
                    case 1 -> 0;
                    case 2 -> 1;
                    case 3 -> 2;
                    case 12 -> 3;
                    default -> 4;
                };
            case 1 -> STEREO[code];
            default -> code;
        };
    }
}
