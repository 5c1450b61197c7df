package dev.millrace.molecule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.graph.Graph;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SmilesTest {
    private static Molecule read(String smiles) throws MoleculeFormatException {
        return MoleculeReader.smiles(smiles);
    }

    private static byte[] node(String smiles, int atom) throws MoleculeFormatException {
        byte[] all = FeatureSpec.OGB_9_3.nodeFeatures(read(smiles));
        return java.util.Arrays.copyOfRange(all, 9 * atom, 9 * atom + 9);
    }

    private static byte[] edge(String smiles, int bond) throws MoleculeFormatException {
        byte[] all = FeatureSpec.OGB_9_3.edgeFeatures(read(smiles));
        return java.util.Arrays.copyOfRange(all, 6 * bond, 6 * bond + 3);
    }

    @Test
    void featurize_documentedOgbExample_hasItsCodes() throws Exception {
        String smiles = "Cl[C@H](/C=C/C)Br";
        assertThat(node(smiles, 1)).containsExactly(5, 2, 4, 5, 1, 0, 2, 0, 0);
        assertThat(edge(smiles, 2)).containsExactly(1, 2, 0);
    }

    @Test
    void read_nitroWithFiveBonds_isChargeSeparated() throws Exception {
        assertThat(FeatureSpec.OGB_9_3.nodeFeatures(read("CN(=O)=O")))
                .isEqualTo(FeatureSpec.OGB_9_3.nodeFeatures(read("C[N+]([O-])=O")));
    }

    @Test
    void read_explicitHydrogens_areFoldedExceptIsotopesAndMolecularHydrogen() throws Exception {
        assertThat(read("[H]C([H])([H])[H]").atomCount()).isEqualTo(1);
        assertThat(read("[2H]C").atomCount()).isEqualTo(2);
        assertThat(read("[H][H]").atomCount()).isEqualTo(2);
        assertThat(read("[H]/N=C/C").atomCount()).isEqualTo(4);
    }

    @Test
    void read_ringClosures_areLastAndSortedByNumber() throws Exception {
        Molecule molecule = read("C2CC1CCC1C2");
        assertThat(molecule.bondCount()).isEqualTo(8);
        assertThat(new int[] {molecule.begin[6], molecule.end[6], molecule.begin[7], molecule.end[7]})
                .containsExactly(5, 2, 6, 0);
    }

    @Test
    void read_ringClosureWithSymbolAtOpening_startsThere() throws Exception {
        Molecule molecule = read("C=1CCC1");
        assertThat(new int[] {molecule.begin[3], molecule.end[3], molecule.order[3]})
                .containsExactly(0, 3, Molecule.DOUBLE);
    }

    @ParameterizedTest
    @CsvSource({
        "c1ccccc1, 6",
        "C1=CC=CC=C1, 6",
        "c1cc[nH]c1, 5",
        "O=c1cc[nH]cc1, 6",
        "C1=CC=C2C=CC=C2C=C1, 10",
        "C1=CCCCC1, 0",
        "[CH+]1C=CC=CC=C1, 7",
        "C1=CC=CC=CC=C1, 0",
        "O=C1C=CC(=O)C=C1, 0"
    })
    void read_ringSystem_hasRdkitsAromaticAtoms(String smiles, int aromatic) throws Exception {
        Molecule molecule = read(smiles);
        int count = 0;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            count += molecule.aromatic[atom] ? 1 : 0;
        }
        assertThat(count).isEqualTo(aromatic);
    }

    @ParameterizedTest
    @CsvSource({
        "C[C@H](F)Cl, true",
        "C[C@H](C)Cl, false",
        "C[C@](F)(Cl)Br, true",
        "C[N@](F)Cl, false",
        "C[S@](=O)CC, true",
        "O[C@H]1CC[C@@H](O)CC1, true",
        "C[C@H]1CCCCC1, false"
    })
    void read_markedCentre_staysOnlyWhenStereogenic(String smiles, boolean expected) throws Exception {
        Molecule molecule = read(smiles);
        assertThat(molecule.chirality[1] != 0).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"F/C=C/F, 2", "F/C=C\\F, 1", "FC=CF, 0", "C/C=C(/C)C, 0", "C1CC/C=C\\CC1, 0", "C1CCC/C=C/CC1, 2"})
    void read_doubleBond_hasGeometryOnlyWhenPossible(String smiles, int expected) throws Exception {
        Molecule molecule = read(smiles);
        int found = 0;
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            found = Math.max(found, molecule.stereo[bond]);
        }
        assertThat(found).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C%\u0661\u0661CCCC%\u0661\u0661",
                "C%1",
                "C%",
                "C%(1CC%(1)",
                "[\u0662H]",
                "C<",
                "C-",
                "[C",
                "[C@",
                "[C+",
                "["
            })
    void read_brokenText_isRefusedNamingThePlace(String smiles) {
        assertThatThrownBy(() -> read(smiles))
                .isInstanceOf(MoleculeFormatException.class)
                .hasMessageContaining("at character");
    }

    @ParameterizedTest
    @CsvSource({"N->[Pt+2], 0", "[Pt+2]<-N, 1"})
    void read_dativeBond_startsAtTheDonor(String smiles, int donor) throws Exception {
        Molecule molecule = read(smiles);
        assertThat(molecule.order[0]).isEqualTo(Molecule.DATIVE);
        assertThat(molecule.begin[0]).isEqualTo(donor);
    }

    @ParameterizedTest
    @CsvSource({"[CH3], 1", "[CH2], 2", "[O][O], 1", "[Fe+2], 0", "[Cu+2], 1", "[NH4+], 0", "C, 0"})
    void read_bracketAtom_getsRadicals(String smiles, int expected) throws Exception {
        assertThat(read(smiles).radicals[0]).isEqualTo(expected);
    }

    @Test
    void formula_saltWithCharge_isInHillOrder() throws Exception {
        assertThat(read("OC(=O)C(N)CBr").formula()).isEqualTo("C3H6BrNO2");
        assertThat(read("[Na+].[Cl-]").formula()).isEqualTo("ClNa");
        assertThat(read("C[N+](C)(C)C").formula()).isEqualTo("C4H12N+");
    }

    @Test
    void uniqueSmiles_otherAtomOrderKekuleFormAndStereo_isTheSame() throws Exception {
        String expected = read("Cc1ccccc1[C@H](N)C(=O)O").uniqueSmiles();
        assertThat(read("OC(=O)[C@@H](N)C=1C(C)=CC=CC=1").uniqueSmiles()).isEqualTo(expected);
        assertThat(read("C1=CC=C(C)C(=C1)C(N)C(O)=O").uniqueSmiles()).isEqualTo(expected);
        assertThat(read("Cc1ccccc1CC(=O)O").uniqueSmiles()).isNotEqualTo(expected);
    }

    @Test
    void uniqueSmiles_veryLongChain_isWrittenOrRefusedTyped() throws Exception {
        Molecule chain = read("C".repeat(4_990));
        try {
            assertThat(chain.uniqueSmiles()).hasSize(4_990);
        } catch (MoleculeFormatException refusal) {
            assertThat(refusal).hasMessageContaining("unique SMILES");
        }
    }

    @Test
    void fingerprint_similarity_ordersNeighbours() throws Exception {
        Fingerprint toluene = Fingerprint.of(read("Cc1ccccc1"));
        assertThat(toluene.similarity(Fingerprint.of(read("C1=CC=CC=C1C")))).isEqualTo(1);
        double near = toluene.similarity(Fingerprint.of(read("CCc1ccccc1")));
        assertThat(near).isBetween(0.2, 0.99).isGreaterThan(toluene.similarity(Fingerprint.of(read("CCCCCO"))));
    }

    @Test
    void featurize_anySpecification_givesItsWidthsAndBothDirections() throws Exception {
        Molecule molecule = read("OC=O");
        for (FeatureSpec spec : FeatureSpec.values()) {
            Graph graph = spec.featurize(molecule);
            assertThat(graph.nodeCount()).isEqualTo(3);
            assertThat(graph.edgeCount()).isEqualTo(4);
            assertThat(graph.nodeFeatures().dim(1)).isEqualTo(spec.nodeWidth());
            assertThat(graph.edgeFeatures().dim(1)).isEqualTo(spec.edgeWidth());
        }
        assertThat(FeatureSpec.BITSPEC_48_6.featurize(read("[Na+]")).edgeCount())
                .isZero();
    }

    @Test
    void named_unknownSpecification_listsTheKnown() {
        assertThat(FeatureSpec.named("ogb-9-3")).isEqualTo(FeatureSpec.OGB_9_3);
        assertThatThrownBy(() -> FeatureSpec.named("ogb-9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bitspec-48-6");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "(",
                ")",
                "C(",
                "C)",
                "C1",
                "C11",
                "C12CC12",
                "[",
                "[C",
                "[]",
                "[Xx]",
                "C=",
                "=C",
                "C..C",
                "C%1",
                "c1cccc1",
                "c",
                "cc",
                "C(C)(C)(C)(C)C",
                "CN(C)(C)C",
                "Fl",
                "C[C@",
                "[C+999]",
                "[H+2]",
                "ClC(Cl)=Cl=C",
                "n1cccc1",
                "C1CC",
                "C$",
                "Q",
                "[CH5]",
                "\u00e9",
                "C C",
                "[13",
                "%",
                "C(=)C",
                "C()C",
                "O=O=O",
                "FF(F)F"
            })
    void read_notAMolecule_isRefusedWithReason(String smiles) {
        assertThatThrownBy(() -> read(smiles))
                .isInstanceOf(MoleculeFormatException.class)
                .hasMessageMatching("(?s).{15,}");
    }

    @Test
    @Timeout(60)
    void read_hostileText_endsQuicklyAndTyped() {
        String[] hostile = {
            "C".repeat(2_000_000),
            "C(".repeat(100_000),
            "C(".repeat(4_000) + "C" + ")".repeat(4_000),
            "C1".repeat(50_000),
            "C".repeat(4_990),
            "[C@@H](F)".repeat(1_200),
            "C%10".repeat(3_000),
            "[" + "9".repeat(100_000),
            "c1".repeat(1_000) + "ccccc1",
            "*1" + "*".repeat(60) + "1",
            ladder(900),
            "[C@H]".repeat(2_000) + "\\/".repeat(2_000)
        };
        for (String text : hostile) {
            long start = System.nanoTime();
            try {
                FeatureSpec.OGB_9_3.featurize(read(text));
            } catch (MoleculeFormatException refusal) {
                assertThat(refusal).hasMessageMatching("(?s).{15,400}");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as(text.substring(0, Math.min(30, text.length())))
                    .isLessThan(Duration.ofSeconds(20));
        }
    }

    /** A band of fused rings, aromatic in writing. */
    private static String ladder(int rungs) {
        StringBuilder text = new StringBuilder("c%10");
        for (int i = 0; i < rungs; i++) {
            text.append("c%(").append(100 + i).append(")c");
        }
        text.append("c");
        for (int i = rungs - 1; i >= 0; i--) {
            text.append("c%(").append(100 + i).append(")c");
        }
        return text + "c%10";
    }

    @Test
    void read_randomlyChangedText_givesMoleculeOrTypedRefusal() {
        Random random = new Random(20261120);
        String[] seeds = {
            "CC(C)C[C@H](NC(=O)[C@@H]1CCCN1)C(=O)O", "c1ccc2c(c1)[nH]c1ccccc12", "O=[N+]([O-])c1ccc(/C=C/C#N)cc1",
            "[Na+].[O-]S(=O)(=O)c1ccccc1", "C1CC2CCC1C2", "F/C=C/[C@@](Cl)(Br)I"
        };
        String alphabet = "CNOSPFIBcnosp[]()=#@/\\123%.+-H*:$";
        int read = 0;
        for (int i = 0; i < 30_000; i++) {
            StringBuilder text = new StringBuilder(seeds[random.nextInt(seeds.length)]);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    default -> text.deleteCharAt(at);
                }
            }
            try {
                for (FeatureSpec spec : FeatureSpec.values()) {
                    spec.featurize(read(text.toString()));
                }
                read++;
            } catch (MoleculeFormatException refusal) {
                assertThat(refusal.reason()).isNotBlank();
            } catch (RuntimeException fault) {
                throw new AssertionError("untyped failure for " + text, fault);
            }
        }
        assertThat(read).isGreaterThan(1_000);
    }
}
