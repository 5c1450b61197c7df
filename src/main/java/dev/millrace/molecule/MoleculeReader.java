package dev.millrace.molecule;

/**
 * Text to a complete molecule: syntax, then the perception of RDKit 2022.09.
 *
 * <p>Work and memory are bounded by the size limits of {@link Molecule#MAX_ATOMS}; every fault of the text is a
 * {@link MoleculeFormatException}. Thread-safe: there is no state.
 */
public final class MoleculeReader {
    private MoleculeReader() {}

    /**
     * Reads a SMILES string. Explicit hydrogens become hydrogen counts, as RDKit does.
     *
     * @throws MoleculeFormatException if it is not SMILES, or not a possible molecule
     */
    public static Molecule smiles(String smiles) throws MoleculeFormatException {
        Molecule molecule = SmilesParser.parse(smiles);
        Perception.completeSmiles(molecule);
        return molecule;
    }

    /**
     * Reads one MOL block, V2000 or V3000; text after {@code M  END} is ignored.
     *
     * @param keepHydrogens whether explicit hydrogens stay atoms, see {@link FeatureSpec#keepsHydrogens()}
     * @throws MoleculeFormatException if it is not a MOL block, or not a possible molecule
     */
    public static Molecule mol(String text, boolean keepHydrogens) throws MoleculeFormatException {
        Molecule molecule = MolfileParser.parse(text);
        Perception.completeMol(molecule, keepHydrogens);
        return molecule;
    }
}
