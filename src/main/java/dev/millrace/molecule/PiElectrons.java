package dev.millrace.molecule;

/** What an atom can give to a π system, as RDKit counts it; shared by aromaticity and conjugation. */
final class PiElectrons {
    private PiElectrons() {}

    /** Electrons available to a π system; negative when the atom cannot take part. */
    static int available(Molecule molecule, int atom) {
        int number = molecule.atomicNumber[atom];
        int valence = Elements.defaultValence(number);
        if (valence <= 1) {
            return -1;
        }
        int degree = molecule.totalDegree(atom);
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            byte order = molecule.order[molecule.neighbourBond[i]];
            if (order == Molecule.ZERO || order == Molecule.QUERY) {
                degree--;
            }
        }
        if (degree > 3) {
            return -1;
        }
        int lonePairs = Math.max(Elements.outerElectrons(number) - valence - molecule.charge[atom], 0);
        int electrons = valence - degree + lonePairs - molecule.radicals[atom];
        // A triple bond, or several bonds beyond the first, leaves one electron for this system.
        if (electrons > 1 && molecule.explicitValence[atom] - molecule.degree(atom) > 1) {
            return 1;
        }
        return electrons;
    }
}
