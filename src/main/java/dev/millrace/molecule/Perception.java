package dev.millrace.molecule;

import java.util.Arrays;

/**
 * Completes a molecule as RDKit 2022.09 does when it reads and sanitizes one: the order of the steps is part of the result.
 *
 * <p>Rules of later RDKit releases (metal radicals, hypervalent conjugation, macrocycle aromaticity) differ and are not used.
 */
final class Perception {
    private Perception() {}

    /** SMILES: hydrogens are folded and counted as explicit. */
    static void completeSmiles(Molecule molecule) throws MoleculeFormatException {
        HydrogenFolding.fold(molecule, true);
        Rings rings = sanitize(molecule);
        Stereochemistry.assign(molecule, rings, false);
    }

    /** MOL: centres from wedges or coordinates before hydrogens go, double bonds from coordinates after rings are known. */
    static void completeMol(Molecule molecule, boolean keepHydrogens) throws MoleculeFormatException {
        DrawnStereo.assignCentres(molecule);
        if (!keepHydrogens) {
            HydrogenFolding.fold(molecule, false);
        }
        Rings rings = sanitize(molecule);
        DrawnStereo.assignDoubleBonds(molecule, rings);
        Stereochemistry.assign(molecule, rings, true);
    }

    private static Rings sanitize(Molecule molecule) throws MoleculeFormatException {
        ChargeNormalization.apply(molecule);
        Valence.assign(molecule);
        Rings rings = Rings.of(molecule);
        Kekulization.apply(molecule, rings);
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            molecule.explicitValence[atom] = Valence.explicit(molecule, atom);
        }
        molecule.kekuleOrder = Arrays.copyOf(molecule.order, molecule.bondCount);
        Valence.assignRadicals(molecule);
        Aromaticity.assign(molecule, rings);
        Hybridization.assignConjugation(molecule);
        Hybridization.assign(molecule);
        molecule.rings = rings;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            if (molecule.isTetrahedral(atom) && molecule.hybridization[atom] < Hybridization.SP3) {
                molecule.chirality[atom] = 0;
            }
        }
        return rings;
    }
}
