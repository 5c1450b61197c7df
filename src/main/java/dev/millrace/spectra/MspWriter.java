package dev.millrace.spectra;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes predicted spectra as MSP: {@code NAME, SMILES, INCHIKEY, COMMENT, NUM PEAKS}, then the strongest peaks by ascending
 * m/z with the base peak at 999. One thread at a time; who opens it closes it.
 */
public final class MspWriter implements Closeable {
    /** Peaks written of a predicted spectrum. */
    public static final int DEFAULT_PEAKS = 20;

    /** Share of the base peak below which a peak is left out. */
    public static final double DEFAULT_THRESHOLD = 0.05;

    private static final double BASE = 999;

    private final BufferedWriter out;

    private MspWriter(BufferedWriter out) {
        this.out = out;
    }

    /** Starts a file; an existing one is replaced. */
    public static MspWriter open(Path file) throws IOException {
        return new MspWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
    }

    /**
     * The strongest peaks of a vector, with the m/z that their bins stand for.
     *
     * @param vector one value per bin, in the order of {@code options}
     * @param most number of peaks
     * @param threshold share of the base peak, 0 … 1
     * @return by ascending m/z, the base peak 999; of equal values the one with the smaller m/z is taken first
     */
    public static Peaks strongest(float[] vector, SpectrumOptions options, int most, double threshold) {
        List<Integer> bins = new ArrayList<>();
        float base = 0;
        for (float value : vector) {
            base = Math.max(base, value);
        }
        for (int bin = 0; bin < vector.length; bin++) {
            if (vector[bin] > 0 && vector[bin] >= threshold * base) {
                bins.add(bin);
            }
        }
        bins.sort((one, other) -> Float.compare(vector[other], vector[one]));
        List<Integer> kept =
                bins.subList(0, Math.min(most, bins.size())).stream().sorted().toList();
        double[] masses = new double[kept.size()];
        double[] intensities = new double[kept.size()];
        for (int i = 0; i < masses.length; i++) {
            masses[i] = (kept.get(i) + options.origin()) * options.binSize();
            intensities[i] = Math.rint(100 * BASE * vector[kept.get(i)] / base) / 100;
        }
        return Peaks.of(masses, intensities);
    }

    /** Writes one record; text is put on one line. */
    public void write(
            String name, @Nullable String smiles, @Nullable String inchiKey, @Nullable String comment, Peaks peaks)
            throws IOException {
        field("NAME", name);
        field("SMILES", smiles);
        field("INCHIKEY", inchiKey);
        field("COMMENT", comment);
        out.write("NUM PEAKS: " + peaks.size() + "\n");
        for (int i = 0; i < peaks.size(); i++) {
            out.write(number(peaks.massToCharge(i)) + " " + number(peaks.intensity(i)) + "\n");
        }
        out.write("\n");
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void field(String key, @Nullable String value) throws IOException {
        if (value != null) {
            out.write(key + ": " + value.replaceAll("\\p{Cntrl}+", " ").strip() + "\n");
        }
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.4f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
