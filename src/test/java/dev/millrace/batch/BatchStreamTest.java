package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.GraphFileDataset.Row;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.BufferOverflowException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loader threads: what they leave behind when an epoch is given up, closed or fails. */
@Timeout(300)
class BatchStreamTest {
    private static final int COUNT = 400;

    @TempDir
    Path folder;

    private Path file = Path.of("");

    /** Counts the readers of a source that are open. */
    private final AtomicInteger open = new AtomicInteger();

    @BeforeEach
    void write() {
        file = GraphFile.write(folder.resolve("graphs.db"), COUNT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void getData_epochGivenUpEarly_isEndedByTheNextOne(int threads) throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(threads, this::counting)) {
            for (int epoch = 0; epoch < 10; epoch++) {
                Iterator<Batch> batches = dataset.getData(manager).iterator();
                batches.next().close();
                assertThat(open.get()).isLessThanOrEqualTo(Math.max(1, threads));
                assertThat(Epochs.loaderThreads()).isLessThanOrEqualTo(threads);
            }
        }
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void close_whileBatchesArePrefetched_releasesThreadsConnectionsAndArrays(int threads) throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            GraphFileDataset dataset = dataset(threads, this::counting);
            Iterator<Batch> batches = dataset.getData(manager).iterator();
            Batch kept = batches.next();
            Thread.sleep(50);
            dataset.close();

            assertNothingLeft();
            assertThat(batches.hasNext()).isFalse();
            assertThat(kept.getLabels().get(0).toFloatArray()).isNotEmpty();
            kept.close();
            assertThat(manager.getManagedArrays()).isEmpty();
            assertThatThrownBy(() -> dataset.getData(manager).iterator().next())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        assertNothingLeft();
    }

    @Test
    void close_parentOfASubsetThatIsRead_endsThatToo() throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            GraphFileDataset dataset = dataset(2, this::counting);
            Iterator<Batch> batches =
                    dataset.randomSplit(1, 1)[0].getData(manager).iterator();
            batches.next().close();
            dataset.close();

