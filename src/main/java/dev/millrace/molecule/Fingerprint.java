package dev.millrace.molecule;

import java.util.BitSet;
import org.openscience.cdk.exception.CDKException;
import org.openscience.cdk.fingerprint.CircularFingerprinter;
import org.openscience.cdk.interfaces.IAtomContainer;
import org.openscience.cdk.silent.SilentChemObjectBuilder;
import org.openscience.cdk.smiles.SmilesParser;

/**
 * Which substructures a molecule has, as bits: CDK's circular fingerprint of diameter 4 (ECFP4), 1024 bits. For telling how
 * alike two molecules are. Immutable, thread-safe.
 */
public final class Fingerprint {
    /** The fingerprint of nothing. */
    public static final Fingerprint EMPTY = new Fingerprint(new BitSet());

    private static final int BITS = 1024;

    private final BitSet bits;

    private Fingerprint(BitSet bits) {
        this.bits = bits;
    }

    /**
     * The fingerprint of a SMILES.
     *
     * @throws MoleculeFormatException if CDK cannot read it
     */
    public static Fingerprint ofSmiles(String smiles) throws MoleculeFormatException {
        try {
            // Neither object may be shared between threads; both are cheap to make.
            IAtomContainer molecule = new SmilesParser(SilentChemObjectBuilder.getInstance()).parseSmiles(smiles);
            return new Fingerprint(new CircularFingerprinter(CircularFingerprinter.CLASS_ECFP4, BITS)
                    .getBitFingerprint(molecule)
                    .asBitSet());
        } catch (CDKException e) {
            throw new MoleculeFormatException("No fingerprint of '" + smiles + "': " + e.getMessage());
        }
    }

    /** Bits that both have, as a share of the bits that either has: 0 … 1. Two empty fingerprints are alike. */
    public double similarity(Fingerprint other) {
        BitSet both = (BitSet) bits.clone();
        both.and(other.bits);
        int common = both.cardinality();
        int either = bits.cardinality() + other.bits.cardinality() - common;
        return either == 0 ? 1 : (double) common / either;
    }
}
