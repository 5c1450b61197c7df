package dev.millrace.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.RowReader;
import dev.millrace.genome.Window;
import dev.millrace.genome.WindowDataset;
import dev.millrace.genome.WindowSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/** Windows per second that reach a training loop. */
final class GenomeLoaderBench {
    private static final int BATCH = 32;
    private static final int CONTIG = 1_000_000;
    private static final double SECONDS = 3;

    private GenomeLoaderBench() {}

    static List<Figure> loader(Path folder, GenomeBench.Options options) throws IOException, InterruptedException {
        int contigs = Math.max(1, options.megabases());
        Path store = SyntheticGenomes.store(folder.resolve("store.db"), contigs, CONTIG, 1);
        SyntheticGenomes.windows(store, store);
        List<Figure> figures = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            String count = threads + (threads == 1 ? " thread" : " threads");
            double plain = reading(store, threads);
            figures.add(
                    threads == 1
                            ? Figure.plain("read_1", "windows read, checked and tokenised, " + count, plain, "/s")
                            : Figure.atLeast(
                                    "read_2", "windows read, checked and tokenised, " + count, plain, "/s", 20_000));
            figures.add(Figure.plain(
                    "batches_int32_" + threads,
                    "windows in DJL batches of " + BATCH + ", four arrays, INT32, " + count,
                    batches(store, threads, true),
                    "/s"));
            figures.add(Figure.plain(
                    "batches_int64_" + threads, "the same, INT64, " + count, batches(store, threads, false), "/s"));
        }
        return figures;
    }

    private static double reading(Path store, int threads) throws InterruptedException {
        LongAdder read = new LongAdder();
        try (WindowSource source = GenomeReadBench.open(store, null)) {
            List<Thread> running = new ArrayList<>();
            long start = System.nanoTime();
            long warm = start + (long) (SECONDS * 0.5e9);
            long end = warm + (long) (SECONDS * 1e9);
            for (int i = 0; i < threads; i++) {
                long seed = i;
                Thread thread = new Thread(() -> {
                    GenomeReadBench.Buffers buffers = new GenomeReadBench.Buffers(BATCH);
                    SplittableRandom random = new SplittableRandom(seed);
                    try (RowReader<Window> reader = source.openReader(0)) {
                        for (long now = start; now < end; now = System.nanoTime()) {
                            buffers.encode(reader.read(
                                    random.longs(BATCH, 0, source.size()).toArray()));
                            if (now >= warm) {
                                read.add(BATCH);
                            }
                        }
                    }
                });
                thread.start();
                running.add(thread);
            }
            for (Thread thread : running) {
                thread.join();
            }
        }
        return read.sum() / SECONDS;
    }

    private static double batches(Path store, int threads, boolean int32) {
        try (NDManager manager = NDManager.newBaseManager();
                WindowDataset dataset = WindowDataset.builder()
                        .setSequences(store)
                        .setSampling(BATCH, true)
                        .optLoaderThreads(threads)
                        .optInt32(int32)
                        .build()) {
            long windows = 0;
            long start = System.nanoTime();
            boolean warm = false;
            while (true) {
                for (Batch batch : dataset.getData(manager)) {
                    windows += batch.getSize();
                    batch.close();
                    double seconds = (System.nanoTime() - start) / 1e9;
                    if (!warm && seconds > SECONDS / 2) {
                        warm = true;
                        windows = 0;
                        start = System.nanoTime();
                    } else if (warm && seconds > SECONDS) {
                        return windows / seconds;
                    }
                }
            }
        } catch (IOException | ai.djl.translate.TranslateException e) {
            throw new IllegalStateException(e);
        }
    }
}
