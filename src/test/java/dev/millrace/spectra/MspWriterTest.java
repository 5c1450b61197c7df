package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MspWriterTest {
    @TempDir
    Path folder;

    @Test
    void write_predictedSpectra_areReadBackByTheReader() throws Exception {
        float[] vector = new float[1000];
        vector[18] = 1f;
        vector[17] = 0.5f;
        vector[16] = 0.01f;
        Peaks peaks = MspWriter.strongest(vector, SpectrumOptions.defaults(), 20, 0.05);
        Path file = folder.resolve("p.msp");
        try (MspWriter writer = MspWriter.open(file)) {
            writer.write("water\nName: injected", "O", null, "predicted", peaks);
            writer.write("empty", null, "XLYOFNOQVPJJNP-UHFFFAOYSA-N", null, peaks);
        }
        assertThat(Files.readString(file)).startsWith("""
                NAME: water Name: injected
                SMILES: O
                COMMENT: predicted
                NUM PEAKS: 2
                17 499.5
                18 999

                NAME: empty
                INCHIKEY: XLYOFNOQVPJJNP-UHFFFAOYSA-N
                """);
        try (MspReader reader = MspReader.open(file)) {
            MspRecord first = (MspRecord) reader.next();
            assertThat(first.name()).isEqualTo("water Name: injected");
            assertThat(first.smiles()).isEqualTo("O");
            assertThat(first.peaks()).isEqualTo(peaks);
            assertThat(reader.next()).isInstanceOf(MspRecord.class);
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void strongest_manyPeaks_keepsTheLargestByAscendingMassToCharge() {
        float[] vector = new float[1000];
        for (int i = 0; i < 1000; i++) {
            vector[i] = (i * 37 % 1000) / 1000f;
        }
        Peaks peaks = MspWriter.strongest(vector, SpectrumOptions.defaults(), 20, 0.05);
        assertThat(peaks.size()).isEqualTo(20);
        assertThat(peaks.massesToCharge()).isSorted();
        for (int i = 0; i < 20; i++) {
            assertThat(vector[(int) peaks.massToCharge(i)]).isGreaterThanOrEqualTo(0.98f);
        }
        assertThat(MspWriter.strongest(new float[1000], SpectrumOptions.defaults(), 20, 0.05)
                        .size())
                .isZero();
    }

    @Test
    void strongest_binsCountedFromOne_haveTheirOwnMassToCharge() {
        SpectrumOptions options = new SpectrumOptions(
                1000,
                1,
                SpectrumOptions.Binning.ROUND,
                1,
                SpectrumOptions.Transform.NONE,
                0,
                SpectrumOptions.Scale.BASE_PEAK);
        float[] vector = options.vector(Peaks.of(new double[] {46}, new double[] {5}));
        assertThat(MspWriter.strongest(vector, options, 5, 0).massToCharge(0)).isEqualTo(46);
    }
}
