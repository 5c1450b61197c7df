package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.SequenceSampler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters and weights together with everything else that decides which samples come. */
class SampleChoiceTest {
    private static final int COUNT = 250;
    private static final int BATCH = 16;
    private static final String WEIGHTS = "SELECT id, id % 50 FROM graphs";

    @TempDir
    static Path folder;

    private static Path file = Path.of("");

    @BeforeAll
    static void write() {
        file = GraphFile.write(folder.resolve("graphs.db"), COUNT);
    }

    private static GraphFileDataset.Builder shuffled() {
        return GraphFileDataset.builder(file).setSampling(BATCH, true).optSeed(7);
    }

    @Test
    void contract_graphs_isKept() throws Exception {
        SampleChoiceContract.require(
                () -> GraphFileDataset.builder(file).optSplit(Split.TRAIN),
                GraphFileDataset.Builder::build,
                "graphs",
                "id");
    }

    @Test
    void optFilter_shuffled_visitsEachKeptSampleOnce() throws Exception {
        try (GraphFileDataset dataset = shuffled()
                .optSplit(Split.TRAIN)
                .optFilter("SELECT id FROM graphs WHERE id % 20 = 0")
                .build()) {
            Set<Long> expected = new HashSet<>();
            LongStream.range(0, dataset.size()).forEach(position -> expected.add(dataset.id(position)));
            List<Long> first = Epochs.flat(Epochs.ids(dataset));

            assertThat(first).hasSize(100).doesNotHaveDuplicates().allMatch(id -> id % 20 == 0);
            assertThat(new HashSet<>(first)).isEqualTo(expected);
            assertThat(Epochs.flat(Epochs.ids(dataset))).isNotEqualTo(first).hasSize(100);
        }
    }

    @Test
    void optFilter_keepsNothing_isAnEmptyDataset() throws Exception {
        try (GraphFileDataset dataset =
                shuffled().optFilter("SELECT id FROM graphs WHERE id < 0").build()) {
            assertThat(dataset.size()).isZero();
            assertThat(dataset.unfilteredSize()).isEqualTo(COUNT);
            assertThat(dataset.batchesPerEpoch()).isZero();
            assertThat(Epochs.ids(dataset)).isEmpty();
        }
        assertThatThrownBy(() ->
                        shuffled().optFilter(id -> false).optWeights(id -> 1).build())
                .isInstanceOf(SampleQueryException.class)
                .hasMessage("Cannot use the weights: expected samples to draw from, found none.");
    }

    @Test
    void optWeights_anyNumberOfThreads_drawsTheSameOfTheWeightsGiven() throws Exception {
        List<List<List<Long>>> found = new ArrayList<>();
        for (int threads : new int[] {0, 1, 4}) {
            try (GraphFileDataset dataset =
                    shuffled().optWeights(WEIGHTS).optLoaderThreads(threads).build()) {
                List<List<Long>> first = Epochs.ids(dataset);
                found.add(first);
                assertThat(Epochs.flat(first)).hasSize(COUNT).allMatch(id -> id % 50 != 0);
                assertThat(new HashSet<>(Epochs.flat(first))).hasSizeBetween(100, 180);
                assertThat(Epochs.ids(dataset)).isNotEqualTo(first);
            }
        }
        assertThat(found.get(1)).isEqualTo(found.get(0));
        assertThat(found.get(2)).isEqualTo(found.get(0));
    }

    @ParameterizedTest
    @CsvSource({"DROP, 16", "PAD, 16", "DROP, 7", "PAD, 7"})
    void optWeights_ranks_shareTheDrawsOfOne(Remainder remainder, int batch) throws Exception {
        int draws = 101;
        List<List<Long>> ofOne;
        try (GraphFileDataset one = shuffled()
                .setSampling(batch, true)
                .optWeights(WEIGHTS)
                .optEpochSamples(draws)
                .build()) {
            ofOne = Epochs.ids(one);
        }
        int samples = 0;
        for (int rank = 0; rank < 3; rank++) {
            try (GraphFileDataset own = shuffled()
                    .setSampling(batch, true)
                    .optWeights(WEIGHTS)
                    .optEpochSamples(draws)
                    .optRank(rank, 3, remainder)
                    .build()) {
                List<List<Long>> batches = Epochs.ids(own);
                samples += Epochs.flat(batches).size();
                for (int i = 0; i < draws / (3 * batch); i++) {
                    assertThat(batches.get(i)).isEqualTo(ofOne.get(3 * i + rank));
                }
                own.setNextEpoch(0, 1);
                assertThat(Epochs.ids(own)).isEqualTo(batches.subList(1, batches.size()));
            }
        }
        assertThat(samples).isEqualTo(remainder == Remainder.DROP ? 99 : 102);
    }

