package dev.millrace.exafs;

/**
 * The seven columns of a feffNNNN.dat file, one value per row of its own k grid. Immutable by agreement: arrays are not copied.
 *
 * @param k in Å⁻¹, strictly increasing, at least four values
 * @param realPhase real part of twice the central atom's phase shift, rad
 * @param magnitude |f_eff|, Å
 * @param phase phase of f_eff, rad
 * @param reduction the amplitude reduction factor
 * @param meanFreePath λ, Å
 * @param realMomentum real part of the complex momentum p, Å⁻¹
 */
public record FeffArrays(
        double[] k,
        double[] realPhase,
        double[] magnitude,
        double[] phase,
        double[] reduction,
        double[] meanFreePath,
        double[] realMomentum) {
    /** Rows. */
    public int size() {
        return k.length;
    }
}
