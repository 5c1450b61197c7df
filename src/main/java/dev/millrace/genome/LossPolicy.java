package dev.millrace.genome;

/**
 * Which tokens a model is to predict: the loss mask is 1 where it is. Options add up; each masks more but {@code endCounts}.
 * Immutable, thread-safe.
 *
 * <p>Never predicted, whatever the options: {@code <BOS>}, {@code <SEP>}, {@code <PAD>}, a control tag, and bases that have a
 * number of one of these.
 *
 * @param dnaOnly masks all but A, C, G and T in either case: N, the other IUPAC codes, gaps, {@code @} and {@code #}
 * @param maskLowerCase masks lower-case bases, by which FASTA files mark repeats
 * @param maskPhylogeny masks phylogenetic tags, {@code |d__…;p__…;…;s__…|}, as in the text that Evo 2 was trained on
 * @param endCounts whether {@code <EOS>} is predicted; never in the original
 */
public record LossPolicy(boolean dnaOnly, boolean maskLowerCase, boolean maskPhylogeny, boolean endCounts) {
    /** The original's: every base counts, also N. */
    public static final LossPolicy UPSTREAM = new LossPolicy(false, false, false, false);

    /** A, C, G and T only. */
    public static final LossPolicy DNA_ONLY = new LossPolicy(true, false, false, false);

    /** As Evo 2 was trained: A, C, G and T outside of phylogenetic tags. */
    public static final LossPolicy EVO2 = new LossPolicy(true, false, true, false);

    /** Masks lower-case bases too. */
    public LossPolicy withoutLowerCase() {
        return new LossPolicy(dnaOnly, true, maskPhylogeny, endCounts);
    }

    /** Has {@code <EOS>} predicted too. */
    public LossPolicy withEnd() {
        return new LossPolicy(dnaOnly, maskLowerCase, maskPhylogeny, true);
    }

    /** Whether a base is masked by itself, as it is stored. */
    boolean masks(int base) {
        boolean lower = base >= 'a' && base <= 'z';
        return (maskLowerCase && lower) || (dnaOnly && "ACGT".indexOf(lower ? base - 32 : base) < 0);
    }
}
