package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.millrace.batch.Split;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.StorageFullException;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records added to a database that exists. */
class SpectraAppendTest {
    private static final int ALL = 90;
    private static final int FIRST = 60;

    @TempDir
    Path folder;

    private SpectraFixture sample;
    private List<String> records;
    private Path second;

    @BeforeEach
    void buildFirstPart() throws IOException {
        sample = SpectraFixture.sample(folder, ALL, 3);
        records = List.of(Files.readString(sample.msp()).split("(?<=\n\n)"));
        assertThat(records).hasSize(ALL);
        write(sample.msp(), 0, FIRST);
        second = write(folder.resolve("second.msp"), FIRST, ALL);
        sample.builder().build();
    }

    private Path write(Path file, int from, int to) throws IOException {
        return Files.writeString(file, String.join("", records.subList(from, to)));
    }

    private SpectraBuilder append(Path msp) {
        return sample.builder().setMsp(msp).optAppend(true);
    }

    private Map<String, String> info() {
        try (Database database = Database.open(sample.database(), Access.READ)) {
            return Schema.info(database);
        }
    }

    @Test
    void append_secondPart_givesTheRowsOfABuildOfBothAndKeepsTheFirst() throws IOException {
        List<String> before = SpectraFixture.contents(sample.database());
        SpectraBuildReport report = append(second).build();
        assertThat(report.upToDate()).isFalse();
        assertThat(report.compounds()).isEqualTo(ALL);
        assertThat(report.spectraPresent()).isEqualTo(ALL);
        assertThat(report.appended().added()).isEqualTo(ALL - FIRST);
        assertThat(report.appended().alreadyStored()).isZero();
        assertThat(Verification.verify(sample.database()).faults()).isEmpty();
        assertThat(SpectraFixture.contents(sample.database()).subList(0, FIRST)).isEqualTo(before);

        Path whole = folder.resolve("whole.db");
        sample.builder()
                .setMsp(write(folder.resolve("both.msp"), 0, ALL))
                .setDatabase(whole)
                .build();
        for (String rows : List.of(
                "SELECT * FROM compounds ORDER BY id",
                "SELECT compound_id, row_crc, hex(mz_values) FROM spectra ORDER BY 1",
                "SELECT compound_id, row_crc FROM graph_features ORDER BY 1",
                "SELECT compound_id, smiles, mol_block FROM mol_structures ORDER BY 1",
                "SELECT row_count, digest FROM manifest WHERE split = '' AND table_name <> 'dataset_splits' ORDER BY 1, 2",
                "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1")) {
            assertThat(SpectraFixture.rows(sample.database(), rows))
                    .as(rows)
                    .isEqualTo(SpectraFixture.rows(whole, rows));
        }
        // Shares hold for all together, and no group is in two splits.
        assertThat(report.splits().get("train")).isBetween(70L, 74L);
        assertThat(report.splits().values().stream().mapToLong(n -> n).sum()).isEqualTo(ALL);
        assertThat(SpectraFixture.rows(
                        sample.database(),
                        "SELECT group_key FROM dataset_splits GROUP BY 1 HAVING count(DISTINCT split) > 1"))
                .isEmpty();
        assertThat(info())
                .containsEntry("appends", "1")
                .containsEntry("append_1_source", "second.msp")
                .containsEntry("append_1_added", "30")
                .containsEntry("compounds", "90")
                .containsKeys("append_0_fingerprint", "append_1_source_sha256", "append_1_appended_at");
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
    }

