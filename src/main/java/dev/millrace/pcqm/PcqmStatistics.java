package dev.millrace.pcqm;

/**
 * The numbers of {@code dataset_stats} that training needs: mean and standard deviation of the HOMO-LUMO gap over the labelled
 * molecules of the training split. Immutable.
 *
 * <pre>
 *   dataset_stats: molecules, molecules_SPLIT and labelled_SPLIT of every split; homo_lumo_gap_mean, _std (population), _min,
 *   _max over the labelled training split, in eV; num_atoms_mean, _max; num_edges_mean, _max (directed)
 *   further targets: NAME_mean, _std, _min, _max
 * </pre>
 *
 * @param mean in eV
 * @param standardDeviation in eV, 1 where there is no spread
 */
public record PcqmStatistics(double mean, double standardDeviation) {
    /** A deviation of 0, of labels that are all alike, becomes 1: it is divided by. */
    public PcqmStatistics {
        standardDeviation = standardDeviation > 0 ? standardDeviation : 1;
    }
}
