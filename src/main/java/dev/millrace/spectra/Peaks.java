package dev.millrace.spectra;

import java.util.Arrays;

/** The peaks of one spectrum in the order of their file: m/z ≥ 0 and intensity ≥ 0, both finite. Immutable. */
public final class Peaks {
    private final double[] massToCharge;
    private final double[] intensities;

    private Peaks(double[] massToCharge, double[] intensities) {
        this.massToCharge = massToCharge;
        this.intensities = intensities;
    }

    /**
     * Copies peaks.
     *
     * @throws IllegalArgumentException if the lengths differ or a value is negative or not finite
     */
    public static Peaks of(double[] massToCharge, double[] intensities) {
        if (massToCharge.length != intensities.length) {
            throw new IllegalArgumentException("Expected as many intensities as m/z values (" + massToCharge.length
                    + "), found " + intensities.length + ".");
        }
        for (int i = 0; i < massToCharge.length; i++) {
            if (!valid(massToCharge[i]) || !valid(intensities[i])) {
                throw new IllegalArgumentException("Expected finite values ≥ 0, found peak " + massToCharge[i] + " "
                        + intensities[i] + " at position " + i + ".");
            }
        }
        return new Peaks(massToCharge.clone(), intensities.clone());
    }

    static boolean valid(double value) {
        return value >= 0 && value <= Double.MAX_VALUE;
    }

    /** Number of peaks. */
    public int size() {
        return massToCharge.length;
    }

    /** m/z of a peak. */
    public double massToCharge(int position) {
        return massToCharge[position];
    }

    /** Intensity of a peak, in the unit of its file. */
    public double intensity(int position) {
        return intensities[position];
    }

    /** The largest intensity; 0 without peaks. */
    public double baseIntensity() {
        return Arrays.stream(intensities).max().orElse(0);
    }

    /** A copy of all m/z values. */
    public double[] massesToCharge() {
        return massToCharge.clone();
    }

    /** A copy of all intensities. */
    public double[] intensities() {
        return intensities.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Peaks peaks
                && Arrays.equals(massToCharge, peaks.massToCharge)
                && Arrays.equals(intensities, peaks.intensities);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(massToCharge) + Arrays.hashCode(intensities);
    }

    @Override
    public String toString() {
        return size() + " peaks";
    }
}
