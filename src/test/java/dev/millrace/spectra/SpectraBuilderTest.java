package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import dev.millrace.sqlite.StorageFullException;
import dev.millrace.sqlite.Verification;
import dev.millrace.tensor.TensorBlob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpectraBuilderTest {
    @TempDir
    Path folder;

    @Test
    void build_sample_fillsTheFiveTablesAndIsSound() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 120, 3);
        List<BuildProgress.State> states = new ArrayList<>();
        SpectraBuildReport report = sample.builder().optProgress(states::add).build();
        assertThat(report.upToDate()).isFalse();
        assertThat(report.spectraPresent()).isEqualTo(120);
        assertThat(report.spectraRead()).isEqualTo(120);
        assertThat(report.withGraph()).isEqualTo(120);
        assertThat(report.splits().values().stream().mapToLong(n -> n).sum()).isEqualTo(120);
        assertThat(states)
                .filteredOn(BuildProgress.State::finished)
                .extracting(BuildProgress.State::done)
                .contains(120L);
        Verification verified = Verification.verify(sample.database());
        assertThat(verified.faults()).isEmpty();
        assertThat(verified.rows()).containsEntry("spectra", 120L).containsEntry("mol_structures", 120L);
        try (Database database = Database.open(sample.database(), Access.READ)) {
            SpectraSchema.SCHEMA.check(database);
            assertThat(Schema.info(database))
                    .containsEntry("feature_spec", "bitspec-48-6")
                    .containsEntry("seed", "42")
                    .containsEntry("rdkit_rules", "2022.09")
                    .containsEntry("spectrum_bin_size", "1.0")
                    .containsEntry("source_msp", "spectra.msp")
                    .containsEntry("spectra_read", "120")
                    .containsKeys("source_msp_sha256", "source_mol_sha256", "library_version", "codec", "fingerprint");
        }
        assertThat(SpectraFixture.rows(
                        sample.database(), "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"))
                .contains("compounds_inchikey", "compounds_formula", "compounds_mol_weight", "dataset_splits_split");
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
    }

    @Test
    void build_storedPeaks_areThoseOfTheFile() throws IOException {
        SpectraFixture fixture = withMol(SpectraFixture.of(folder, """
                Name: methanol
                ID: 7
                RI: 354
                Num Peaks: 3
                31.0184 999
                32 742.33
                15 122.89
                """), "7");
        fixture.builder().build();
        try (Database database = Database.open(fixture.database(), Access.READ)) {
            byte[][] blobs = database.read("peaks", connection -> {
                try (var statement = connection.prepareStatement(
                                "SELECT mz_values, intensities, normalized_spectrum FROM spectra");
                        var row = statement.executeQuery()) {
                    row.next();
                    return new byte[][] {row.getBytes(1), row.getBytes(2), row.getBytes(3)};
                }
            });
            assertThat(TensorBlob.parse(blobs[0]).toDoubles()).containsExactly(31.0184, 32, 15);
            assertThat(TensorBlob.parse(blobs[1]).toDoubles()).containsExactly(999, 742.33, 122.89);
            float[] vector = TensorBlob.parse(blobs[2]).toFloats();
            assertThat(vector).hasSize(1000);
            assertThat(vector[31]).isEqualTo(1f);
            assertThat(vector[15]).isEqualTo((float) (122.89 / 999));
        }
        assertThat(SpectraFixture.rows(fixture.database(), "SELECT id, source_id, name, ri FROM compounds"))
                .containsExactly("1|7|methanol|354.0");
        assertThat(SpectraFixture.rows(
                        fixture.database(), "SELECT num_atoms, num_bonds, smiles, has_3d_coords FROM mol_structures"))
                .containsExactly("2|1|OC|0");
    }

    @Test
    void build_anyNumberOfThreads_givesTheSameRows() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 700, 11);
        sample.builder().optThreads(1).build();
        List<String> one = SpectraFixture.contents(sample.database());
        assertThat(one).hasSize(700);
        sample.builder().optThreads(5).optRebuild(true).build();
        assertThat(SpectraFixture.contents(sample.database())).isEqualTo(one);
    }

    @Test
    void build_again_isUpToDateUntilInputOrSettingsChange() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 30, 3);
        SpectraBuildReport first = sample.builder().build();
        SpectraBuildReport again =
                sample.builder().optThreads(1).optMaxRejects(0.5).build();
        assertThat(again.upToDate()).isTrue();
        assertThat(again.splits()).isEqualTo(first.splits());
        assertThat(again.compounds()).isEqualTo(30);
        assertThatThrownBy(() -> sample.builder().optSeed(1).build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected seed 1, found 42")
                .hasMessageContaining("--rebuild");
        Files.writeString(sample.mol().resolve("ID5.MOL"), methanol());
        assertThatThrownBy(() -> sample.builder().build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("files changed");
        assertThat(sample.builder().optRebuild(true).build().upToDate()).isFalse();
        assertThat(sample.builder().build().upToDate()).isTrue();
        Files.writeString(sample.database(), "no database");
        assertThatThrownBy(() -> sample.builder().build()).hasMessageContaining("no SQLite database");
    }

    @Test
    void build_foreignDatabaseUnderTheName_isLeftAlone() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 3, 3);
        try (Database other = Database.open(sample.database(), Access.LIVE)) {
            other.execute("CREATE TABLE t (x)");
        }
        assertThatThrownBy(() -> sample.builder().build()).isInstanceOf(SchemaMismatchException.class);
    }

    @Test
    void build_rejects_areCountedListedAndAddUp() throws IOException {
        SpectraFixture fixture = withMol(SpectraFixture.of(folder, """
                Name: good
                ID: 1
                Num Peaks: 1
                31 999

                Name: again
                ID: 1
                Num Peaks: 1
                31 999

                Name: heavy
                ID: 2
                Num Peaks: 1
                1000.5 1

                Name: broken
                ID: 3
                Num Peaks: 2
                31 999

                Name: bad structure
                ID: 4
                Num Peaks: 1
                31 999

                Name: no structure
                Num Peaks: 1
                31 999

                Name: by smiles
                SMILES: CCO
                Num Peaks: 1
                31 999
                """), "1");
        Files.writeString(fixture.mol().resolve("id4.mol"), "\n\n\n  1  0 V2000\nrubbish\nM  END\n");
        Path rejects = folder.resolve("rejects.tsv");
        SpectraBuildReport report =
                fixture.builder().optMaxRejects(0.9).optRejects(rejects).build();
        assertThat(report.spectraPresent()).isEqualTo(7);
        assertThat(report.spectraRead()).isEqualTo(4);
        assertThat(report.spectraRejected()).isEqualTo(3);
        assertThat(report.compounds()).isEqualTo(4);
        assertThat(report.withGraph()).isEqualTo(2);
        assertThat(report.withoutGraph()).isEqualTo(2);
        assertThat(report.badStructures()).isEqualTo(1);
        assertThat(report.rejects())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "duplicate_id",
                        1L,
                        "out_of_range",
                        1L,
                        "peak_count",
                        1L,
                        "bad_structure",
                        1L,
                        "no_structure",
                        1L));
        assertThat(Files.readAllLines(rejects).stream().map(line -> line.replaceAll("\t[^\t]*$", "")))
                .containsExactly(
                        "file\tline\tid\treason",
                        "spectra.msp\t6\t1\tduplicate_id",
                        "spectra.msp\t11\t2\tout_of_range",
                        "spectra.msp\t18\t3\tpeak_count",
                        "id4.mol\t5\t4\tbad_structure",
                        "spectra.msp\t26\t\tno_structure");
        assertThat(
                        SpectraFixture.rows(
                                fixture.database(),
                                "SELECT c.name, d.split IS NULL FROM compounds c LEFT JOIN dataset_splits d ON d.compound_id = c.id"))
                .containsExactly("good|0", "bad structure|1", "no structure|1", "by smiles|0");
        assertThat(Verification.verify(fixture.database()).faults()).isEmpty();
    }

    @Test
    void build_tooManyRejects_publishesNothingButListsThem() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 20, 3);
        Files.writeString(sample.msp(), Files.readString(sample.msp()) + "\nName: x\n\nName: y\n");
        Path rejects = folder.resolve("rejects.tsv");
        assertThatThrownBy(() -> sample.builder().optRejects(rejects).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("expected at most 5.0 % of 22 records, found 2 rejected");
        assertThat(sample.database()).doesNotExist();
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
        assertThat(rejects).content().contains("no_peak_count");
        assertThat(sample.builder().optMaxRejects(0.1).build().spectraRejected())
                .isEqualTo(2);
    }

    @Test
    void build_fileWithoutRecords_saysSo() throws IOException {
        SpectraFixture fixture = SpectraFixture.of(folder, "this is a letter\n\nyours\n");
        assertThatThrownBy(() -> fixture.builder().build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("found none");
    }

    @Test
    void build_gzipOrUtf16_saysWhatToDo() throws IOException {
        SpectraFixture fixture = SpectraFixture.of(folder, "");
        Files.write(fixture.msp(), new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 3});
        assertThatThrownBy(() -> fixture.builder().build()).hasMessageContaining("gzip file. Unpack it first.");
        Files.write(fixture.msp(), "Name: x\nNum Peaks: 1\n1 1\n".getBytes(StandardCharsets.UTF_16));
        assertThatThrownBy(() -> fixture.builder().build()).hasMessageContaining("UTF-16 text. Convert it to UTF-8");
    }

    @Test
    void build_everyRecordRejected_doesNotBlameTheShare() throws IOException {
        SpectraFixture fixture = SpectraFixture.of(folder, "Name: x\nNum Peaks: 1\n1 -1\n");
        assertThatThrownBy(() -> fixture.builder().optMaxRejects(1).build())
                .isInstanceOf(RejectedInputException.class)
                .hasMessageContaining("All of the input was rejected");
    }

    @Test
    void build_maxSamples_takesARandomSubsetThatTheSeedDecides() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 200, 3);
        SpectraBuildReport report = sample.builder().optMaxSamples(50).build();
        assertThat(report.compounds()).isEqualTo(50);
        assertThat(report.spectraRead()).isEqualTo(200);
        List<String> first = SpectraFixture.rows(sample.database(), "SELECT source_id FROM compounds ORDER BY id");
        sample.builder().optMaxSamples(50).optRebuild(true).optThreads(1).build();
        assertThat(SpectraFixture.rows(sample.database(), "SELECT source_id FROM compounds ORDER BY id"))
                .isEqualTo(first);
        sample.builder().optMaxSamples(50).optRebuild(true).optSeed(1).build();
        assertThat(SpectraFixture.rows(sample.database(), "SELECT source_id FROM compounds ORDER BY id"))
                .isNotEqualTo(first);
        assertThat(sample.builder().optMaxSamples(1000).optRebuild(true).build().compounds())
                .isEqualTo(200);
    }

    @Test
    void build_diskFull_saysSoAndLeavesTheOldFile() throws IOException {
        SpectraFixture sample = SpectraFixture.sample(folder, 300, 3);
        sample.builder().build();
        List<String> before = SpectraFixture.contents(sample.database());
        for (int pages : new int[] {12, 40, 100, 200}) {
            assertThatThrownBy(() ->
                            sample.builder().optRebuild(true).optMaxPages(pages).build())
                    .as("pages %d", pages)
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContaining("no space left");
            assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
            assertThat(SpectraFixture.contents(sample.database())).isEqualTo(before);
        }
    }

    @Test
    void build_hostileIds_stayInTheMolFolder() throws IOException {
        String outside = "../secret";
        StringBuilder msp = new StringBuilder();
        List<String> ids = List.of(
                outside,
                "/../../secret",
                "..\\secret",
                "%2e%2e/secret",
                "1'; DROP TABLE compounds; --",
                ":resource:http://127.0.0.1/x",
                "x".repeat(300),
                "\u202Egnp",
                "CON",
                "a?mode=rw#x",
                "link");
        for (String id : ids) {
            msp.append("Name: n\nID: ").append(id).append("\nNum Peaks: 1\n31 999\n\n");
        }
        SpectraFixture fixture = SpectraFixture.of(folder.resolve("in"), msp.toString());
        Files.writeString(folder.resolve("in/IDsecret.MOL"), methanol());
        Files.writeString(folder.resolve("in/secret.mol"), methanol());
        Files.writeString(folder.resolve("secret.MOL"), methanol());
        Files.createSymbolicLink(fixture.mol().resolve("IDlink.MOL"), folder.resolve("secret.MOL"));
        SpectraBuildReport report = fixture.builder().optMaxRejects(1).build();
        assertThat(report.compounds()).isEqualTo(ids.size());
        assertThat(report.withGraph()).isZero();
        assertThat(SpectraFixture.rows(fixture.database(), "SELECT source_id FROM compounds ORDER BY id"))
                .isEqualTo(ids);
    }

    @Test
    void build_hostileStructures_areRejectedOneByOne() throws IOException {
        StringBuilder msp = new StringBuilder();
        List<String> smiles = List.of(
                "C".repeat(4500), "C(".repeat(2000) + "C" + ")".repeat(2000), "C(((", "C1CC", "C".repeat(500_000));
        for (String text : smiles) {
            msp.append("Name: n\nSMILES: ").append(text).append("\nNum Peaks: 1\n31 999\n\n");
        }
        List<String> files = List.of(
                "",
                "\0\0\0",
                "\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n",
                "\n\n\n999999  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n",
                "\n\n\n  0  0  0     0  0              0 V3000\nM  V30 COUNTS 2000000000 0 0 0 0\nM  END\n",
                methanol().replace("  1  2  1  0", "  1  9  1  0"));
        for (int i = 0; i < files.size(); i++) {
            msp.append("Name: n\nID: ").append(i).append("\nNum Peaks: 1\n31 999\n\n");
        }
        msp.append("Name: sound\nSMILES: CO\nNum Peaks: 1\n31 999\n");
        SpectraFixture fixture = SpectraFixture.of(folder, msp.toString());
        for (int i = 0; i < files.size(); i++) {
            Files.writeString(fixture.mol().resolve("ID" + i + ".MOL"), files.get(i));
        }
        SpectraBuildReport report = fixture.builder().optMaxRejects(1).build();
        assertThat(report.compounds()).isEqualTo(smiles.size() + files.size() + 1);
        assertThat(report.withGraph()).isEqualTo(1);
        assertThat(report.badStructures()).isEqualTo(smiles.size() + files.size());
    }

    @Test
    void build_molFileNames_areFoundInAnyCase() throws IOException {
        SpectraFixture fixture = SpectraFixture.of(folder, """
                Name: a
                ID: 1
                Num Peaks: 1
                31 999

                Name: b
                ID: ID2
                Num Peaks: 1
                31 999
                """);
        Files.writeString(fixture.mol().resolve("id1.Mol"), methanol());
        Files.writeString(fixture.mol().resolve("Id2.mol"), methanol());
        assertThat(fixture.builder().build().withGraph()).isEqualTo(2);
    }

    @Test
    void build_missingInput_namesIt() throws IOException {
        SpectraFixture fixture = SpectraFixture.sample(folder, 2, 1);
        assertThatThrownBy(() ->
                        fixture.builder().setMsp(folder.resolve("none.msp")).build())
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.msp");
        assertThatThrownBy(() ->
                        fixture.builder().setMolFolder(folder.resolve("none")).build())
                .isInstanceOf(NoSuchFileException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixture.builder().optFeatureSpec("x").build())
                .withMessageContaining("bitspec-48-6");
    }

    private static SpectraFixture withMol(SpectraFixture fixture, String id) throws IOException {
        Files.writeString(fixture.mol().resolve("ID" + id + ".MOL"), methanol());
        return fixture;
    }

    static String methanol() {
        return """

                  own

                  2  1  0  0  0  0  0  0  0  0999 V2000
                    0.0000    0.0000    0.0000 C   0  0
                    1.4000    0.0000    0.0000 O   0  0
                  1  2  1  0
                M  END
                """;
    }
}
