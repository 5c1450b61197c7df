package dev.millrace.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.pcqm.PcqmDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Measures shuffled loading as a training loop sees it: SQL, checksum, decode, NDArrays, hand-over, close.
 *
 * <p>The figures are those of the best epoch, with the median beside it. Each epoch visits every sample once.
 */
public final class LoaderBench {
    private static final int BASELINE_BATCHES = 200;
    private static final long GRAPHS_BEFORE_HEAP = 300_000;

    private LoaderBench() {}

    /**
     * What to measure.
     *
     * @param threads loader threads
     * @param baseline whether DJL's per-record path is measured too, for the ratio
     */
    public record Options(int batchSize, int epochs, int threads, boolean mapped, long seed, boolean baseline) {}

    /** Writes {@code count} synthetic graphs into a temporary folder, measures and removes them. */
    public static Map<String, Object> synthetic(int count, Options options) throws IOException {
        Path folder = Files.createTempDirectory("millrace-bench");
        Path file = folder.resolve("graphs.db");
        try {
            SyntheticGraphs.write(file, count, options.seed);
            Map<String, Object> figures = measure(
                    () -> SyntheticGraphDataset.builder()
                            .setDatabase(file)
                            .setSampling(options.batchSize, true)
                            .optSeed(options.seed)
                            .optLoaderThreads(options.threads)
                            .optMapped(options.mapped)
                            .build(),
                    options);
            figures.put("bytes_per_graph", Files.size(file) / count);
            if (options.baseline) {
                double perRecord = baseline(file, options.batchSize);
                figures.put("djl_per_record_graphs_per_second", Math.round(perRecord));
                figures.put(
                        "ratio_to_djl_per_record",
                        ((Number) java.util.Objects.requireNonNull(figures.get("graphs_per_second"))).doubleValue()
                                / perRecord);
            }
            return figures;
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }

    /** Measures any dataset; opens it with {@code open} and closes it. */
    public static Map<String, Object> measure(Supplier<? extends SqliteDataset<?>> open, Options options) {
        Map<String, Object> figures = new LinkedHashMap<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            manager.zeros(new ai.djl.ndarray.types.Shape(1)).close();
            double openMillis;
            double firstBatchMillis = 0;
            double[] seconds = new double[options.epochs];
            double[] cpuSeconds = new double[options.epochs];
            long batches = 0;
            long graphs = 0;
            long reads = 0;
            int arrays = 0;
            long residentAfterTwo = 0;
            long heapBefore = ProcessUse.liveHeapBytes();
            double heapBeyondIds;
            long opening = System.nanoTime();
            try (SqliteDataset<?> dataset = open.get()) {
                openMillis = (System.nanoTime() - opening) / 1e6;
                for (int epoch = 0; epoch < options.epochs; epoch++) {
                    long readsBefore = dataset.reads();
                    long cpuStart = ProcessUse.cpuNanos();
                    long start = System.nanoTime();
                    batches = 0;
                    graphs = 0;
                    for (Batch batch : dataset.getData(manager, (java.util.concurrent.ExecutorService) null)) {
                        if (epoch == 0 && batches == 0) {
                            firstBatchMillis = (System.nanoTime() - opening) / 1e6;
                        }
                        batches++;
                        graphs += batch.getSize();
                        arrays = batch.getData().size() + batch.getLabels().size();
                        batch.close();
                    }
                    reads = dataset.reads() - readsBefore;
                    seconds[epoch] = (System.nanoTime() - start) / 1e9;
                    cpuSeconds[epoch] = (ProcessUse.cpuNanos() - cpuStart) / 1e9;
                    if (epoch == 1) {
                        // The first epoch still warms up the JVM.
                        residentAfterTwo = ProcessUse.residentBytes();
                    }
                }
                heapBeyondIds = liveHeapInEpoch(dataset, manager) - heapBefore - (double) dataset.size() * Long.BYTES;
                if (dataset instanceof PcqmDataset pcqm) {
                    figures.put("layout", pcqm.layout().id());
                    figures.put("feature_spec", pcqm.featureSpec());
                }
            } catch (IOException | TranslateException e) {
                throw new IllegalStateException("Cannot read the dataset", e);
            }
            java.util.Arrays.sort(seconds);
            java.util.Arrays.sort(cpuSeconds);
            figures.put("graphs_per_second", Math.round(graphs / seconds[0]));
            figures.put("pass_seconds", Math.round(1e3 * seconds[0]) / 1e3);
            figures.put("median_graphs_per_second", Math.round(graphs / seconds[seconds.length / 2]));
            figures.put("cpu_us_per_graph", Math.round(1e8 * cpuSeconds[0] / graphs) / 100.0);
            figures.put("graphs", graphs);
            figures.put("batches", batches);
            figures.put("statements", reads);
            figures.put("arrays_per_batch", arrays);
            figures.put("batch_size", options.batchSize);
            figures.put("epochs", options.epochs);
            figures.put("threads", options.threads);
            figures.put("mmap", options.mapped);
            figures.put("open_ms", Math.round(openMillis * 10) / 10.0);
            figures.put("first_batch_ms", Math.round(firstBatchMillis * 10) / 10.0);
            if (options.epochs > 1) {
                figures.put("rss_mb_after_2_epochs", residentAfterTwo >> 20);
            }
            figures.put("heap_mb_beyond_ids", Math.round(heapBeyondIds / (1 << 20) * 10) / 10.0);
            figures.put("rss_mb", ProcessUse.residentBytes() >> 20);
        }
        return figures;
    }

    /** What the loader holds in the middle of its work, the batch of the caller's apart. */
    private static long liveHeapInEpoch(SqliteDataset<?> dataset, NDManager manager)
            throws IOException, TranslateException {
        long graphs = 0;
        for (Batch batch : dataset.getData(manager, (java.util.concurrent.ExecutorService) null)) {
            graphs += batch.getSize();
            batch.close();
            if (graphs >= Math.min(GRAPHS_BEFORE_HEAP, dataset.size() / 2)) {
                break;
            }
        }
        return ProcessUse.liveHeapBytes();
    }

    private static double baseline(Path file, int batchSize) {
        try (NDManager manager = NDManager.newBaseManager();
                PerRecordDataset dataset = new PerRecordDataset(file, batchSize)) {
            double best = 0;
            for (int pass = 0; pass < 3; pass++) {
                best = Math.max(best, baselinePass(manager, dataset));
            }
            return best;
        } catch (IOException | TranslateException e) {
            throw new IllegalStateException("Cannot read the baseline", e);
        }
    }

    private static double baselinePass(NDManager manager, RandomAccessDataset dataset)
            throws IOException, TranslateException {
        long start = System.nanoTime();
        long graphs = 0;
        int batches = 0;
        for (Batch batch : dataset.getData(manager)) {
            graphs += batch.getSize();
            batch.close();
            if (++batches == BASELINE_BATCHES) {
                break;
            }
        }
        return graphs / ((System.nanoTime() - start) / 1e9);
    }
}