    @Test
    void optEpochSamples_moreThanThereAre_isTheLengthOfAnEpoch() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset =
                        shuffled().optWeights(WEIGHTS).optEpochSamples(600).build()) {
            assertThat(dataset.batchesPerEpoch()).isEqualTo(38);
            assertThat(dataset.size()).isEqualTo(COUNT);
            Batch batch = dataset.getData(manager).iterator().next();
            assertThat(batch.getProgressTotal()).isEqualTo(600);
            batch.close();
            assertThat(Epochs.flat(Epochs.ids(dataset))).hasSize(600);
        }
    }

    @Test
    void subDataset_ofWeighted_drawsAmongItsOwnByTheSameWeights() throws Exception {
        try (GraphFileDataset dataset = shuffled().optWeights(WEIGHTS).build()) {
            List<Long> drawn = Epochs.flat(Epochs.ids(dataset.subDataset(List.of(4L, 0L, 9L, 2L, 14L))));
            // The first, third and fifth of them have a weight of 0.
            assertThat(drawn).hasSize(5).isSubsetOf(GraphFile.id(0), GraphFile.id(2));
            assertThatThrownBy(() -> dataset.subDataset(List.of(4L, 9L)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Expected weights with a finite sum > 0, found 2 with the sum 0.0.");
        }
    }

    @Test
    void optLimit_withFilterAndWeights_countsKeptSamples() throws Exception {
        try (GraphFileDataset dataset = shuffled()
                .optFilter(id -> id > 1000)
                .optWeights(id -> id <= 1500 ? 1 : 1e6)
                .optLimit(50)
                .build()) {
            assertThat(Epochs.flat(Epochs.ids(dataset))).hasSize(50).allMatch(id -> id > 1000 && id <= 1500);
        }
    }

    @Test
    void digest_otherChoice_differs() {
        List<Consumer<GraphFileDataset.Builder>> choices = List.of(
                builder -> {},
                builder -> builder.optFilter(id -> id > 100),
                builder -> builder.optFilter("SELECT id FROM graphs WHERE id > 110"),
                builder -> builder.optWeights(id -> 1),
                builder -> builder.optWeights(id -> id == 10 ? Math.nextUp(1.0) : 1),
                builder -> builder.optWeights(id -> 1).optEpochSamples(COUNT + 1),
                builder -> builder.optFilter(id -> id > 100).optWeights(id -> 1));
        Set<String> digests = new HashSet<>();
        for (Consumer<GraphFileDataset.Builder> choice : choices) {
            GraphFileDataset.Builder builder = shuffled();
            choice.accept(builder);
            try (GraphFileDataset dataset = builder.build()) {
                assertThat(digests.add(dataset.digest())).as(dataset.digest()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT id, id FROM graphs | one column, the id, found 2 columns",
                "SELECT 'ten' | expected ids, integers, found a text",
                "SELECT NULL | expected ids, integers, found NULL",
                "SELECT 10.5 | expected ids, integers, found 10.5",
                "SELECT id FROM graphs WHERE id > ? | expected values, found parameters",
                "SELECT id FROM nowhere | no such table: nowhere",
                "SELECT id FROM graphs WHERE | incomplete input",
                "SELECT json_extract('{', '$') | malformed JSON",
                "'' | expected SELECT or WITH, found ''",
                "nonsense | expected SELECT or WITH, found 'NONSENSE'"
            })
    void optFilter_queryThatDoesNotFit_isRefusedInOneLine(String sql, String reason) {
        assertThatThrownBy(() -> shuffled().optFilter(sql).build())
                .isInstanceOfSatisfying(
                        SampleQueryException.class,
                        refused -> assertThat(refused.word()).isEqualTo("filter"))
                .hasMessageStartingWith("Cannot use the filter: ")
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT id FROM graphs | two columns, id and weight, found 1 columns",
                "SELECT id, NULL FROM graphs | numbers ≥ 0, found NULL for id 10",
                "SELECT id, 'much' FROM graphs | numbers ≥ 0, found a text for id 10",
                "SELECT id, CASE id WHEN 70 THEN -0.5 ELSE 1 END FROM graphs | found -0.5 for id 70",
                "SELECT id, CASE id WHEN 70 THEN 9e999 ELSE 1 END FROM graphs | found Infinity for id 70",
                "SELECT id, 1 FROM graphs WHERE id <> 30 | found none for id 30",
                "SELECT id, 1 FROM graphs UNION ALL SELECT 60, 1 | found two for id 60",
                "SELECT id, 0 FROM graphs | finite sum > 0, found 250 with the sum 0.0",
                "SELECT id, 1e308 FROM graphs | with the sum Infinity"
            })
    void optWeights_queryThatDoesNotFit_isRefusedInOneLine(String sql, String reason) {
        assertThatThrownBy(() -> shuffled().optWeights(sql).build())
                .isInstanceOf(SampleQueryException.class)
                .hasMessageStartingWith("Cannot use the weights: ")
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM graphs",
                "DROP TABLE graphs",
                "SELECT id FROM graphs; DROP TABLE graphs",
                "WITH all_ids AS (SELECT id FROM graphs) DELETE FROM graphs WHERE id IN all_ids RETURNING id",
                "PRAGMA query_only = 0",
                "ATTACH DATABASE 'other.db' AS other",
                "VACUUM INTO 'other.db'",
                "/* SELECT */ UPDATE graphs SET id = -id",
                "SELECT load_extension('other')",
                "SELECT writefile('other.db', 'x')"
            })
    void optFilter_queryThatWouldDoMoreThanRead_isRefusedAndDoesNothing(String sql) throws Exception {
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> shuffled().optFilter(sql).build()).isInstanceOf(SampleQueryException.class);

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(Path.of("other.db")).doesNotExist();
    }

    @Test
    void builder_contradictingWords_areRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> shuffled().optEpochSamples(5).build())
                .withMessageContaining("Expected optWeights with optEpochSamples");
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        shuffled().setSampling(BATCH, false).optWeights(id -> 1).build())
                .withMessageContaining("Expected setSampling(batch size, true) with optWeights");
        assertThatIllegalStateException()
                .isThrownBy(() -> shuffled()
                        .setSampling(new BatchSampler(new SequenceSampler(), 5, false))
                        .optWeights(id -> 1)
                        .build())
                .withMessageContaining("Expected setSampling(batch size, true) with optWeights");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> shuffled().optEpochSamples(0))
                .withMessageContaining("≥ 1, found 0");
    }
}
