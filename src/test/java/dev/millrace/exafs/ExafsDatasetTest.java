package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import dev.millrace.batch.Remainder;
import dev.millrace.batch.SampleChoiceContract;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.SchemaMismatchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExafsDatasetTest {
    private static final ExafsFile MADE = ExafsFile.of(10, 3);
    private static final int BATCH = 16;

    @TempDir
    static Path folder;

    private static Path file = Path.of("");
    private static final Map<Long, ExafsFile.Made> PATHS = new HashMap<>();

    @BeforeAll
    static void write() {
        file = MADE.write(folder.resolve("exafs.db"));
        MADE.paths().forEach(path -> PATHS.put(path.id(), path));
    }

    private static ExafsDataset.Builder open(Split split) {
        return ExafsDataset.builder().setDatabase(file).optSplit(split).setSampling(BATCH, false);
    }

    @Test
    void filterAndWeights_paths_chooseSamplesAndLeaveStatistics() throws Exception {
        SampleChoiceContract.require(
                () -> open(Split.TRAIN), ExafsDataset.Builder::build, "scattering_paths", "path_id");
        try (ExafsDataset whole = open(Split.TRAIN).build();
                ExafsDataset part =
                        open(Split.TRAIN).optFilter(id -> id % 2 == 0).build()) {
            assertThat(part.size()).isLessThan(whole.size());
            assertThat(part.statistics()).isEqualTo(whole.statistics());
        }
    }

    @Test
    void getData_inOrder_givesEachPathWithItsGeometryAndChi() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsDataset dataset = open(Split.ALL).build()) {
            assertThat(dataset.size()).isEqualTo(PATHS.size());
            assertThat(dataset.maxLegs()).isEqualTo(ExafsFile.LONGEST);
            assertThat(dataset.grid()).isEqualTo(MADE.grid());
            assertThat(dataset.splitBy()).isEqualTo("frame");
            int position = 0;
            for (var batch : dataset.getData(manager)) {
                NDList data = batch.getData();
                int rows = batch.getSize();
                assertThat(data.get(0).getShape()).isEqualTo(new Shape(rows, 3));
                assertThat(data.get(1).getDataType()).isEqualTo(DataType.INT64);
                assertThat(data.get(2).getShape()).isEqualTo(new Shape(rows, 4, 2));
                for (int row = 0; row < rows; row++) {
                    assertIsPath(
                            dataset.id(position++), row, data, batch.getLabels().head());
                }
                batch.close();
            }
            assertThat(position).isEqualTo(PATHS.size());
        }
    }

    private static void assertIsPath(long id, int row, NDList data, NDArray label) {
        ExafsFile.Made made = PATHS.get(id);
        ExafsRow geometry = made.row();
        double[] path = ExafsBatches.doubles(data.get(0).get(row));
        assertThat(path[0]).isEqualTo(geometry.legCount());
        assertThat(path[1]).isEqualTo(made.degeneracy());
        assertThat(path[2]).isCloseTo(made.halfLength(), within(1e-6));
        double[] atoms = ExafsBatches.doubles(data.get(1).get(row));
        double[] legs = ExafsBatches.doubles(data.get(2).get(row));
        double[] mask = ExafsBatches.doubles(data.get(3).get(row));
        for (int i = 0; i < 4; i++) {
            boolean there = i < geometry.legCount();
            assertThat(atoms[i]).isEqualTo(there ? geometry.atomicNumbers()[i] : 0);
            assertThat(legs[2 * i]).isCloseTo(there ? geometry.geometry().legLengths()[i] : 0, within(1e-6));
            assertThat(legs[2 * i + 1]).isCloseTo(there ? geometry.geometry().scatteringAngles()[i] : 0, within(1e-4));
            assertThat(mask[i]).isEqualTo(there ? 1 : 0);
        }
        double[] chi = MADE.chi(made);
        double[] found = ExafsBatches.doubles(label.get(row));
        for (int i = 0; i < chi.length; i++) {
            assertThat(found[i]).isEqualTo((float) chi[i]);
        }
    }

    @Test
    void get_everySampleAlone_isThatOfTheBatch() {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsDataset dataset = open(Split.VALIDATION).build()) {
            for (long position = 0; position < dataset.size(); position++) {
                Record record = dataset.get(manager, position);
                assertIsPath(
                        dataset.id(position),
                        0,
                        record.getData(),
                        record.getLabels().head());
            }
        }
    }

    @Test
    void optFloat64AndKWeight_asked_giveExactWeightedChi() {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsDataset exact = open(Split.TRAIN).optFloat64(true).build();
                ExafsDataset weighted =
                        open(Split.TRAIN).optKWeight(2).optFloat64(true).build();
                ExafsDataset narrow = open(Split.TRAIN).optKWeight(3).build()) {
            double[] chi = MADE.chi(PATHS.get(exact.id(5)));
            NDArray label = exact.get(manager, 5).getLabels().head();
            assertThat(label.getDataType()).isEqualTo(DataType.FLOAT64);
            assertThat(label.toDoubleArray()).isEqualTo(chi);
            double[] square = weighted.get(manager, 5).getLabels().head().toDoubleArray();
            double[] cube =
                    ExafsBatches.doubles(narrow.get(manager, 5).getLabels().head());
            for (int i = 0; i < chi.length; i++) {
                double k = MADE.grid().get(i);
                assertThat(square[i]).isEqualTo(k * k * chi[i]);
                assertThat(cube[i]).isEqualTo((float) (Math.pow(k, 3) * chi[i]));
            }
            assertThat(weighted.digest()).isNotEqualTo(exact.digest());
        }
        assertThatThrownBy(() -> open(Split.TRAIN).optKWeight(4)).hasMessageContaining("n 0..3, found 4");
    }

    @Test
    void storage_float32_readsToRounding() {
        Path narrow = MADE.inFloats().write(folder.resolve("floats.db"));
        try (NDManager manager = NDManager.newBaseManager();
                ExafsDataset exact = open(Split.TRAIN).build();
                ExafsDataset rounded = ExafsDataset.builder()
                        .setDatabase(narrow)
                        .optSplit(Split.TRAIN)
                        .setSampling(4, false)
                        .build()) {
            assertThat(rounded.get(manager, 7).getLabels().head().toFloatArray())
                    .isEqualTo(exact.get(manager, 7).getLabels().head().toFloatArray());
        }
    }

    @Test
    void splits_byFrameOrByAtom_shareNoCalculation() {
        for (ExafsFile made : List.of(MADE, MADE.byAtom())) {
            Path written = made.write(folder.resolve(made.splitBy() + ".db"));
            Map<String, Set<Object>> units = new HashMap<>();
            long total = 0;
            for (Split split : new Split[] {Split.TRAIN, Split.VALIDATION, Split.TEST}) {
                try (ExafsDataset paths = ExafsDataset.builder()
                                .setDatabase(written)
                                .optSplit(split)
                                .setSampling(8, true)
                                .build();
                        ExafsAtomDataset atoms = ExafsAtomDataset.builder()
                                .setDatabase(written)
                                .optSplit(split)
                                .setSampling(8, true)
                                .build()) {
                    assertThat(paths.splitBy()).isEqualTo(made.splitBy());
                    Set<Object> found = new HashSet<>();
                    Set<Long> absorbers = new HashSet<>();
                    for (long i = 0; i < paths.size(); i++) {
                        ExafsFile.Made path = PATHS.get(paths.id(i));
                        absorbers.add(path.absorber());
                        found.add(made.splitBy().equals("frame") ? (Object) path.frame() : (Object) path.absorber());
                    }
                    Set<Long> ofAtoms = new HashSet<>();
                    for (long i = 0; i < atoms.size(); i++) {
                        ofAtoms.add(atoms.id(i));
                    }
                    assertThat(ofAtoms).isEqualTo(absorbers).isNotEmpty();
                    units.values().forEach(other -> assertThat(other).doesNotContainAnyElementsOf(found));
                    units.put(split.id(), found);
                    total += paths.size();
                }
            }
            assertThat(total).isEqualTo(PATHS.size());
        }
    }

    @Test
    void getData_shuffled_visitsEachPathOnceWhateverTheThreads() throws Exception {
        List<List<ExafsBatches.Snapshot>> found = new ArrayList<>();
        for (int threads : new int[] {0, 1, 3}) {
            try (ExafsDataset dataset = shuffled(threads, 5)) {
                found.add(ExafsBatches.of(dataset));
            }
        }
        assertThat(found.get(1)).isEqualTo(found.get(0));
        assertThat(found.get(2)).isEqualTo(found.get(0));
        try (ExafsDataset other = shuffled(1, 6)) {
            assertThat(ExafsBatches.of(other)).isNotEqualTo(found.get(0)).hasSameSizeAs(found.get(0));
        }
    }

    @Test
    void setNextEpoch_batchInTheMiddle_goesOnAsIfNeverStopped() throws Exception {
        try (ExafsDataset whole = shuffled(1, 5);
                ExafsDataset resumed = shuffled(2, 5)) {
            ExafsBatches.of(whole);
            List<ExafsBatches.Snapshot> second = ExafsBatches.of(whole);
            for (int batch : new int[] {0, 1, second.size() - 1, second.size()}) {
                resumed.setNextEpoch(1, batch);
                assertThat(ExafsBatches.of(resumed)).isEqualTo(second.subList(batch, second.size()));
            }
            assertThat(resumed.digest()).isEqualTo(whole.digest());
        }
    }

    @Test
    void subsetsAndRanks_haveTheirPathsOnly_duplicatesIncluded() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                ExafsDataset dataset = shuffled(1, 5)) {
            SqliteDataset<?> chosen = (SqliteDataset<?>) dataset.subDataset(List.of(40L, 3L, 3L, 99L));
            assertThat(chosen.size()).isEqualTo(4);
            assertIsPath(
                    dataset.id(3),
                    0,
                    chosen.get(manager, 2).getData(),
                    chosen.get(manager, 2).getLabels().head());
            ExafsBatches.Snapshot together = ExafsBatches.of(chosen).get(0);
            assertThat(together.shapes().get(0)).contains("(4, 3)");
            RandomAccessDataset[] parts = dataset.randomSplit(7, 3);
            assertThat(parts[0].size() + parts[1].size()).isEqualTo(dataset.size());
            assertThat(ExafsBatches.of((SqliteDataset<?>) parts[1])).isNotEmpty();
        }
        Set<Long> seen = new HashSet<>();
        for (int rank = 0; rank < 2; rank++) {
            try (NDManager manager = NDManager.newBaseManager();
                    ExafsDataset part = open(Split.TRAIN)
                            .setSampling(BATCH, true)
                            .optRank(rank, 2, Remainder.DROP)
                            .build()) {
                for (var batch : part.getData(manager)) {
                    for (double half :
                            ExafsBatches.doubles(batch.getData().head().get(":, 2"))) {
                        assertThat(seen.add(Double.doubleToLongBits(half))).isTrue();
                    }
                    batch.close();
                }
            }
        }
        assertThat(seen).hasSize(MADE.splits().get("train").length);
    }

    @Test
    void reads_oneEpoch_areOneStatementPerBatchWithoutAScan() throws Exception {
        try (ExafsDataset dataset = shuffled(1, 5)) {
            int batches = ExafsBatches.of(dataset).size();
            assertThat(dataset.reads()).isEqualTo(batches);
        }
        try (Database database = Database.open(file, Access.READ)) {
            for (String sql : List.of(ExafsReader.SELECT, ExafsAtomReader.SELECT)) {
                assertThat(plan(database, sql))
                        .anyMatch(step -> step.matches(".*SEARCH p USING .*"))
                        .allMatch(step -> !step.contains("SCAN") || step.contains("SCAN ids VIRTUAL TABLE"))
                        .noneMatch(step -> step.contains("TEMP B-TREE"));
            }
        }
    }

    private static List<String> plan(Database database, String sql) {
        return database.read("plan", connection -> {
            List<String> steps = new ArrayList<>();
            try (var explain = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql);
                    var rows = explain.executeQuery()) {
                while (rows.next()) {
                    steps.add(rows.getString("detail"));
                }
            }
            return steps;
        });
    }

    @Test
    void statistics_ofAnySplit_areThoseOfTheTrainingPaths() {
        try (ExafsDataset validation = open(Split.VALIDATION).build();
                ExafsDataset training = open(Split.TRAIN).build()) {
            ExafsStatistics found = validation.statistics();
            assertThat(found).isEqualTo(training.statistics());
            List<ExafsFile.Made> paths = Arrays.stream(MADE.splits().get("train"))
                    .mapToObj(PATHS::get)
                    .toList();
            assertThat(found.samples()).isEqualTo(paths.size());
            double mean = paths.stream()
                    .mapToDouble(ExafsFile.Made::halfLength)
                    .average()
                    .orElseThrow();
            assertThat(found.meanDistance()).isCloseTo(mean, within(1e-9));
            double square = paths.stream()
                    .flatMapToDouble(path -> Arrays.stream(MADE.chi(path)).map(x -> x * x))
                    .average()
                    .orElseThrow();
            assertThat(found.rootMeanSquare(0)).isCloseTo(Math.sqrt(square), within(1e-12));
            assertThat(found.meanSquares()).hasSize(4);
            assertThat(found.amplitude()).isBetween(0.05, 5.0);
        }
    }

    @Test
    void build_wrongUse_isNamed() {
        assertThatThrownBy(() -> ExafsDataset.builder().setSampling(4, true).build())
                .hasMessageContaining("Expected setDatabase");
        assertThatThrownBy(() -> open(Split.TEST_DEV).build())
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("No split 'test-dev'");
        try (NDManager manager = NDManager.newBaseManager();
                ExafsDataset small = open(Split.ALL).optMaxLegs(3).build()) {
            assertThatThrownBy(() -> {
                        for (long i = 0; i < 6; i++) {
                            small.get(manager, i);
                        }
                    })
                    .hasMessageContaining("expected at most 3 legs, found 4")
                    .hasMessageContaining("path_id=28");
        }
    }

    private static ExafsDataset shuffled(int threads, long seed) {
        return open(Split.TRAIN)
                .setSampling(BATCH, true)
                .optSeed(seed)
                .optLoaderThreads(threads)
                .build();
    }
}
