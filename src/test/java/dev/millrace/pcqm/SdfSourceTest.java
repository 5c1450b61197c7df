package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Molecules and gaps of an SD file. */
class SdfSourceTest {
    private static final String ETHENE = """

              Millrace

              2  1  0  0  0  0  0  0  0  0999 V2000
                0.0000    0.0000    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
                1.3000    0.0000    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
              1  2  2  0
            M  END
            """.replaceAll("(?m)^ {2}(?=\\d| {2}\\d)", "  ");
    private static final String METHANE_V3000 = """

              Millrace

              0  0  0     0  0            999 V3000
            M  V30 BEGIN CTAB
            M  V30 COUNTS 1 0 0 0 0
            M  V30 BEGIN ATOM
            M  V30 1 C 0 0 0 0
            M  V30 END ATOM
            M  V30 END CTAB
            M  END
            """;

    @TempDir
    Path folder;

    private Path out;

    @BeforeEach
    void name() {
        out = folder.resolve("pcqm.db");
    }

    @Test
    void build_dataFields_giveGapsInAnyCaseAndRecordNumbersAreIdx() throws IOException {
        Path sdf = write(
                ETHENE + "> 1 <HomoLumoGap> (x)\n 7.5 \n\n>  <SMILES>\nC=C\n\n$$$$\n",
                METHANE_V3000 + "$$$$\n",
                "no molecule\n\n\nat all\nM  END\n$$$$\n",
                METHANE_V3000 + "> <homolumogap>\nhigh\n\n$$$$\n",
                METHANE_V3000 + "> <homolumogap>\nnan\n");

        PcqmBuildReport report = builder(sdf).optMaxRejects(1).build();

        assertThat(report.recordsPresent()).isEqualTo(5);
        assertThat(PcqmFixture.query(out, "SELECT idx, smiles, num_atoms, num_bonds, homo_lumo_gap FROM molecules"))
                .containsExactly("0|C=C|2|1|7.5", "1|null|1|0|null", "4|null|1|0|null");
        assertThat(PcqmFixture.query(out, "SELECT record, idx, reason FROM rejects"))
                .containsExactly("2|2|bad_structure", "3|3|bad_target");
    }

    @Test
    void build_gapsFile_isJoinedByIdx() throws IOException {
        Path sdf = write(ETHENE + "> <homolumogap>\n1\n\n$$$$\n", METHANE_V3000 + "$$$$\n", ETHENE + "$$$$\n");
        Path gaps = PcqmFixture.gzip(
                folder.resolve("gaps.csv.gz"),
                "homolumogap,idx\n2.5,5000\n3.5,0\n4.5,2\n".getBytes(StandardCharsets.UTF_8));

        builder(sdf).optGaps(gaps).build();

        assertThat(PcqmFixture.query(out, "SELECT idx, homo_lumo_gap FROM molecules"))
                .containsExactly("0|3.5", "1|null", "2|4.5");
    }

    @Test
    void build_gapsFileThatIsNone_isRefused() throws IOException {
        Path sdf = write(ETHENE);
        Path gaps = Files.writeString(folder.resolve("gaps.csv"), "idx,homolumogap\n0,high\n");

        assertThatThrownBy(() -> builder(sdf).optGaps(gaps).build())
                .isInstanceOf(dev.millrace.build.RejectedInputException.class)
                .hasMessageContaining("in record 0");
    }

    @Test
    void build_gapsFileWithTwoGapsForOneIdx_isRefused() throws IOException {
        Path sdf = write(ETHENE);
        Path gaps = Files.writeString(folder.resolve("gaps.csv"), "idx,homolumogap\n0,1.5\n0,1.5\n0,2.5\n");

        assertThatThrownBy(() -> builder(sdf).optGaps(gaps).build())
                .isInstanceOf(dev.millrace.build.RejectedInputException.class)
                .hasMessageContaining("found another one for 0 in record 2");
    }

    private Path write(String... records) throws IOException {
        return Files.writeString(folder.resolve("molecules.sdf"), String.join("", records));
    }

    private PcqmBuilder builder(Path sdf) {
        return new PcqmBuilder().setSdf(sdf).setDatabase(out).optThreads(2);
    }
}