            assertNothingLeft();
        }
    }

    @Test
    void close_iteratorOfAnEpoch_endsIt() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(2, this::counting)) {
            Iterator<Batch> batches = dataset.getData(manager).iterator();
            batches.next().close();
            ((AutoCloseable) batches).close();

            assertNothingLeft();
            assertThat(batches.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void next_readerFails_throwsTheOriginalExceptionAtThatBatch(int threads) throws Exception {
        IllegalArgumentException failure = new IllegalArgumentException("row 1010 is odd");
        UnaryOperator<RowSource<Row>> failing = source -> new Intercepted(counting(source)) {
            @Override
            List<Row> read(RowReader<Row> reader, long[] ids) {
                if (ids[0] == GraphFile.id(100)) {
                    throw failure;
                }
                return reader.read(ids);
            }
        };
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(threads, failing)) {
            Iterator<Batch> batches = dataset.getData(manager).iterator();
            for (int batch = 0; batch < 10; batch++) {
                batches.next().close();
            }
            assertThatThrownBy(batches::next).isSameAs(failure);
            assertThat(batches.hasNext()).isFalse();
            assertNothingLeft();
            assertThat(manager.getManagedArrays()).isEmpty();
            assertThat(Epochs.ids(dataset.subDataset(0, 50))).hasSize(5);
        }
    }

    @Test
    void next_collatorFails_closesTheArraysMadeSoFar() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(2, source -> new Intercepted(source) {
                    @Override
                    List<Row> read(RowReader<Row> reader, long[] ids) {
                        TensorBlob tooLong = TensorCodec.ofFloats(
                                new float[GraphFile.TARGET_WIDTH + 1], Compression.NONE, GraphFile.TARGET_WIDTH + 1);
                        return reader.read(ids).stream()
                                .map(row -> new Row(row.id(), row.graph(), tooLong))
                                .toList();
                    }
                })) {
            Iterator<Batch> batches = dataset.getData(manager).iterator();
            assertThatThrownBy(batches::next).isInstanceOf(BufferOverflowException.class);
            assertThat(manager.getManagedArrays()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void next_noReaderCanBeOpened_throwsTheOriginalException(int threads) throws Exception {
        IllegalStateException failure = new IllegalStateException("no connection");
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(threads, source -> new Intercepted(source) {
                    @Override
                    public RowReader<Row> openReader() {
                        throw failure;
                    }
                })) {
            assertThatThrownBy(() -> dataset.getData(manager).iterator().next()).isSameAs(failure);
        }
        assertNothingLeft();
    }

    @Test
    void getData_oneOfTwoReadersCannotBeOpened_throwsItsFailureAndLeavesNothing() throws Exception {
        IllegalStateException failure = new IllegalStateException("no connection");
        AtomicInteger opened = new AtomicInteger();
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(2, source -> new Intercepted(source) {
                    @Override
                    public RowReader<Row> openReader() {
                        if (opened.incrementAndGet() == 2) {
                            throw failure;
                        }
                        return super.openReader();
                    }
                })) {
            assertThatThrownBy(() -> dataset.getData(manager)).isSameAs(failure);
        }
        assertNothingLeft();
    }

    @Test
    void getData_trainersManagerClosedMeanwhile_doesNotHang() throws Exception {
        try (GraphFileDataset dataset = dataset(2, this::counting)) {
            NDManager manager = NDManager.newBaseManager();
            Iterator<Batch> batches = dataset.getData(manager).iterator();
            batches.next().close();
            manager.close();
        }
        assertNothingLeft();
    }

    /* Twenty epochs: the arrays of the manager and the Java heap stay as they are; resident memory is printed. */
    @Test
    void getData_twentyEpochs_needNoMoreMemoryThanOne() throws Exception {
        try (NDManager manager = NDManager.newBaseManager();
                GraphFileDataset dataset = dataset(2, this::counting)) {
            long[] heap = new long[20];
            long[] resident = new long[20];
            for (int epoch = 0; epoch < 20; epoch++) {
                for (Batch batch : dataset.getData(manager)) {
                    batch.getLabels().forEach(NDArray::getShape);
                    batch.close();
                }
                assertThat(manager.getManagedArrays()).isEmpty();
                System.gc();
                heap[epoch] = Runtime.getRuntime().totalMemory()
                        - Runtime.getRuntime().freeMemory();
                resident[epoch] = residentMegabytes();
            }
            System.out.printf(
                    "heap after epoch 3 and 20: %d and %d kB; RSS %d and %d MB%n",
                    heap[2] >> 10, heap[19] >> 10, resident[2], resident[19]);
            assertThat(heap[19] - heap[2]).isLessThan(4 << 20);
        }
        assertNothingLeft();
    }

    private void assertNothingLeft() {
        assertThat(open.get()).as("open readers").isZero();
        assertThat(Epochs.loaderThreads()).as("loader threads").isZero();
    }

    private GraphFileDataset dataset(int threads, UnaryOperator<RowSource<Row>> wrapper) {
        return GraphFileDataset.builder(file)
                .setSampling(10, false)
                .optLoaderThreads(threads)
                .optWrapper(wrapper)
                .build();
    }

    private Intercepted counting(RowSource<Row> source) {
        return new Intercepted(source) {
            @Override
            public RowReader<Row> openReader() {
                RowReader<Row> reader = super.openReader();
                open.incrementAndGet();
                return new RowReader<>() {
                    @Override
                    public List<Row> read(long[] ids) {
                        return reader.read(ids);
                    }

                    @Override
                    public void close() {
                        reader.close();
                        open.decrementAndGet();
                    }
                };
            }
        };
    }

    private static long residentMegabytes() throws java.io.IOException {
        Path status = Path.of("/proc/self/status");
        if (!java.nio.file.Files.isReadable(status)) {
            return 0;
        }
        return java.nio.file.Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .sum();
    }

    /** A source whose readers can be made to fail. */
    private static class Intercepted implements RowSource<Row> {
        private final RowSource<Row> source;

        Intercepted(RowSource<Row> source) {
            this.source = source;
        }

        List<Row> read(RowReader<Row> reader, long[] ids) {
            return reader.read(ids);
        }

        @Override
        public long[] ids() {
            return source.ids();
        }

        @Override
        public RowReader<Row> openReader() {
            RowReader<Row> reader = source.openReader();
            return new RowReader<>() {
                @Override
                public List<Row> read(long[] ids) {
                    return Intercepted.this.read(reader, ids);
                }

                @Override
                public void close() {
                    reader.close();
                }
            };
        }

        @Override
        public String digest() {
            return source.digest();
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
