package dev.millrace.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The m/z axis of a binned spectrum: bin {@code i} starts at {@code firstMz + i * binSize} Da. Immutable.
 *
 * @param bins number of bins, {@code spectrum_dim}
 * @param binSize width of a bin in Da, {@code mz_bin_size}
 * @param firstMz m/z of bin 0, 0 or 1 in the usual layouts
 */
public record SpectrumAxis(int bins, double binSize, double firstMz) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public SpectrumAxis {
        List<String> faults = new ArrayList<>();
        if (bins < 1 || bins > 10_000_000) {
            faults.add("spectrum_dim must be 1..10000000, found " + bins);
        }
        if (!(binSize > 0 && Double.isFinite(binSize))) {
            faults.add("mz_bin_size must be above 0, found " + binSize);
        }
        if (!(firstMz >= 0 && Double.isFinite(firstMz))) {
            faults.add("first m/z must be at least 0, found " + firstMz);
        }
        GraphEncoderConfig.refuse("the spectrum axis", faults);
    }

    /** 1000 bins of 1 Da from 0. */
    public static SpectrumAxis unitMass() {
        return new SpectrumAxis(1000, 1, 0);
    }

    /** Where bin {@code bin} starts, in Da. */
    public double mz(int bin) {
        return firstMz + bin * binSize;
    }

    /** The bin that an m/z falls into, −1 outside the axis. */
    int bin(double mz) {
        double bin = Math.floor((mz - firstMz) / binSize);
        return bin >= 0 && bin < bins ? (int) bin : -1;
    }
}
