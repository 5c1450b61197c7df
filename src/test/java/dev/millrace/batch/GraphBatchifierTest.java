package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import dev.millrace.graph.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts of a batch of graphs against the batches that the loader would make of the same graphs. */
class GraphBatchifierTest {
    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final SplittableRandom random = new SplittableRandom(3);

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({"12,1", "12,3", "13,4", "7,7", "3,5", "1,2", "64,6"})
    void split_wholeGraphs_givesTheBatchesOfTheSameGraphs(int count, int parts) {
        List<Graph> graphs = graphs(count);
        NDList[] split = GraphBatchifier.GRAPHS.split(batch(graphs), parts, false);
        NDList[] labels = GraphBatchifier.ROWS.split(new NDList(numbers(count), numbers(count)), parts, false);
        assertThat(split).hasSameSizeAs(labels).hasSize(Math.min(parts, count));
        int from = 0;
        for (int part = 0; part < split.length; part++) {
            int size = Math.toIntExact(split[part].get(4).size());
            assertThat(size).isBetween(count / split.length, count / split.length + 1);
            assertEqual(split[part], batch(graphs.subList(from, from + size)));
            assertThat(labels[part])
                    .hasSize(2)
                    .allSatisfy(rows -> assertThat(rows.getShape()).isEqualTo(new Shape(size, 1)));
            assertThat(labels[part].head().toFloatArray()[0]).isEqualTo(from);
            from += size;
        }
        assertThat(from).isEqualTo(count);
    }

    @Test
    void unbatchify_thenBatchify_givesTheWholeAgain() {
        NDList whole = batch(graphs(9));
        NDList[] single = GraphBatchifier.GRAPHS.unbatchify(whole);
        assertThat(single).hasSize(9);
        assertEqual(GraphBatchifier.GRAPHS.batchify(single), whole);
        assertEqual(GraphBatchifier.GRAPHS.batchify(GraphBatchifier.GRAPHS.split(whole, 4, false)), whole);

        NDList rows = new NDList(numbers(5));
        assertThat(GraphBatchifier.ROWS.unbatchify(rows)).hasSize(5);
        assertEqual(GraphBatchifier.ROWS.batchify(GraphBatchifier.ROWS.unbatchify(rows)), rows);
    }

    @Test
    void split_batchOverDevices_keepsDataAndLabelsTogetherAndOutlivesTheBatch() {
        List<Graph> graphs = graphs(10);
        Batch batch = new Batch(
                manager.newSubManager(),
                batch(graphs),
                new NDList(numbers(10)),
                10,
                GraphBatchifier.GRAPHS,
                GraphBatchifier.ROWS,
                10,
                10);
        Batch[] parts = batch.split(new Device[] {Device.cpu(), Device.cpu(), Device.cpu()}, false);
        assertThat(parts).hasSize(3);
        int from = 0;
        for (Batch part : parts) {
            int size = Math.toIntExact(part.getLabels().head().getShape().get(0));
            assertThat(part.getData().get(4).size()).isEqualTo(size);
            assertThat(part.getLabels().head().toFloatArray()[0]).isEqualTo(from);
            assertEqual(part.getData(), batch(graphs.subList(from, from + size)));
            from += size;
        }
        Arrays.stream(parts).forEach(Batch::close);
        assertThat(batch.getData().head().toFloatArray()).isNotEmpty();
        batch.close();
    }

    @Test
    void split_evenPartsThatDoNotComeOut_areRefused() {
        NDList whole = batch(graphs(10));
        assertThat(GraphBatchifier.GRAPHS.split(whole, 5, true)).hasSize(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphBatchifier.GRAPHS.split(whole, 3, true))
                .withMessageContaining("multiple of 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphBatchifier.ROWS.split(new NDList(numbers(10)), 3, true))
                .withMessageContaining("found 10");
    }

    @Test
    void split_edgesAcrossGraphsOrOutOfOrder_areRefused() {
        NDList whole = batch(List.of(triangle(), triangle()));
        NDArray edges = whole.get(1);
        long[] across = edges.toLongArray();
        across[across.length - 1] = 0;
        assertRefused(whole, across);
        long[] outside = edges.toLongArray();
        outside[outside.length / 2 - 1] = 6;
        assertRefused(whole, outside);
        long[] mixed = edges.toLongArray();
        int half = mixed.length / 2;
        mixed[0] = 3;
        mixed[half] = 4;
        assertRefused(whole, mixed);
    }

    @Test
    void split_otherArrays_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphBatchifier.GRAPHS.split(new NDList(numbers(4)), 2, false))
                .withMessageContaining("5 arrays");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphBatchifier.ROWS.split(new NDList(numbers(4), numbers(3)), 2, false))
                .withMessageContaining("4 rows");
    }

    private void assertRefused(NDList whole, long[] edges) {
        NDList changed = new NDList(whole);
        changed.set(
                1,
                NdArrays.filled(
                        manager,
                        new Shape(2, edges.length / 2),
                        DataType.INT64,
                        out -> out.asLongBuffer().put(edges)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphBatchifier.GRAPHS.split(changed, 2, false))
                .withMessageContaining("edges within graphs");
    }

    private static Graph triangle() {
        return Graph.of(
                3, 4, new byte[12], new int[] {0, 1, 1, 2, 2, 0}, new int[] {1, 0, 2, 1, 0, 2}, 2, new byte[12]);
    }

    /** Sizes 1 … 6, some without edges. */
    private List<Graph> graphs(int count) {
        List<Graph> graphs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int nodes = 1 + random.nextInt(6);
            int edges = nodes == 1 ? 0 : random.nextInt(5);
            byte[] nodeFeatures = new byte[4 * nodes];
            byte[] edgeFeatures = new byte[2 * edges];
            random.nextBytes(nodeFeatures);
            random.nextBytes(edgeFeatures);
            int[] sources = random.ints(edges, 0, nodes).toArray();
            int[] targets = random.ints(edges, 0, nodes).toArray();
            graphs.add(Graph.of(nodes, 4, nodeFeatures, sources, targets, 2, edgeFeatures));
        }
        return graphs;
    }

    private NDList batch(List<Graph> graphs) {
        return GraphArrays.of(manager, graphs, DataType.FLOAT32);
    }

    private NDArray numbers(int count) {
        return NdArrays.filled(manager, new Shape(count, 1), DataType.FLOAT32, out -> {
            for (int i = 0; i < count; i++) {
                out.putFloat(i);
            }
        });
    }

    private static void assertEqual(NDList found, NDList expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int slot = 0; slot < expected.size(); slot++) {
            assertThat(found.get(slot).getShape())
                    .as("slot %d", slot)
                    .isEqualTo(expected.get(slot).getShape());
            assertThat(found.get(slot).getDataType())
                    .isEqualTo(expected.get(slot).getDataType());
            assertThat(found.get(slot).toByteArray())
                    .as("slot %d", slot)
                    .isEqualTo(expected.get(slot).toByteArray());
        }
    }
}
