package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.build.BuildProgress;
import dev.millrace.molecule.Molecule;
import dev.millrace.molecule.MoleculeReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpectraSampleTest {
    @TempDir
    Path folder;

    @Test
    void write_sameSeed_givesTheSameBytesAndALargerCountBeginsAlike() throws Exception {
        SpectraSample.write(folder.resolve("a"), 40, 5, BuildProgress.NONE);
        SpectraSample.write(folder.resolve("b"), 60, 5, BuildProgress.NONE);
        SpectraSample.write(folder.resolve("c"), 40, 6, BuildProgress.NONE);
        String a = Files.readString(folder.resolve("a/spectra.msp"));
        assertThat(Files.readString(folder.resolve("b/spectra.msp"))).startsWith(a);
        assertThat(Files.readString(folder.resolve("c/spectra.msp"))).isNotEqualTo(a);
        for (int n = 1; n <= 40; n++) {
            assertThat(folder.resolve("b/mol/ID" + n + ".MOL"))
                    .hasSameTextualContentAs(folder.resolve("a/mol/ID" + n + ".MOL"));
        }
    }

    @Test
    void write_everyRecord_isReadableSaysItIsSyntheticAndFitsItsMolecule() throws Exception {
        SpectraSample.write(folder, 300, 1, BuildProgress.NONE);
        assertThat(Files.readString(folder.resolve("spectra.msp")).split("SYNTHETIC", -1))
                .hasSize(301);
        Set<String> formulas = new HashSet<>();
        try (MspReader reader = MspReader.open(folder.resolve("spectra.msp"))) {
            for (MspEntry entry = reader.next(); entry != null; entry = reader.next()) {
                MspRecord record = (MspRecord) entry;
                Molecule molecule = MoleculeReader.mol(
                        Files.readString(folder.resolve("mol/ID" + record.sourceId() + ".MOL")), true);
                assertThat(molecule.formula()).isEqualTo(record.formula());
                assertThat(molecule.atomCount()).isBetween(8, 34);
                assertThat(record.peaks().baseIntensity()).isEqualTo(999);
                assertThat(record.peaks().size()).isGreaterThan(2);
                assertThat(record.inchiKey()).isNull();
                double heaviest = record.peaks().massToCharge(record.peaks().size() - 1);
                assertThat(heaviest).isLessThan(record.exactMass() + 4);
                formulas.add(String.valueOf(record.formula()));
            }
            assertThat(reader.records()).isEqualTo(300);
        }
        assertThat(formulas).hasSizeGreaterThan(200);
    }

    @Test
    void write_countBelowOne_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpectraSample.write(folder, 0, 1, BuildProgress.NONE))
                .withMessageContaining("count ≥ 1");
    }
}
