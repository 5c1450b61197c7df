package dev.millrace.molecule;

import java.util.BitSet;
import org.openscience.cdk.exception.CDKException;
import org.openscience.cdk.fingerprint.CircularFingerprinter;
import org.openscience.cdk.interfaces.IAtom;
import org.openscience.cdk.interfaces.IAtomContainer;
import org.openscience.cdk.interfaces.IBond;
import org.openscience.cdk.interfaces.IChemObjectBuilder;
import org.openscience.cdk.silent.SilentChemObjectBuilder;
import org.openscience.cdk.smiles.SmiFlavor;
import org.openscience.cdk.smiles.SmilesGenerator;

/** What CDK computes for us, from our molecule with our aromaticity. Thread-safe: no shared state. */
final class CdkBridge {
    /** Bits of a folded fingerprint. */
    static final int FINGERPRINT_BITS = 1024;

    private CdkBridge() {}

    private static IAtomContainer container(Molecule molecule) {
        IChemObjectBuilder builder = SilentChemObjectBuilder.getInstance();
        IAtomContainer container = builder.newAtomContainer();
        IAtom[] atoms = new IAtom[molecule.atomCount];
        for (int i = 0; i < molecule.atomCount; i++) {
            IAtom atom = molecule.atomicNumber[i] == 0
                    ? builder.newInstance(org.openscience.cdk.interfaces.IPseudoAtom.class, "*")
                    : builder.newInstance(IAtom.class, Elements.symbol(molecule.atomicNumber[i]));
            atom.setImplicitHydrogenCount(molecule.hydrogenCount(i));
            atom.setFormalCharge(molecule.charge[i]);
            atom.setIsAromatic(molecule.aromatic[i]);
            container.addAtom(atom);
            atoms[i] = container.getAtom(i);
        }
        Rings rings = molecule.rings;
        for (int i = 0; i < molecule.bondCount; i++) {
            IBond bond = builder.newInstance(
                    IBond.class, atoms[molecule.begin[i]], atoms[molecule.end[i]], order(molecule.kekuleOrder[i]));
            bond.setIsAromatic(molecule.bondAromatic[i]);
            bond.setIsInRing(rings != null && rings.containsBond(i));
            container.addBond(bond);
        }
        return container;
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
        } catch (CDKException | RuntimeException failed) {
            throw refused("unique SMILES", failed);
        }
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

    private static MoleculeFormatException refused(String what, Exception cause) {
        MoleculeFormatException refusal =
                new MoleculeFormatException("CDK gives no " + what + " for this molecule: " + cause.getMessage());
        refusal.initCause(cause);
        return refusal;
    }
}
