package dev.millrace.spectra;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How a spectrum becomes a vector of fixed length. Immutable. Kept in a database's {@code dataset_info}; a database made
 * with other options is refused.
 *
 * <pre>
 *   bins            floor(maxMassToCharge / binSize)
 *   number of a bin floor or round of (m/z / binSize); a quotient within 1e-9 of a multiple of ½ counts as that multiple,
 *                   halves round to the even neighbour
 *   position        number − origin; peaks outside 0 … bins − 1 are left out
 *   value           the largest intensity of the bin
 *                   scale BASE_PEAK: divided by the largest value of all bins
 *                   below minIntensity: 0
 *                   transform: x, √x or ln(1 + x)
 *                   scale BASE_PEAK: divided by the largest again, so that it is 1
 * </pre>
 *
 * The tolerance is there because 0.3 / 0.1 is 2.9999999999999996 in binary: the peak belongs to bin 3. The defaults are
 * those of BitSpec's {@code normalize_spectrum}.
 *
 * @param maxMassToCharge end of the range, exclusive with FLOOR and origin 0
 * @param binSize width of a bin in m/z
 * @param binning which whole number a quotient belongs to
 * @param origin number of the first bin, 0 or 1
 * @param transform applied to every value
 * @param minIntensity values below are 0; relative to the base peak with scale BASE_PEAK, as in the file with RAW
 * @param scale whether the base peak becomes 1
 */
public record SpectrumOptions(
        double maxMassToCharge,
        double binSize,
        Binning binning,
        int origin,
        Transform transform,
        double minIntensity,
        Scale scale) {
    /** Largest number of bins; a mistyped bin size is refused before it fills the memory. */
    public static final int MOST_BINS = 1_000_000;

    private static final double TOLERANCE = 1e-9;

    /** Which whole number a quotient belongs to. */
    public enum Binning {
        FLOOR,
        ROUND
    }

    /** What is applied to every value. */
    public enum Transform {
        NONE,
        SQRT,
        LOG
    }

    /** Whether intensities stay as they are. */
    public enum Scale {
        RAW,
        BASE_PEAK
    }

    public SpectrumOptions {
        require(maxMassToCharge > 0 && maxMassToCharge <= 1e9, "max_mz > 0", maxMassToCharge);
        require(binSize > 0 && binSize <= maxMassToCharge, "mz_bin_size > 0 and ≤ max_mz", binSize);
        require(snapped(maxMassToCharge / binSize) <= MOST_BINS, "at most " + MOST_BINS + " bins", binSize);
        require(origin == 0 || origin == 1, "origin 0 or 1", origin);
        require(minIntensity >= 0 && minIntensity <= Double.MAX_VALUE, "min_intensity ≥ 0", minIntensity);
        require(scale == Scale.RAW || minIntensity <= 1, "min_intensity ≤ 1 of the base peak", minIntensity);
    }

    /** BitSpec's: 1000 bins of 1 m/z from 0, the base peak 1. */
    public static SpectrumOptions defaults() {
        return new SpectrumOptions(1000, 1, Binning.FLOOR, 0, Transform.NONE, 0, Scale.BASE_PEAK);
    }

    /** Length of the vector. */
    public int bins() {
        return (int) Math.floor(snapped(maxMassToCharge / binSize));
    }

    /** Position of a peak in the vector; −1 when it is outside. */
    public int position(double massToCharge) {
        double quotient = snapped(massToCharge / binSize);
        double position = (binning == Binning.FLOOR ? Math.floor(quotient) : Math.rint(quotient)) - origin;
        return position >= 0 && position < bins() ? (int) position : -1;
    }

    /** The vector of a spectrum, float32 [bins]; all 0 when no peak is in range. */
    public float[] vector(Peaks peaks) {
        double[] values = new double[bins()];
        for (int i = 0; i < peaks.size(); i++) {
            int position = position(peaks.massToCharge(i));
            if (position >= 0) {
                values[position] = Math.max(values[position], peaks.intensity(i));
            }
        }
        divideByLargest(values);
        for (int i = 0; i < values.length; i++) {
            double kept = values[i] < minIntensity ? 0 : values[i];
            values[i] = switch (transform) {
                case NONE -> kept;
                case SQRT -> Math.sqrt(kept);
                case LOG -> StrictMath.log1p(kept);
            };
        }
        if (transform != Transform.NONE) {
            divideByLargest(values);
        }
        float[] vector = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            vector[i] = (float) Math.min(values[i], Float.MAX_VALUE);
        }
        return vector;
    }

    /** Whether no peak of positive intensity is in range, so that the vector would be all 0. */
    boolean isEmpty(Peaks peaks) {
        for (int i = 0; i < peaks.size(); i++) {
            if (peaks.intensity(i) > 0 && position(peaks.massToCharge(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** The text of {@code dataset_info}, by key. */
    Map<String, String> toInfo() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("spectrum_max_mz", Double.toString(maxMassToCharge));
        info.put("spectrum_bin_size", Double.toString(binSize));
        info.put("spectrum_binning", word(binning));
        info.put("spectrum_origin", Integer.toString(origin));
        info.put("spectrum_transform", word(transform));
        info.put("spectrum_min_intensity", Double.toString(minIntensity));
        info.put("spectrum_scale", word(scale));
        return info;
    }

    /**
     * Reads what {@link #toInfo} wrote.
     *
     * @throws IllegalArgumentException if an entry is missing or no value
     */
    static SpectrumOptions fromInfo(Map<String, String> info) {
        return new SpectrumOptions(
                Double.parseDouble(entry(info, "spectrum_max_mz")),
                Double.parseDouble(entry(info, "spectrum_bin_size")),
                Binning.valueOf(name(entry(info, "spectrum_binning"))),
                Integer.parseInt(entry(info, "spectrum_origin")),
                Transform.valueOf(name(entry(info, "spectrum_transform"))),
                Double.parseDouble(entry(info, "spectrum_min_intensity")),
                Scale.valueOf(name(entry(info, "spectrum_scale"))));
    }

    /** The options as a user writes them. */
    @Override
    public String toString() {
        return "max_mz=" + maxMassToCharge + " mz_bin_size=" + binSize + " binning=" + word(binning) + " origin="
                + origin + " transform=" + word(transform) + " min_intensity=" + minIntensity + " scale=" + word(scale);
    }

    private void divideByLargest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, value);
        }
        if (scale == Scale.BASE_PEAK && largest > 0) {
            for (int i = 0; i < values.length; i++) {
                values[i] /= largest;
            }
        }
    }

    private static double snapped(double quotient) {
        double nearest = Math.rint(2 * quotient) / 2;
        return Math.abs(quotient - nearest) <= TOLERANCE ? nearest : quotient;
    }

    private static String entry(Map<String, String> info, String key) {
        String value = info.get(key);
        if (value == null) {
            throw new IllegalArgumentException("Expected an entry '" + key + "' in dataset_info, found none.");
        }
        return value;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String name(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static void require(boolean holds, String expected, double found) {
        if (!holds) {
            throw new IllegalArgumentException("Spectrum options: expected " + expected + ", found " + found + ".");
        }
    }
}
