package dev.millrace.molecule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Features against those of RDKit 2022.09.3; every mismatch is listed in the failure. */
final class ReferenceTest {
    private static final Path CHEMISTRY = Path.of("../shared/data/chem");
    private static final Path SPECTRA = Path.of("../shared/data/massspec");

    private final ByteArrayOutputStream mismatches = new ByteArrayOutputStream();
    private final PrintStream log = new PrintStream(mismatches, true, StandardCharsets.UTF_8);

    private static Path present(Path file) {
        assumeTrue(Files.exists(file), () -> "reference data is not here: " + file);
        return file;
    }

    private void assertAllExact(ReferenceComparison comparison, int molecules) {
        assertThat(comparison.compared()).isEqualTo(molecules);
        assertThat(comparison.exact())
                .as("%s%n%s", comparison, mismatches.toString(StandardCharsets.UTF_8))
                .isEqualTo(molecules);
    }

    @Test
    void smiles_assembledFromFragments_equalReference() throws IOException {
        try (InputStream references = Objects.requireNonNull(
                ReferenceTest.class.getResourceAsStream("/ogb_reference_own_molecules.jsonl.gz"))) {
            assertAllExact(ReferenceComparison.ofSmiles(references, log), 3_000);
        }
    }

    @Test
    void smiles_publicCollections_equalReference() throws IOException {
        Path references = present(CHEMISTRY.resolve("ogb_reference_first5000.jsonl.gz"));
        assertAllExact(ReferenceComparison.ofSmiles(Files.newInputStream(references), log), 5_000);
    }

    @Test
    void sdf_bothVersions_equalReference() throws IOException {
        Path references = present(CHEMISTRY.resolve("ogb_reference_sdf_first1000.jsonl.gz"));
        for (String version : List.of("v2000", "v3000")) {
            Path sdf = present(CHEMISTRY.resolve("molecules_" + version + ".sdf.gz"));
            assertAllExact(ReferenceComparison.ofSdf(references, sdf, log), 1_000);
        }
    }

    @Test
    void molFolder_explicitHydrogensKept_equalReference() throws IOException {
        Path references = present(SPECTRA.resolve("bitspec48_reference.jsonl.gz"));
        Path folder = present(SPECTRA.resolve("mol/massbank_ei_ccby"));
        assertAllExact(ReferenceComparison.ofMolFolder(references, folder, log), 557);
    }

    @Test
    void sdf_v2000AndV3000OfOneMolecule_giveEqualFeatures() throws Exception {
        List<String> fixed = ReferenceComparison.records(present(CHEMISTRY.resolve("molecules_v2000.sdf.gz")));
        List<String> extended = ReferenceComparison.records(present(CHEMISTRY.resolve("molecules_v3000.sdf.gz")));
        assertThat(fixed).hasSameSizeAs(extended).hasSize(2_181);
        for (FeatureSpec spec : FeatureSpec.values()) {
            for (int i = 0; i < fixed.size(); i++) {
                Molecule a = MoleculeReader.mol(fixed.get(i), spec.keepsHydrogens());
                Molecule b = MoleculeReader.mol(extended.get(i), spec.keepsHydrogens());
                assertThat(spec.nodeFeatures(a)).as("record %d", i + 1).isEqualTo(spec.nodeFeatures(b));
                assertThat(spec.edgeFeatures(a)).as("record %d", i + 1).isEqualTo(spec.edgeFeatures(b));
            }
        }
    }

    @Test
    void smiles_wholePublicList_isFeaturized() throws Exception {
        Path list = present(CHEMISTRY.resolve("smiles20k.smi"));
        int refused = 0;
        for (String smiles : Files.readAllLines(list)) {
            try {
                FeatureSpec.OGB_9_3.featurize(MoleculeReader.smiles(smiles));
            } catch (MoleculeFormatException refusal) {
                refused++;
            }
        }
        assertThat(refused).isLessThanOrEqualTo(1);
    }
}