    @Test
    void append_inputThatTheFileHas_isUpToDateAndWritesNothing() throws IOException {
        append(second).build();
        byte[] file = Files.readAllBytes(sample.database());
        assertThat(append(second).build().upToDate()).isTrue();
        assertThat(append(sample.msp()).build().upToDate()).isTrue();
        // Another file of the same records: nothing of it is new.
        SpectraBuildReport report =
                append(write(folder.resolve("some.msp"), 10, 70)).build();
        assertThat(report.upToDate()).isTrue();
        assertThat(report.appended().alreadyStored()).isEqualTo(60);
        assertThat(report.appended().added()).isZero();
        assertThat(Files.readAllBytes(sample.database())).isEqualTo(file);
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
        // What a build of one input would give is something else.
        assertThatThrownBy(() -> sample.builder().build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("it holds more than this input: second.msp was appended")
                .hasMessageContaining("--append");
    }

    @Test
    void append_overlapAndOtherRecordOfAStoredId_skipsTheFirstAndRejectsTheSecond() throws IOException {
        String other = records.get(5).replaceFirst("Name: .*", "Name: somebody else");
        String withoutId =
                records.get(80).replaceFirst("ID: .*\n", "") + records.get(81).replaceFirst("ID: .*\n", "");
        Path mixed =
                Files.writeString(folder.resolve("mixed.msp"), records.get(50) + other + withoutId + records.get(70));
        Path rejects = folder.resolve("rejects.tsv");
        SpectraBuildReport report =
                append(mixed).optMaxRejects(0.5).optRejects(rejects).build();
        assertThat(report.appended())
                .extracting(
                        SpectraBuildReport.Appended::records,
                        SpectraBuildReport.Appended::added,
                        SpectraBuildReport.Appended::alreadyStored,
                        SpectraBuildReport.Appended::rejected)
                .containsExactly(5L, 3L, 1L, 1L);
        assertThat(report.rejects()).containsEntry("duplicate_id", 1L);
        assertThat(Files.readString(rejects)).contains("\t6\tduplicate_id\texpected an ID that the database has not");
        // Records without an ID are told by what they hold.
        Path again = Files.writeString(folder.resolve("again.msp"), withoutId + records.get(72));
        assertThat(append(again).optMaxRejects(0.5).build().appended())
                .extracting(SpectraBuildReport.Appended::added, SpectraBuildReport.Appended::alreadyStored)
                .containsExactly(1L, 2L);
        assertThat(SpectraFixture.rows(sample.database(), "SELECT max(id), count(*), count(source_id) FROM compounds"))
                .containsExactly("64|64|62");
        assertThat(Verification.verify(sample.database()).faults()).isEmpty();
        // All rejected, and one reject too many, change nothing.
        Path bad = Files.writeString(folder.resolve("bad.msp"), other);
        assertThatThrownBy(() -> append(bad).optMaxRejects(1).build()).isInstanceOf(RejectedInputException.class);
        assertThat(info()).containsEntry("appends", "2").containsEntry("compounds", "64");
    }

    @Test
    void append_otherSettingsThanTheFiles_areRefusedNamingBoth() {
        assertThatThrownBy(() -> append(second)
                        .optFeatureSpec("ogb-9-3")
                        .optSeed(43)
                        .optSplitRatios(new SplitRatios(0.5, 0.25, 0.25))
                        .optSpectrumChange(base -> new SpectrumOptions(
                                500,
                                base.binSize(),
                                base.binning(),
                                base.origin(),
                                base.transform(),
                                base.minIntensity(),
                                base.scale()))
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected feature_spec ogb-9-3, found bitspec-48-6")
                .hasMessageContaining("expected seed 43, found 42")
                .hasMessageContaining("expected split_ratios 0.5,0.25,0.25, found 0.8,0.1,0.1")
                .hasMessageContaining("expected spectrum_max_mz 500.0, found 1000.0")
                .hasMessageNotContaining("spectrum_bin_size");
        assertThatThrownBy(() ->
                        append(second).setDatabase(folder.resolve("none.db")).build())
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.db");
    }

    @Test
    void append_toAFileOfOtherSettings_takesThemOver() throws IOException {
        SpectraBuilder wide = sample.builder()
                .optRebuild(true)
                .optFeatureSpec("ogb-9-3")
                .optSeed(7)
                .optSpectrumChange(base -> new SpectrumOptions(
                        300,
                        0.5,
                        base.binning(),
                        base.origin(),
                        SpectrumOptions.Transform.SQRT,
                        base.minIntensity(),
                        base.scale()));
        wide.build();
        append(second).build();
        assertThat(info())
                .containsEntry("feature_spec", "ogb-9-3")
                .containsEntry("seed", "7")
                .containsEntry("spectrum_bin_size", "0.5");
        assertThat(SpectraFixture.rows(
                        sample.database(),
                        "SELECT DISTINCT seed, length(normalized_spectrum) > 0 FROM dataset_splits"
                                + " JOIN spectra USING (compound_id)"))
                .containsExactly("7|1");
        assertThat(Verification.verify(sample.database()).faults()).isEmpty();
    }

    @Test
    void append_compoundOfAKnownStructure_joinsItsSplit() throws IOException {
        List<String> before = SpectraFixture.contents(sample.database());
        StringBuilder twins = new StringBuilder();
        for (int n = 1; n <= 20; n++) {
            Files.copy(sample.mol().resolve("ID" + n + ".MOL"), sample.mol().resolve("ID" + (1000 + n) + ".MOL"));
            twins.append(records.get(n - 1).replaceFirst("ID: .*", "ID: " + (1000 + n)));
        }
        append(Files.writeString(folder.resolve("twins.msp"), twins)).build();
        assertThat(SpectraFixture.rows(
                        sample.database(),
                        "SELECT count(*) FROM dataset_splits a JOIN dataset_splits b ON b.compound_id = a.compound_id + "
                                + FIRST
                                + " WHERE a.compound_id <= 20 AND a.split = b.split AND a.group_key = b.group_key"))
                .containsExactly("20");
        assertThat(SpectraFixture.contents(sample.database()).subList(0, FIRST)).isEqualTo(before);
    }

    @Test
    void append_whileADatasetReads_leavesItTheOldFileAndTheNextOneHasAll() throws Exception {
        try (SpectrumDataset old = dataset();
                NDManager manager = NDManager.newBaseManager()) {
            var epoch = old.getData(manager).iterator();
            epoch.next().close();
            append(second).build();
            int batches = 1;
            while (epoch.hasNext()) {
                epoch.next().close();
                batches++;
            }
            assertThat(batches).isEqualTo(FIRST / 10);
        }
        try (SpectrumDataset all = dataset();
                NDManager manager = NDManager.newBaseManager()) {
            long samples = 0;
            for (var batch : all.getData(manager)) {
                samples += batch.getSize();
                batch.close();
            }
            assertThat(samples).isEqualTo(ALL);
        }
    }

    private SpectrumDataset dataset() throws IOException {
        return SpectrumDataset.builder()
                .setDatabase(sample.database())
                .optSplit(Split.ALL)
                .setSampling(10, true)
                .optSeed(1)
                .build();
    }

    @Test
    void append_toADamagedFile_doesNotMakeTheDamageWhatIsExpected() throws IOException {
        try (Database database = Database.open(sample.database(), Access.AMEND)) {
            database.write("damage", connection -> {
                try (var statement = connection.createStatement()) {
                    statement.executeUpdate("UPDATE compounds SET name = 'changed' WHERE id = 3");
                }
            });
        }
        append(second).build();
        assertThat(Verification.verify(sample.database()).faults()).anyMatch(fault -> fault.contains("compounds"));
    }

    @Test
    void append_fileWithATableOfOnesOwn_keepsItsRows() throws IOException {
        try (Database database = Database.open(sample.database(), Access.AMEND)) {
            database.execute(
                    "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)",
                    "INSERT INTO notes VALUES (1, 'a'), (1000, 'b')");
        }
        append(second).build();
        assertThat(SpectraFixture.rows(sample.database(), "SELECT id, note FROM notes"))
                .containsExactly("1|a", "1000|b");
        assertThat(Verification.verify(sample.database()).faults()).isEmpty();
    }

    @Test
    void append_fileChangedMeanwhile_isRefusedAndTheChangeStays() {
        List<Throwable> failures = new ArrayList<>();
        assertThatThrownBy(() -> append(second)
                        .optProgress(state -> {
                            if (state.phase().equals("build") && state.finished() && failures.isEmpty()) {
                                failures.add(new IllegalStateException("once"));
                                try (Database database = Database.open(sample.database(), Access.AMEND)) {
                                    Schema.putInfo(database, Map.of("note", "mine"));
                                }
                            }
                        })
                        .build())
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("found it changed by another command");
        assertThat(info()).containsEntry("note", "mine").doesNotContainKey("appends");
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
    }

    @Test
    void append_diskFull_leavesTheOldFile() throws IOException {
        byte[] file = Files.readAllBytes(sample.database());
        long pages = file.length / 4096L + 2;
        assertThatThrownBy(() -> append(second).optMaxPages(pages).build()).isInstanceOf(StorageFullException.class);
        assertThat(Files.readAllBytes(sample.database())).isEqualTo(file);
        assertThat(folder.resolve("spectra.db.partial")).doesNotExist();
    }

    @Test
    void estimate_ofAnyInput_isBelowWhatTheDatabaseTakes() throws IOException {
        // A folder of many molecules counts by the records of the MSP file alone.
        write(sample.msp(), 0, ALL);
        sample.builder().optRebuild(true).optFeatureSpec("ogb-9-3").build();
        long least = SpectraSpace.estimate(sample.msp(), MolFolder.list(sample.mol()), 0);
        assertThat(least).isBetween(Files.size(sample.database()) / 4, Files.size(sample.database()));
        write(sample.msp(), 0, 9);
        assertThat(SpectraSpace.estimate(sample.msp(), MolFolder.list(sample.mol()), 0))
                .isBetween(least / 15, least / 7);
        assertThat(SpectraSpace.estimate(sample.msp(), MolFolder.list(sample.mol()), 3))
                .isBetween(least / 45, least / 20);
    }

    @Test
    void splitIds_afterAppending_areThoseOfTheTable() throws IOException {
        append(second).build();
        try (Database database = Database.open(sample.database(), Access.READ)) {
            for (String split : SplitPlan.NAMES) {
                assertThat(Manifest.ids(database, split))
                        .as(split)
                        .containsExactly(SpectraFixture.rows(
                                        sample.database(),
                                        "SELECT compound_id FROM dataset_splits WHERE split = '" + split
                                                + "' ORDER BY 1")
                                .stream()
                                .mapToLong(Long::parseLong)
                                .toArray());
            }
        }
    }
}
