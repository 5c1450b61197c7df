package dev.millrace.pcqm;

/** How large a PCQM4Mv2 database becomes at least, judged by the number of its molecules and the length of their text. */
final class PcqmSpace {
    /*
     * Bytes of a molecule with one atom, and for each letter more of its record, the smallest that were measured:
     * docs/decisions/0018. Of a record idx and gap are no SMILES, and what is beyond sixty bytes may be other columns.
     */
    private static final double PER_MOLECULE = 95;
    private static final double PER_LETTER = 8;
    private static final double OTHER_LETTERS = 20;
    private static final double MOST_LETTERS = 60;

    private PcqmSpace() {}

    static long estimate(PcqmPlan plan) {
        long records = plan.scan().records();
        long samples = Long.parseLong(plan.settings().getOrDefault("max_samples", "0"));
        double letters = (double) plan.scan().textBytes() / records;
        double smiles = Math.max(0, Math.min(letters, MOST_LETTERS) - OTHER_LETTERS);
        return (long) ((PER_MOLECULE + PER_LETTER * smiles) * (samples == 0 ? records : Math.min(samples, records)));
    }
}
