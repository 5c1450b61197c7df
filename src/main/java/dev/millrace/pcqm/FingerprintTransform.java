package dev.millrace.pcqm;

import dev.millrace.batch.SlotInput;
import dev.millrace.batch.SlotOutput;
import dev.millrace.batch.SlotRows;
import dev.millrace.batch.SlotTransform;
import dev.millrace.molecule.Fingerprint;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import java.util.List;

/**
 * The circular fingerprint, CDK's ECFP4, of the molecule whose SMILES is in the slot's column: {@link #BITS} elements, each 0 or 1.
 *
 * <p>Immutable, thread-safe. Cost: some 150 µs a molecule, so cache it: {@code dev.millrace.kv.CachingTransform}. A SMILES that
 * cannot be read ends the epoch with a message that names its row.
 */
public final class FingerprintTransform implements SlotTransform {
    /** Elements of the array of one sample. */
    public static final int BITS = Fingerprint.BITS;

    private final SlotTransform rows = SlotTransform.perRow(Fingerprint.kind(), FingerprintTransform::put);

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }

    @Override
    public List<byte[]> apply(SlotRows batch) {
        return rows.apply(batch);
    }

    private static void put(SlotInput row, SlotOutput out) {
        long[] words;
        try {
            words = Fingerprint.of(MoleculeReader.smiles(row.text(0))).words();
        } catch (MoleculeFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        for (int bit = 0; bit < BITS; bit++) {
            out.put((words[bit / Long.SIZE] >>> (bit % Long.SIZE) & 1) != 0);
        }
    }
}
