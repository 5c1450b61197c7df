package dev.millrace.molecule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MolfileTest {
    private static final String ALANINE = """
            alanine
              test  2D

              6  5  0  0  1  0  0  0  0  0999 V2000
               -1.2990    0.7500    0.0000 C   0  0
                0.0000    0.0000    0.0000 C   0  0
                0.0000   -1.5000    0.0000 N   0  0
                1.2990    0.7500    0.0000 C   0  0
                2.5981   -0.0000    0.0000 O   0  0
                1.2990    2.2500    0.0000 O   0  0
              2  1  1  0
              2  3  1  1
              2  4  1  0
              4  5  1  0
              4  6  2  0
            M  END
            """;

    private static final String EXTENDED = """
            alanine
              test  2D

              0  0  0     0  0            999 V3000
            M  V30 BEGIN CTAB
            M  V30 COUNTS 6 5 0 0 1
            M  V30 BEGIN ATOM
            M  V30 11 C -1.299 0.75 0 0
            M  V30 12 C 0 0 0 0
            M  V30 13 N 0 -1.5 -
            M  V30 0 0
            M  V30 14 C 1.299 0.75 0 0
            M  V30 15 O 2.5981 0 0 0
            M  V30 16 O 1.299 2.25 0 0
            M  V30 END ATOM
            M  V30 BEGIN BOND
            M  V30 1 1 12 11
            M  V30 2 1 12 13 CFG=1
            M  V30 3 1 12 14
            M  V30 4 1 14 15
            M  V30 5 2 14 16
            M  V30 END BOND
            M  V30 END CTAB
            M  END
            """;

    private static Molecule read(String text) throws MoleculeFormatException {
        return MoleculeReader.mol(text, true);
    }

    private static String single(String atomLine, String properties) {
        return "\n  test  2D\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n" + atomLine + "\n" + properties + "M  END\n";
    }

    @Test
    void read_wedge_marksTheCentreAndTurnsWithIt() throws Exception {
        Molecule up = read(ALANINE);
        Molecule down = read(ALANINE.replace("2  3  1  1", "2  3  1  6"));
        Molecule flat = read(ALANINE.replace("2  3  1  1", "2  3  1  0"));
        assertThat(up.chirality[1]).isNotZero().isNotEqualTo(down.chirality[1]);
        assertThat(down.chirality[1]).isNotZero();
        assertThat(flat.chirality[1]).isZero();
        assertThat(up.title()).isEqualTo("alanine");
        assertThat(up.hasThreeDimensionalCoordinates()).isFalse();
    }

    @Test
    void read_extendedFormat_equalsFixedFormat() throws Exception {
        for (FeatureSpec spec : FeatureSpec.values()) {
            assertThat(spec.nodeFeatures(read(EXTENDED))).isEqualTo(spec.nodeFeatures(read(ALANINE)));
            assertThat(spec.edgeFeatures(read(EXTENDED))).isEqualTo(spec.edgeFeatures(read(ALANINE)));
        }
    }

    @Test
    void read_windowsLineEnds_makesNoDifference() throws Exception {
        assertThat(read(ALANINE.replace("\n", "\r\n")).chirality).isEqualTo(read(ALANINE).chirality);
    }

    @Test
    void read_chargeAndRadicalAndIsotopeLines_replaceAtomColumns() throws Exception {
        String atom = "    0.0000    0.0000    0.0000 N   0  3";
        assertThat(read(single(atom, "")).charge[0]).isEqualTo(1);
        assertThat(read(single(atom, "M  CHG  1   1  -1\n")).charge[0]).isEqualTo(-1);
        Molecule radical = read(single(atom, "M  RAD  1   1   2\nM  ISO  1   1  15\n"));
        assertThat(radical.charge[0]).isZero();
        assertThat(radical.radicals[0]).isEqualTo(1);
        assertThat(radical.isotope[0]).isEqualTo(15);
        assertThat(radical.hydrogenCount(0)).isEqualTo(2);
    }

    @Test
    void read_valenceColumn_fixesHydrogens() throws Exception {
        String atom = "    0.0000    0.0000    0.0000 Na  0  0  0  0  0 15";
        assertThat(read(single(atom, "M  CHG  1   1   1\n")).hydrogenCount(0)).isZero();
        String carbon = "    0.0000    0.0000    0.0000 C   0  0  0  0  0  3";
        Molecule methyl = read(single(carbon, ""));
        assertThat(methyl.hydrogenCount(0)).isEqualTo(3);
        assertThat(methyl.radicals[0]).isEqualTo(1);
    }

    @Test
    void read_explicitHydrogens_stayOnlyWhenAskedFor() throws Exception {
        String water = """

                  test  2D

                  2  1  0  0  0  0  0  0  0  0999 V2000
                    0.0000    0.0000    0.0000 O   0  0
                    1.0000    0.0000    0.0000 H   0  0
                  1  2  1  0
                M  END
                """;
        assertThat(MoleculeReader.mol(water, true).atomCount()).isEqualTo(2);
        assertThat(MoleculeReader.mol(water, false).atomCount()).isEqualTo(1);
        assertThat(MoleculeReader.mol(water, false).hydrogenCount(0)).isEqualTo(2);
        assertThat(MoleculeReader.mol(water, true).uniqueSmiles())
                .isEqualTo(MoleculeReader.mol(water, false).uniqueSmiles());
    }

    @Test
    void read_crossedDoubleBond_hasAnyStereoAndDrawnOneItsGeometry() throws Exception {
        String butene = """

                  test  2D

                  4  3  0  0  0  0  0  0  0  0999 V2000
                   -1.2990    0.7500    0.0000 C   0  0
                    0.0000    0.0000    0.0000 C   0  0
                    1.2990    0.7500    0.0000 C   0  0
                    2.5981    0.0000    0.0000 C   0  0
                  1  2  1  0
                  2  3  2  %d
                  3  4  1  0
                M  END
                """;
        assertThat(read(String.format(java.util.Locale.ROOT, butene, 0)).stereo[1])
                .isEqualTo(Molecule.STEREO_E);
        assertThat(read(String.format(java.util.Locale.ROOT, butene, 3)).stereo[1])
                .isEqualTo(Molecule.STEREO_ANY);
        String cis = butene.replace("    2.5981    0.0000", "    1.2990    2.2500")
                .replace("   -1.2990    0.7500", "    0.0000    1.5000");
        assertThat(read(String.format(java.util.Locale.ROOT, cis, 0)).stereo[1]).isEqualTo(Molecule.STEREO_Z);
    }

    @Test
    void read_chiralCentreInSpace_isMarked() throws Exception {
        String text = """

                  test  3D

                  4  3  0  0  0  0  0  0  0  0999 V2000
                    0.0000    0.0000    0.0000 C   0  0
                    1.0000    0.0000   -0.3000 F   0  0
                   -0.5000    0.8660   -0.3000 Cl  0  0
                   -0.5000   -0.8660   -0.3000 Br  0  0
                  1  2  1  0
                  1  3  1  0
                  1  4  1  0
                M  END
                """;
        assertThat(read(text).hasThreeDimensionalCoordinates()).isTrue();
        assertThat(read(text).chirality[0]).isNotZero();
        assertThat(read(text.replace("-0.3000", " 0.3000")).chirality[0])
                .isNotZero()
                .isNotEqualTo(read(text).chirality[0]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n\n",
                "\n\n\nnonsense",
                "\n\n\n  1  0  0 V2000\n",
                "\n\n\n999999  0 V2000\n",
                "\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n",
                "\n\n\n  0  0  0     0  0  999 V3000\nM  END\n",
                "\n\n\n  1  1  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n  1  9  1  0\nM  END",
                "\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 Zz  0  0\nM  END",
                "\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000       NaN    0.0000 C   0  0\nM  END",
                "\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n",
                "\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\nM  CHG  1   7   1\nM  END"
            })
    void read_brokenBlock_isRefusedWithLineAndReason(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(MoleculeFormatException.class)
                .hasMessageMatching("(?s).{15,}\\(line \\d+\\)");
    }

    @Test
    @Timeout(60)
    void read_randomlyChangedBlock_givesMoleculeOrTypedRefusal() {
        Random random = new Random(20261121);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? ALANINE : EXTENDED);
            for (int change = random.nextInt(5); change >= 0; change--) {
                int at = random.nextInt(text.length());
                char c = "0123456789 -.CNOHM\nVE".charAt(random.nextInt(21));
                if (random.nextBoolean()) {
                    text.setCharAt(at, c);
                } else {
                    text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(12)));
                }
            }
            try {
                for (FeatureSpec spec : FeatureSpec.values()) {
                    spec.featurize(MoleculeReader.mol(text.toString(), spec.keepsHydrogens()));
                }
                read++;
            } catch (MoleculeFormatException refusal) {
                assertThat(refusal.reason()).isNotBlank();
            } catch (RuntimeException fault) {
                throw new AssertionError("untyped failure for\n" + text, fault);
            }
        }
        assertThat(read).isGreaterThan(500);
    }

    @Test
    void read_edgeCaseCollection_givesMoleculesOrTypedRefusals() throws IOException {
        Path folder = Path.of("../shared/data/massspec/mol_edge");
        assumeTrue(Files.isDirectory(folder), "reference data is not here");
        int read = 0;
        int refused = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                try (MoleculeSource.Entries entries = new MoleculeSource.SdfFile(file).open()) {
                    for (MoleculeEntry entry = entries.next(); entry != null; entry = entries.next()) {
                        for (FeatureSpec spec : List.of(FeatureSpec.OGB_9_3, FeatureSpec.BITSPEC_48_6)) {
                            try {
                                spec.featurize(entry.read(spec.keepsHydrogens()));
                                read++;
                            } catch (MoleculeFormatException refusal) {
                                assertThat(refusal.source()).isEqualTo(file.toString());
                                assertThat(refusal.line()).isPositive();
                                refused++;
                            }
                        }
                    }
                }
            }
        }
        assertThat(read).isGreaterThan(500);
        assertThat(refused).isBetween(2, 20);
    }
}
