package dev.millrace.pcqm;

/**
 * The HOMO-LUMO gap of a {@link SyntheticMolecule} in eV: no quantum chemistry, but a rule in its spirit that a model can
 * learn from the graph. The longer the largest conjugated part, the smaller the gap, as for a particle in a box; lone pairs
 * beside it and hetero atoms in it, rings, heavy elements and size narrow it further. One thread at a time.
 */
final class SyntheticGap {
    /** Standard deviation of what cannot be learned, in eV. */
    static final double NOISE = 0.1;

    private static final double WITHOUT_CONJUGATION = 8.75;
    private static final double LONGEST_CONJUGATION = 3.0;
    private static final double HALF_WAY_ATOMS = 8;
    private static final double LEAST = 1.2;
    private static final int COUNTED = 3;

    private final int[] parent = new int[SyntheticMolecule.LARGEST];
    private final int[] size = new int[SyntheticMolecule.LARGEST];
    private int heteroPi;
    private int lonePairs;
    private int largest;

    double of(SyntheticMolecule molecule, Draws draws) {
        conjugate(molecule);
        lookAround(molecule);
        int bonds = molecule.pieceCount() - 1;
        for (int piece = 0; piece < molecule.pieceCount(); piece++) {
            bonds += molecule.piece(piece).bonds.length / 2;
        }
        double heavy = 0;
        double nitrogens = 0;
        for (int atom = 0; atom < molecule.atomCount(); atom++) {
            heavy += switch (molecule.atom(atom).element()) {
                case "S", "P" -> 0.35;
                case "Br" -> 0.4;
                case "Cl" -> 0.1;
                case "F" -> -0.05;
                case "B", "Si" -> 0.15;
                default -> 0;
            };
            nitrogens += molecule.atom(atom).element().equals("N") ? 1 : 0;
        }
        double gap = LONGEST_CONJUGATION
                + (WITHOUT_CONJUGATION - LONGEST_CONJUGATION) * HALF_WAY_ATOMS / (HALF_WAY_ATOMS + largest);
        gap -= 0.3 * Math.min(heteroPi, COUNTED) + 0.2 * Math.min(lonePairs, COUNTED);
        gap -= Math.min(heavy, 0.8) + (largest < 6 ? 0.3 : 0.1) * Math.min(nitrogens, COUNTED);
        gap -= 0.1 * (bonds - molecule.atomCount() + 1) + 0.03 * (molecule.atomCount() - 14);
        return Math.max(LEAST, gap + NOISE * draws.bell());
    }

    /** Joins neighbours that both have multiple bonds. */
    private void conjugate(SyntheticMolecule molecule) {
        for (int atom = 0; atom < molecule.atomCount(); atom++) {
            parent[atom] = atom;
            size[atom] = molecule.atom(atom).pi() ? 1 : 0;
        }
        for (int piece = 0; piece < molecule.pieceCount(); piece++) {
            int first = molecule.firstAtom(piece);
            int[] bonds = molecule.piece(piece).bonds;
            for (int i = 0; i < bonds.length; i += 2) {
                join(molecule, first + bonds[i], first + bonds[i + 1]);
            }
            if (piece > 0) {
                join(molecule, first, molecule.attachedTo(piece));
            }
        }
    }

    private void join(SyntheticMolecule molecule, int one, int other) {
        int a = root(one);
        int b = root(other);
        if (a != b && molecule.atom(one).pi() && molecule.atom(other).pi()) {
            parent[a] = b;
            size[b] += size[a];
        }
    }

    private int root(int atom) {
        int root = atom;
        while (parent[root] != root) {
            root = parent[root];
        }
        return root;
    }

    /** Hetero atoms in the largest conjugated part, and those bound to it. */
    private void lookAround(SyntheticMolecule molecule) {
        int part = 0;
        for (int atom = 1; atom < molecule.atomCount(); atom++) {
            part = size[root(atom)] > size[root(part)] ? root(atom) : root(part);
        }
        largest = size[root(part)];
        heteroPi = 0;
        lonePairs = 0;
        if (largest == 0) {
            return;
        }
        for (int atom = 0; atom < molecule.atomCount(); atom++) {
            heteroPi += root(atom) == root(part) && !molecule.atom(atom).carbon() ? 1 : 0;
        }
        for (int piece = 0; piece < molecule.pieceCount(); piece++) {
            int first = molecule.firstAtom(piece);
            int[] bonds = molecule.piece(piece).bonds;
            for (int i = 0; i < bonds.length; i += 2) {
                lookAcross(molecule, first + bonds[i], first + bonds[i + 1], root(part));
            }
            if (piece > 0) {
                lookAcross(molecule, first, molecule.attachedTo(piece), root(part));
            }
        }
    }

    private void lookAcross(SyntheticMolecule molecule, int one, int other, int part) {
        boolean inside = root(one) == part;
        int outside = inside ? other : one;
        if (inside != (root(other) == part)
                && !molecule.atom(outside).carbon()
                && !molecule.atom(outside).pi()) {
            lonePairs++;
        }
    }
}
