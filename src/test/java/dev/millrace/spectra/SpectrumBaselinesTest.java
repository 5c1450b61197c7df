package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.batch.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpectrumBaselinesTest {
    private static final Path DATA = Path.of("../shared/data/massspec");

    @TempDir
    Path folder;

    @Test
    void cosine_knownVectors_isKnown() {
        assertThat(SpectrumBaselines.cosine(new float[] {1, 2}, new float[] {2, 4}))
                .isCloseTo(1, within(1e-12));
        assertThat(SpectrumBaselines.cosine(new float[] {1, 0}, new float[] {0, 1}))
                .isZero();
        assertThat(SpectrumBaselines.cosine(new float[] {1, 0}, new float[] {1, 1}))
                .isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(SpectrumBaselines.cosine(new float[] {0, 0}, new float[] {1, 1}))
                .isZero();
    }

    @Test
    void of_sample_findsThatNeighboursTellMoreThanTheMean() throws Exception {
        SpectraFixture sample = SpectraFixture.sample(folder, 300, 3);
        sample.builder().build();
        SpectrumBaselines all = SpectrumBaselines.of(sample.database(), Split.VALIDATION, Integer.MAX_VALUE);
        assertThat(all.evaluated()).isBetween(25, 35);
        assertThat(all.meanSpectrumCosine()).isBetween(0.05, 0.7);
        assertThat(all.nearestMoleculeCosine()).isBetween(0.05, 0.95);
        assertThat(all.nearestSimilarity()).isBetween(0.1, 0.99);
        assertThat(SpectrumBaselines.of(sample.database(), Split.VALIDATION, 10).evaluated())
                .isEqualTo(10);
        // A training molecule is its own nearest neighbour.
        SpectrumBaselines itself = SpectrumBaselines.of(sample.database(), Split.TRAIN, 50);
        assertThat(itself.nearestSimilarity()).isCloseTo(1, within(1e-9));
        assertThat(itself.nearestMoleculeCosine()).isGreaterThan(0.98);
    }

    @Test
    void of_realSpectra_hasBothFigures() throws Exception {
        Assumptions.assumeTrue(Files.exists(DATA), "no reference data at " + DATA);
        Path database = folder.resolve("massbank.db");
        new SpectraBuilder()
                .setMsp(DATA.resolve("massbank_ei_ccby.msp"))
                .setMolFolder(DATA.resolve("mol/massbank_ei_ccby"))
                .setDatabase(database)
                .build();
        SpectrumBaselines baselines = SpectrumBaselines.of(database, Split.VALIDATION, 1000);
        assertThat(baselines.meanSpectrumCosine()).isBetween(0.1, 0.8);
        assertThat(baselines.nearestMoleculeCosine()).isGreaterThan(baselines.meanSpectrumCosine());
    }
}
