package dev.millrace.molecule;

import java.util.BitSet;

/**
 * A folded circular fingerprint (CDK's ECFP4, 1024 bits) for nearest-neighbour search. Immutable, thread-safe.
 *
 * <p>Cost of a comparison: 16 words.
 */
public final class Fingerprint {
    /** Bits of a fingerprint. */
    public static final int BITS = CdkBridge.FINGERPRINT_BITS;

    private static final int WORDS = BITS / Long.SIZE;

    /* To be raised when molecules are read otherwise than before, so that some have another fingerprint. */
    private static final int READING = 1;

    private final long[] words;
    private final int count;

    private Fingerprint(long[] words) {
        this.words = words;
        int bits = 0;
        for (long word : words) {
            bits += Long.bitCount(word);
        }
        this.count = bits;
    }

    /**
     * Computes the fingerprint of a molecule.
     *
     * @throws MoleculeFormatException if CDK cannot handle it
     */
    public static Fingerprint of(Molecule molecule) throws MoleculeFormatException {
        BitSet bits = CdkBridge.fingerprint(molecule);
        long[] words = new long[WORDS];
        long[] set = bits.toLongArray();
        System.arraycopy(set, 0, words, 0, Math.min(set.length, WORDS));
        return new Fingerprint(words);
    }

    /** Names this kind of fingerprint and what computes it. The same molecule has the same bits as long as this is the same. */
    public static String kind() {
        return "ecfp4-" + BITS + "-" + READING + " cdk-" + CdkBridge.version();
    }

    /** The 1024 bits, 64 to a word: bit i is bit i % 64, from the lowest, of word i / 64. A copy. */
    public long[] words() {
        return words.clone();
    }

    /** Number of bits set. */
    public int cardinality() {
        return count;
    }

    /** Tanimoto similarity: common bits over bits in either, 0 to 1; two empty fingerprints are equal (1). */
    public double similarity(Fingerprint other) {
        int common = 0;
        for (int i = 0; i < WORDS; i++) {
            common += Long.bitCount(words[i] & other.words[i]);
        }
        int either = count + other.count - common;
        return either == 0 ? 1 : (double) common / either;
    }
}
