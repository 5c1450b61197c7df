package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** What a filter and weights do to a dataset of any kind. */
public final class SampleChoiceContract {
    private SampleChoiceContract() {}

    /**
     * Requires it of a kind.
     *
     * @param kind a new builder that was told where its file is, and perhaps a split
     * @param opening asks the builder for its dataset
     * @param table in which samples are found by {@code column}, their id
     */
    public static <B extends SqliteDataset.Builder<B>> void require(
            Supplier<B> kind, Opening<B> opening, String table, String column) throws Exception {
        String ids = "SELECT " + column + " FROM " + table;
        try (SqliteDataset<?> plain = opening.open(kind.get().setSampling(4, false))) {
            requireFilter(kind, opening, plain, ids, column);
            requireWeights(
                    kind,
                    opening,
                    plain,
                    ids.replaceFirst(column, column + ", CASE WHEN " + column + " = %d THEN 3 ELSE 0 END"));
            requireResume(
                    kind,
                    opening,
                    plain,
                    ids + " WHERE " + column + " % 4 <> 1",
                    ids.replaceFirst(column, column + ", 1 + " + column + " % 5"));
        }
        assertThatThrownBy(() -> opening.open(
                        kind.get().setSampling(4, false).optFilter("SELECT nothing_of_that_name FROM " + table)))
                .isInstanceOf(SampleQueryException.class)
                .hasMessageContaining("Cannot use the filter: ")
                .hasMessageContaining("no such column: nothing_of_that_name");
    }

    private static <B extends SqliteDataset.Builder<B>> void requireFilter(
            Supplier<B> kind, Opening<B> opening, SqliteDataset<?> plain, String ids, String column) throws Exception {
        List<Long> kept = LongStream.range(0, plain.size())
                .filter(position -> plain.id(position) % 3 != 1)
                .boxed()
                .toList();
        assertThat(kept).hasSizeBetween(2, (int) plain.size() - 1);
        List<String> expected = batches(plain.subDataset(kept));
        // A query in another order, and with ids of no sample, keeps the order of the split.
        String sql = ids + " WHERE " + column + " % 3 <> 1 UNION ALL SELECT 4611686018427387904 ORDER BY 1 DESC";
        try (SqliteDataset<?> bySql =
                        opening.open(kind.get().setSampling(4, false).optFilter(sql));
                SqliteDataset<?> byTest =
                        opening.open(kind.get().setSampling(4, false).optFilter(id -> id % 3 != 1));
                SqliteDataset<?> both = opening.open(
                        kind.get().setSampling(4, false).optFilter(sql).optFilter(id -> id != bySql.id(0)))) {
            assertThat(ids(bySql))
                    .isEqualTo(kept.stream().map(plain::id).toList())
                    .isEqualTo(ids(byTest));
            assertThat(batches(bySql)).isEqualTo(expected);
            assertThat(batches(byTest)).isEqualTo(expected);
            assertThat(bySql.digest()).isEqualTo(byTest.digest()).isNotEqualTo(plain.digest());
            assertThat(bySql.unfilteredSize()).isEqualTo(plain.size());
            assertThat(ids(both)).isEqualTo(ids(bySql).subList(1, kept.size()));
        }
    }

    private static <B extends SqliteDataset.Builder<B>> void requireWeights(
            Supplier<B> kind, Opening<B> opening, SqliteDataset<?> plain, String sql) throws Exception {
        long chosen = plain.size() - 2;
        long id = plain.id(chosen);
        List<String> expected = batches(plain.subDataset(Collections.nCopies(6, chosen)));
        try (SqliteDataset<?> bySql = opening.open(
                        kind.get().setSampling(4, true).optEpochSamples(6).optWeights(sql.formatted(id)));
                SqliteDataset<?> byId = opening.open(
                        kind.get().setSampling(4, true).optEpochSamples(6).optWeights(own -> own == id ? 3 : 0))) {
            assertThat(batches(bySql)).isEqualTo(expected);
            assertThat(batches(byId)).isEqualTo(expected);
            assertThat(bySql.digest()).isEqualTo(byId.digest());
            assertThat(bySql.batchesPerEpoch()).isEqualTo(2);
            assertThat(bySql.size()).isEqualTo(plain.size());
        }
    }

    private static <B extends SqliteDataset.Builder<B>> void requireResume(
            Supplier<B> kind, Opening<B> opening, SqliteDataset<?> plain, String filter, String weights)
            throws Exception {
        try (SqliteDataset<?> whole = opening.open(kind.get()
                        .setSampling(4, true)
                        .optSeed(9)
                        .optFilter(filter)
                        .optWeights(weights)
                        .optLoaderThreads(2));
                SqliteDataset<?> resumed = opening.open(kind.get()
                        .setSampling(4, true)
                        .optSeed(9)
                        .optFilter(filter)
                        .optWeights(weights)
                        .optLoaderThreads(0))) {
            List<String> first = batches(whole);
            List<String> second = batches(whole);
            assertThat(second).hasSize((int) whole.batchesPerEpoch()).isNotEqualTo(first);
            resumed.setNextEpoch(1, 1);
            assertThat(batches(resumed)).isEqualTo(second.subList(1, second.size()));
            assertThat(resumed.digest()).isEqualTo(whole.digest()).isNotEqualTo(plain.digest());
        }
    }

    private static List<Long> ids(SqliteDataset<?> dataset) {
        return LongStream.range(0, dataset.size()).map(dataset::id).boxed().toList();
    }

    /** All that each batch of the next epoch has, array by array. */
    private static List<String> batches(RandomAccessDataset dataset) throws Exception {
        List<String> batches = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                NDList arrays = new NDList(batch.getData());
                arrays.addAll(batch.getLabels());
                StringBuilder content = new StringBuilder();
                for (NDArray array : arrays) {
                    content.append(array.getShape())
                            .append(ByteBuffer.wrap(array.toByteArray()).hashCode())
                            .append(' ');
                }
                batches.add(content.toString());
                batch.close();
            }
        }
        return batches;
    }

    /** How a builder is asked for its dataset. */
    public interface Opening<B> {
        SqliteDataset<?> open(B builder) throws Exception;
    }
}
