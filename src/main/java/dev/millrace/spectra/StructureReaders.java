package dev.millrace.spectra;

import dev.millrace.molecule.FeatureSpec;
import dev.millrace.molecule.Molecule;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import org.jspecify.annotations.Nullable;

/** Makes structure readers of the feature specifications of {@code molecule}. */
final class StructureReaders {
    /**
     * More atoms than a molecule with a spectrum up to any usual m/z has. Unique SMILES are written recursively, so that far
     * larger molecules would exhaust the stack, at a size that differs from machine to machine.
     */
    static final int MOST_ATOMS = 1000;

    private StructureReaders() {}

    /**
     * The reader of a specification.
     *
     * @throws IllegalArgumentException if there is no such specification
     */
    static StructureReader of(String featureSpec) {
        return new Reader(FeatureSpec.named(featureSpec));
    }

    private record Reader(FeatureSpec spec) implements StructureReader {
        @Override
        public String featureSpec() {
            return spec.id();
        }

        @Override
        public Structure ofMolBlock(String molBlock) throws UnusableException {
            try {
                return structure(molBlock, MoleculeReader.mol(molBlock, spec.keepsHydrogens()));
            } catch (MoleculeFormatException e) {
                throw new UnusableException(e.reason(), e.line(), e);
            }
        }

        @Override
        public Structure ofSmiles(String smiles) throws UnusableException {
            try {
                return structure(null, MoleculeReader.smiles(smiles));
            } catch (MoleculeFormatException e) {
                throw new UnusableException(e.reason(), 0, e);
            }
        }

        private Structure structure(@Nullable String molBlock, Molecule molecule)
                throws MoleculeFormatException, UnusableException {
            if (molecule.atomCount() < 1 || molecule.atomCount() > MOST_ATOMS) {
                throw new UnusableException(
                        "expected 1 … " + MOST_ATOMS + " atoms, found " + molecule.atomCount(), 0, null);
            }
            return new Structure(
                    molBlock,
                    spec.featurize(molecule),
                    molecule.atomCount(),
                    molecule.bondCount(),
                    molecule.hasThreeDimensionalCoordinates(),
                    molecule.uniqueSmiles());
        }
    }
}
