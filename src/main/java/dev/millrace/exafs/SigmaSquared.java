package dev.millrace.exafs;

import java.util.List;

/** Models of σ², the mean square displacement of a path, Å². Stateless. */
public final class SigmaSquared {
    /** ħ²/(k_B·u) in K·u·Å² (CODATA 2018). */
    private static final double SCALE = 48.50873412148996;

    private static final double BOHR = 0.529177210903;
    private static final double LEAST = 1e-5;
    /** Intervals of Simpson's rule; the integrand is smooth and turns a few times only. */
    private static final int INTERVALS = 400;

    private SigmaSquared() {}

    /**
     * The Einstein model: ħ²/(2μ k_B Θ) · coth(Θ/2T).
     *
     * @param temperature T, K
     * @param einsteinTemperature Θ, K
     * @param reducedMass μ, atomic mass units; see {@link PathGeometry#reducedMass}
     */
    public static double einstein(double temperature, double einsteinTemperature, double reducedMass) {
        requirePositive("reduced mass", reducedMass);
        double t = least("temperature", temperature);
        double theta = least("Einstein temperature", einsteinTemperature);
        return SCALE / 2 / (theta * reducedMass * StrictMath.tanh(theta / (2 * t)));
    }

    /**
     * The correlated Debye model, as FEFF's card DEBYE has it: the atoms of the path move as in a Debye solid of the path's Norman
     * radius.
     *
     * @param temperature T, K
     * @param debyeTemperature Θ, K
     */
    public static double debye(double temperature, double debyeTemperature, FeffPath path) {
        requirePositive("Norman radius", path.normanRadius());
        double t = least("temperature", temperature);
        double theta = least("Debye temperature", debyeTemperature);
        double waveNumber = StrictMath.cbrt(9 * Math.PI / 2) / (path.normanRadius() * BOHR);
        List<PathAtom> atoms = path.atoms();
        int n = atoms.size();
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                PathAtom fromI = atoms.get(i);
                PathAtom toI = atoms.get((i + 1) % n);
                PathAtom fromJ = atoms.get(j);
                PathAtom toJ = atoms.get((j + 1) % n);
                double correlation = correlation(toI, toJ, waveNumber, t, theta)
                        + correlation(fromI, fromJ, waveNumber, t, theta)
                        - correlation(toI, fromJ, waveNumber, t, theta)
                        - correlation(fromI, toJ, waveNumber, t, theta);
                sum += (i == j ? 1 : 2) * correlation * cosine(fromI, toI, fromJ, toJ);
            }
        }
        return sum / 4;
    }

    /** Of the displacements of two atoms along one direction: 3ħ²/(2 k_B Θ √(m·m′)) ∫₀¹ sin(wx)/x · coth(wΘ/2T) dw. */
    private static double correlation(PathAtom one, PathAtom other, double waveNumber, double t, double theta) {
        double x = waveNumber * one.distance(other);
        double sum = 0;
        for (int i = 0; i <= INTERVALS; i++) {
            double w = (double) i / INTERVALS;
            int weight = i == 0 || i == INTERVALS ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * integrand(w, x, theta / (2 * t));
        }
        double mass = Math.sqrt(Elements.weight(one.atomicNumber()) * Elements.weight(other.atomicNumber()));
        return 1.5 * SCALE / (theta * mass) * sum / (3 * INTERVALS);
    }

    private static double integrand(double w, double x, double half) {
        // Both factors as w times their limits near zero.
        double wave = w * x < 1e-4 ? 1 : StrictMath.sin(w * x) / (w * x);
        double occupation = w * half < 1e-8 ? 1 / half : w / StrictMath.tanh(w * half);
        return wave * occupation;
    }

    private static double cosine(PathAtom fromI, PathAtom toI, PathAtom fromJ, PathAtom toJ) {
        double dot = (toI.x() - fromI.x()) * (toJ.x() - fromJ.x())
                + (toI.y() - fromI.y()) * (toJ.y() - fromJ.y())
                + (toI.z() - fromI.z()) * (toJ.z() - fromJ.z());
        double lengths = fromI.distance(toI) * fromJ.distance(toJ);
        return lengths == 0 ? 0 : dot / lengths;
    }

    private static double least(String name, double value) {
        if (!(value >= 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException("σ²: expected a " + name + " of 0 K or more, found " + value + ".");
        }
        return Math.max(value, LEAST);
    }

    private static void requirePositive(String name, double value) {
        if (!(value > 0) || !Double.isFinite(value)) {
            throw new IllegalArgumentException("σ²: expected a " + name + " above 0, found " + value + ".");
        }
    }
}
