package dev.millrace.spectra;

import dev.millrace.build.BuildProgress;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes synthetic inputs of any size: {@code DIR/spectra.msp} and {@code DIR/mol/ID<n>.MOL}, n from 1. Molecules have valid
 * valences but need not exist; spectra follow a simple fragmentation rule, so that a model can learn them. Every record says
 * in its comment that it is synthetic. Records carry no InChIKey, because none is computed.
 *
 * <p>The same seed gives the same bytes; a larger count begins with the records of a smaller one. One thread at a time per
 * folder. Cost: about 0.1 ms and one small file per compound; memory: constant.
 */
public final class SpectraSample {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private SpectraSample() {}

    /**
     * Writes {@code count} compounds; existing files of the same names are replaced.
     *
     * @throws IllegalArgumentException if {@code count} is below 1
     */
    public static void write(Path folder, int count, long seed, BuildProgress progress) throws IOException {
        if (count < 1) {
            throw new IllegalArgumentException("Expected a count ≥ 1, found " + count + ".");
        }
        Path molFolder = Files.createDirectories(folder.resolve("mol"));
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "sample", count);
        try (BufferedWriter msp = Files.newBufferedWriter(folder.resolve("spectra.msp"), StandardCharsets.UTF_8)) {
            for (int n = 1; n <= count; n++) {
                SplittableRandom random = new SplittableRandom(seed * GOLDEN + n);
                SyntheticMolecule molecule = SyntheticMolecule.random(random);
                String name = "Synthetic compound " + n;
                Files.writeString(molFolder.resolve("ID" + n + ".MOL"), molecule.molBlock(name));
                msp.write(record(n, name, molecule, SyntheticSpectrum.of(molecule, random), seed));
                meter.advanceTo(n);
            }
        }
        meter.finish();
    }

    private static String record(int n, String name, SyntheticMolecule molecule, Peaks peaks, long seed) {
        StringBuilder text = new StringBuilder(256 + 12 * peaks.size());
        text.append("Name: ").append(name).append('\n');
        text.append("Formula: ").append(molecule.formula()).append('\n');
        text.append("MW: ")
                .append(Math.round(molecule.weight() * 1000) / 1000.0)
                .append('\n');
        text.append("ExactMass: ")
                .append(Math.round(molecule.mass(molecule.all()) * 1e6) / 1e6)
                .append('\n');
        text.append("ID: ").append(n).append('\n');
        text.append("Comments: SYNTHETIC, not a measurement: made by 'millrace sample spectra', seed ")
                .append(seed)
                .append('\n');
        text.append("Num Peaks: ").append(peaks.size()).append('\n');
        for (int i = 0; i < peaks.size(); i++) {
            text.append(peaks.massToCharge(i))
                    .append(' ')
                    .append((long) peaks.intensity(i))
                    .append('\n');
        }
        return text.append('\n').toString();
    }
}
