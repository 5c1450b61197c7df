package dev.millrace.spectra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Record;
import dev.millrace.batch.RowReader;
import dev.millrace.batch.SampleChoiceContract;
import dev.millrace.batch.Split;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpectrumDatasetTest {
    private static final Path DATA = Path.of("../shared/data/massspec");

    @TempDir
    static Path shared;

    private static SpectraFixture sample;

    @BeforeAll
    static void build() throws IOException {
        sample = SpectraFixture.sample(shared, 150, 3);
        sample.builder().build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filterAndWeights_databaseAndCache_chooseSamples(boolean cached) throws Exception {
        SampleChoiceContract.require(
                () -> SpectrumDataset.builder()
                        .setDatabase(sample.database())
                        .optSplit(Split.VALIDATION)
                        .optCacheInMemory(cached),
                SpectrumDataset.Builder::build,
                "spectra",
                "compound_id");
    }

    @Test
    void filterAndWeights_files_areFunctionsOfTheIdAndNoSql() throws Exception {
        try (SpectrumDataset files = SpectrumDataset.builder()
                        .setFiles(sample.msp(), sample.mol())
                        .optFilter(id -> id > 20)
                        .optWeights(id -> 1.0 / id)
                        .setSampling(16, true)
                        .build();
                SpectrumDataset database = SpectrumDataset.builder()
                        .setDatabase(sample.database())
                        .optFilter("SELECT id FROM compounds WHERE id > 20")
                        .optWeights("SELECT id, 1.0 / id FROM compounds")
                        .setSampling(16, true)
                        .build();
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(contents(files, manager, 48, 6, 1000)).isEqualTo(contents(database, manager, 48, 6, 1000));
        }
        assertThatThrownBy(() -> SpectrumDataset.builder()
                        .setFiles(sample.msp(), sample.mol())
                        .optFilter("SELECT 1")
                        .setSampling(16, true)
                        .build())
                .hasMessageContaining("Cannot use the filter: expected samples of a database");
    }

    @ParameterizedTest
    @CsvSource({"bitspec-48-6, floor, 48, 6", "ogb-9-3, round, 9, 3"})
    void getData_filesAndDatabase_giveEqualBatchesAndSplits(String spec, String binning, int nodeWidth, int edgeWidth)
            throws Exception {
        SpectrumOptions options = new SpectrumOptions(
                500,
                0.5,
                binning.equals("floor") ? SpectrumOptions.Binning.FLOOR : SpectrumOptions.Binning.ROUND,
                0,
                SpectrumOptions.Transform.SQRT,
                0.01,
                SpectrumOptions.Scale.BASE_PEAK);
        Path database = shared.resolve(spec + ".db");
        sample.builder()
                .setDatabase(database)
                .optFeatureSpec(spec)
                .optSpectrum(options)
                .build();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST, Split.ALL)) {
                try (SpectrumDataset fromDatabase = SpectrumDataset.builder()
                                .setDatabase(database)
                                .optSpectrum(options)
                                .optFeatureSpec(spec)
                                .optSplit(split)
                                .setSampling(16, true)
                                .optSeed(5)
                                .build();
                        SpectrumDataset fromFiles = SpectrumDataset.builder()
                                .setFiles(sample.msp(), sample.mol())
                                .optSpectrum(options)
                                .optFeatureSpec(spec)
                                .optSplit(split)
                                .setSampling(16, true)
                                .optSeed(5)
                                .build()) {
                    assertThat(fromDatabase.size()).isEqualTo(fromFiles.size()).isPositive();
                    assertThat(contents(fromDatabase, manager, nodeWidth, edgeWidth, 1000))
                            .isEqualTo(contents(fromFiles, manager, nodeWidth, edgeWidth, 1000));
                    long last = fromFiles.size() - 1;
                    assertThat(fromDatabase.metadata(last, 0, last)).isEqualTo(fromFiles.metadata(last, 0, last));
                }
            }
        }
    }

    @Test
    void read_realSpectra_areEqualFromFilesAndDatabase() throws IOException {
        Assumptions.assumeTrue(Files.exists(DATA), "no reference data at " + DATA);
        Path msp = DATA.resolve("massbank_ei_ccby.msp");
        Path mol = DATA.resolve("mol/massbank_ei_ccby");
        Path database = shared.resolve("massbank.db");
        SpectraBuildReport report = new SpectraBuilder()
                .setMsp(msp)
                .setMolFolder(mol)
                .setDatabase(database)
                .build();
        assertThat(report.withGraph()).isEqualTo(557);
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST, Split.ALL)) {
            try (SpectrumSource one = SpectrumDatabaseSource.open(database, split, Access.READ, 2, null, null);
                    SpectrumSource other = SpectrumFileSource.load(
                            msp,
                            mol,
                            split,
                            SpectrumOptions.defaults(),
                            "bitspec-48-6",
                            SplitRatios.defaults(),
                            42,
                            0);
                    RowReader<SpectrumRow> rows = one.openReader();
                    RowReader<SpectrumRow> oracle = other.openReader()) {
                assertThat(one.ids()).isEqualTo(other.ids()).isNotEmpty();
                List<SpectrumRow> expected = oracle.read(other.ids());
                List<SpectrumRow> found = rows.read(one.ids());
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(bytes(found.get(i))).isDeepEqualTo(bytes(expected.get(i)));
                }
            }
        }
    }

    @Test
    void getData_subsetAndCache_areTheSameSamples() throws Exception {
        Path database = shared.resolve("subset.db");
        sample.builder().setDatabase(database).optMaxSamples(60).optSeed(8).build();
        try (NDManager manager = NDManager.newBaseManager();
                SpectrumDataset plain = SpectrumDataset.builder()
                        .setDatabase(database)
                        .setSampling(16, true)
                        .build();
                SpectrumDataset cached = SpectrumDataset.builder()
                        .setDatabase(database)
                        .optCacheInMemory(true)
                        .setSampling(16, true)
                        .build();
                SpectrumDataset files = SpectrumDataset.builder()
                        .setFiles(sample.msp(), sample.mol())
                        .optSplitRatios(SplitRatios.defaults())
                        .optSplitSeed(8)
                        .optMaxSamples(60)
                        .setSampling(16, true)
                        .build()) {
            List<String> expected = contents(plain, manager, 48, 6, 1000);
            assertThat(expected).hasSize(4);
            assertThat(contents(cached, manager, 48, 6, 1000)).isEqualTo(expected);
            assertThat(contents(files, manager, 48, 6, 1000)).isEqualTo(expected);
            assertThat(cached.digest()).isEqualTo(plain.digest());
        }
    }

    @Test
    void queries_ofBatches_scanNoTable() {
        for (String sql : List.of(SpectrumDatabaseSource.SELECT_METADATA, SpectrumBaselines.SELECT_SMILES)) {
            assertThat(SpectraFixture.rows(sample.database(), "EXPLAIN QUERY PLAN " + sql.replace("?", "'[1,2]'")))
                    .allSatisfy(step -> assertThat(step).doesNotContainPattern("SCAN [cm]\\b"))
                    .anySatisfy(step -> assertThat(step).contains("USING INTEGER PRIMARY KEY"));
        }
        assertThat(SpectraFixture.rows(
                        sample.database(),
                        "EXPLAIN QUERY PLAN " + SpectrumDatabaseSource.SELECT_ID.replace("?", "'5'")))
                .singleElement()
                .asString()
                .contains("SEARCH c USING COVERING INDEX");
    }

    @Test
    void metadata_ofPositions_isThatOfTheFileInTheirOrder() throws IOException {
        try (SpectrumDataset dataset = SpectrumDataset.builder()
                .setDatabase(sample.database())
                .setSampling(8, false)
                .build()) {
            List<SpectrumMetadata> metadata = dataset.metadata(4, 2, 4);
            assertThat(metadata).extracting(SpectrumMetadata::id).containsExactly(5L, 3L, 5L);
            assertThat(metadata.get(1).name()).isEqualTo("Synthetic compound 3");
            assertThat(metadata.get(1).formula()).startsWith("C");
            assertThat(metadata.get(1).molWeight()).isPositive();
            assertThat(metadata.get(1).casNo()).isNull();
        }
    }

    @Test
    void find_sourceId_givesTheKeyFromBothBackends() throws IOException {
        try (SpectrumSource files = SpectrumFileSource.load(
                        sample.msp(),
                        sample.mol(),
                        Split.TEST,
                        SpectrumOptions.defaults(),
                        "ogb-9-3",
                        SplitRatios.defaults(),
                        42,
                        0);
                SpectrumSource database =
                        SpectrumDatabaseSource.open(sample.database(), Split.TEST, Access.READ, 1, null, null)) {
            for (SpectrumSource source : List.of(files, database)) {
                assertThat(source.find("77")).hasValue(77);
                assertThat(source.find("151")).isEmpty();
                assertThat(source.find("' OR 1=1 --")).isEmpty();
            }
        }
    }

    @Test
    void get_oneSample_isABatchOfOne() throws IOException {
        try (NDManager manager = NDManager.newBaseManager();
                SpectrumDataset dataset = SpectrumDataset.builder()
                        .setDatabase(sample.database())
                        .setSampling(8, false)
                        .build()) {
            Record record = dataset.get(manager, 3);
            assertThat(record.getLabels().get(0).getShape().getShape()).containsExactly(1, 1000);
            assertThat(record.getLabels().get(0).max().getFloat()).isEqualTo(1f);
            assertThat(record.getData()).hasSize(5);
        }
    }

    @Test
    void build_otherSettingsThanTheDatabase_areRefusedNamingBoth() {
        SpectrumOptions other = new SpectrumOptions(
                1000,
                0.1,
                SpectrumOptions.Binning.FLOOR,
                0,
                SpectrumOptions.Transform.NONE,
                0,
                SpectrumOptions.Scale.BASE_PEAK);
        assertThatThrownBy(() -> SpectrumDataset.builder()
                        .setDatabase(sample.database())
                        .optSpectrum(other)
                        .setSampling(8, false)
                        .build())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("mz_bin_size=0.1")
                .hasMessageContaining("mz_bin_size=1.0");
        assertThatThrownBy(() -> SpectrumDataset.builder()
                        .setDatabase(sample.database())
                        .optFeatureSpec("ogb-9-3")
                        .setSampling(8, false)
                        .build())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("ogb-9-3")
                .hasMessageContaining("bitspec-48-6");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> SpectrumDataset.builder().setSampling(8, false).build());
    }

    @Test
    void read_damagedRows_areNeverSilentlyWrong() throws IOException {
        byte[] sound = Files.readAllBytes(sample.database());
        Path damaged = shared.resolve("damaged.db");
        List<byte[][]> expected = new ArrayList<>();
        readAll(sample.database()).forEach(row -> expected.add(bytes(row)));
        java.util.Random random = new java.util.Random(17);
        int noticed = 0;
        for (int round = 0; round < 150; round++) {
            Files.write(damaged, sound);
            try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
                int at = random.nextInt(sound.length);
                file.seek(at);
                file.write(sound[at] ^ (1 << random.nextInt(8)));
            }
            try {
                List<SpectrumRow> rows = readAll(damaged);
                assertThat(rows).hasSameSizeAs(expected);
                for (int i = 0; i < rows.size(); i++) {
                    assertThat(bytes(rows.get(i))).as("round %d", round).isDeepEqualTo(expected.get(i));
                }
            } catch (dev.millrace.sqlite.DatabaseException e) {
                noticed++;
            }
        }
        assertThat(noticed).isPositive();
    }

    private static List<SpectrumRow> readAll(Path database) {
        try (SpectrumSource source = SpectrumDatabaseSource.open(database, Split.ALL, Access.READ, 1, null, null);
                RowReader<SpectrumRow> reader = source.openReader()) {
            return reader.read(source.ids());
        }
    }

    private static byte[][] bytes(SpectrumRow row) {
        return new byte[][] {
            row.spectrum().toBytes(),
            row.graph().nodeFeatures().toBytes(),
            row.graph().edgeIndex().toBytes(),
            row.graph().edgeFeatures().toBytes()
        };
    }

    private static List<String> contents(
            SpectrumDataset dataset, NDManager manager, int nodeWidth, int edgeWidth, int bins) throws Exception {
        List<String> batches = new ArrayList<>();
        for (Batch batch : dataset.getData(manager)) {
            NDList data = batch.getData();
            assertThat(data.get(0).getShape().get(1)).isEqualTo(nodeWidth);
            assertThat(data.get(2).getShape().get(1)).isEqualTo(edgeWidth);
            assertThat(batch.getLabels().get(0).getShape().get(1)).isEqualTo(bins);
            StringBuilder text = new StringBuilder();
            for (NDArray array : data) {
                append(text, array);
            }
            append(text, batch.getLabels().get(0));
            batches.add(text.toString());
            batch.close();
        }
        return batches;
    }

    private static void append(StringBuilder text, NDArray array) {
        text.append(array.getShape()).append(array.getDataType()).append(Arrays.hashCode(array.toByteArray()));
    }
}
