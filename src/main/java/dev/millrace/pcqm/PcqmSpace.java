package dev.millrace.pcqm;

/** How large a PCQM4Mv2 database becomes at least, judged by the number of its molecules. */
final class PcqmSpace {
    /* Bytes a molecule, the least that were measured, see docs/benchmarks. */
    static final long PER_MOLECULE = 150;

    private PcqmSpace() {}

    static long estimate(PcqmPlan plan) {
        long samples = Long.parseLong(plan.settings().getOrDefault("max_samples", "0"));
        long records = plan.scan().records();
        return PER_MOLECULE * (samples == 0 ? records : Math.min(samples, records));
    }
}
