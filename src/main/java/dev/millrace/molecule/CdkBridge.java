package dev.millrace.molecule;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.openscience.cdk.CDK;
import org.openscience.cdk.exception.CDKException;
import org.openscience.cdk.fingerprint.CircularFingerprinter;
import org.openscience.cdk.interfaces.IAtom;
import org.openscience.cdk.interfaces.IAtomContainer;
import org.openscience.cdk.interfaces.IBond;
import org.openscience.cdk.interfaces.IChemObjectBuilder;
import org.openscience.cdk.interfaces.IPseudoAtom;
import org.openscience.cdk.silent.SilentChemObjectBuilder;
import org.openscience.cdk.smiles.SmiFlavor;
import org.openscience.cdk.smiles.SmilesGenerator;

/** What CDK computes for us, from our molecule with our aromaticity. Thread-safe: no shared state. */
final class CdkBridge {
    /** Bits of a folded fingerprint. */
    static final int FINGERPRINT_BITS = 1024;

    private CdkBridge() {}

    /** Terminal hydrogens, of any mass, become counts: a molecule read with and without them gives the same container. */
    private static IAtomContainer container(Molecule molecule) {
        IChemObjectBuilder builder = SilentChemObjectBuilder.getInstance();
        IAtomContainer container = builder.newAtomContainer();
        @Nullable IAtom[] atoms = new IAtom[molecule.atomCount];
        for (int i = 0; i < molecule.atomCount; i++) {
            if (isCounted(molecule, i)) {
                continue;
            }
            IAtom atom = molecule.atomicNumber[i] == 0
                    ? builder.newInstance(IPseudoAtom.class, "*")
                    : builder.newInstance(IAtom.class, Elements.symbol(molecule.atomicNumber[i]));
            int hydrogens = molecule.hydrogenCount(i);
            for (int k = molecule.firstNeighbour[i]; k < molecule.firstNeighbour[i + 1]; k++) {
                hydrogens += isCounted(molecule, molecule.neighbourAtom[k]) ? 1 : 0;
            }
            atom.setImplicitHydrogenCount(hydrogens);
            atom.setFormalCharge(molecule.charge[i]);
            atom.setIsAromatic(molecule.aromatic[i]);
            container.addAtom(atom);
            atoms[i] = container.getAtom(container.getAtomCount() - 1);
        }
        Rings rings = molecule.rings;
        for (int i = 0; i < molecule.bondCount; i++) {
            IAtom begin = atoms[molecule.begin[i]];
            IAtom end = atoms[molecule.end[i]];
            if (begin == null || end == null) {
                continue;
            }
            IBond bond = builder.newInstance(IBond.class, begin, end, order(molecule.kekuleOrder[i]));
            bond.setIsAromatic(molecule.bondAromatic[i]);
            bond.setIsInRing(rings != null && rings.containsBond(i));
            container.addBond(bond);
        }
        return container;
    }

    private static boolean isCounted(Molecule molecule, int atom) {
        return molecule.atomicNumber[atom] == 1
                && molecule.charge[atom] == 0
                && molecule.degree(atom) == 1
                && molecule.atomicNumber[molecule.neighbourAtom[molecule.firstNeighbour[atom]]] > 1;
    }

    private static IBond.Order order(byte order) {
        return switch (order) {
            case Molecule.DOUBLE -> IBond.Order.DOUBLE;
            case Molecule.TRIPLE -> IBond.Order.TRIPLE;
            case Molecule.QUADRUPLE -> IBond.Order.QUADRUPLE;
            default -> IBond.Order.SINGLE;
        };
    }

    /** Unique SMILES without stereo or isotopes: the same text for the same constitution, whatever the atom order. */
    static String uniqueSmiles(Molecule molecule) throws MoleculeFormatException {
        try {
            return new SmilesGenerator(SmiFlavor.Unique | SmiFlavor.UseAromaticSymbols).create(container(molecule));
        } catch (CDKException | RuntimeException | StackOverflowError failed) {
            // CDK walks the molecule recursively: a chain of thousands of atoms exhausts the stack.
            throw refused("unique SMILES", failed);
        }
    }

    /** CDK's own version, such as 2.12. */
    static String version() {
        return CDK.getVersion();
    }

    /** ECFP4 (circular, diameter 4), folded. */
    static BitSet fingerprint(Molecule molecule) throws MoleculeFormatException {
        try {
            return new CircularFingerprinter(CircularFingerprinter.CLASS_ECFP4, FINGERPRINT_BITS)
                    .getBitFingerprint(container(molecule))
                    .asBitSet();
        } catch (CDKException | RuntimeException failed) {
            throw refused("fingerprint", failed);
        }
    }

    private static MoleculeFormatException refused(String what, Throwable cause) {
        MoleculeFormatException refusal =
                new MoleculeFormatException("CDK gives no " + what + " for this molecule: " + cause);
        refusal.initCause(cause);
        return refusal;
    }
}
