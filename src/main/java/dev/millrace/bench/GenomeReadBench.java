package dev.millrace.bench;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.genome.Window;
import dev.millrace.genome.WindowFormat;
import dev.millrace.genome.WindowSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What a random window costs on one thread, by the length of its contig: read, checked, decoded and tokenised. */
final class GenomeReadBench {
    static final WindowFormat FORMAT =
            WindowFormat.builder(SyntheticGenomes.GEOMETRY.windowSize()).build();

    private static final int[] LENGTHS = {100_000, 1_000_000, 5_000_000, 50_000_000};
    private static final int BATCH = 32;
    private static final int SINGLES = 2_000;
    private static final double SECONDS = 1.5;

    private GenomeReadBench() {}

    static List<Figure> latency(Path folder, GenomeBench.Options options) throws IOException {
        List<Figure> figures = new ArrayList<>();
        double[] batched = new double[LENGTHS.length];
        Path[] stores = new Path[LENGTHS.length];
        double[] single = new double[LENGTHS.length];
        for (int i = 0; i < LENGTHS.length; i++) {
            int length = LENGTHS[i];
            String name = name(length);
            Path own = Files.createDirectory(folder.resolve(name));
            int contigs = (int) Math.max(1, options.megabases() * 1_000_000L / length);
            Path store = SyntheticGenomes.store(own.resolve("store.db"), contigs, length, length);
            SyntheticGenomes.windows(store, store);
            Path table = SyntheticGenomes.windows(store, own.resolve("windows.db"));
            Path sharded = GenomeBench.sharded(store, own.resolve("samples"));
            Path sample = sharded.resolve("SYN1").resolve("glm_dataset_SYN1.sqlite");
            requireSame(store, sharded, table, sample);
            single[i] = measure(store, null, 1);
            batched[i] = measure(store, null, BATCH);
            double seed = measure(store, table, BATCH);
            double shardedBatch = measure(sharded, table, BATCH);
            double original = original(table, sample);
            figures.add(Figure.atMost(
                    "window_us_" + name,
                    "a random window of a contig of " + name + ", one by one",
                    single[i],
                    "µs",
                    100));
            figures.add(Figure.atMost(
                    "batch_window_us_" + name, "the same, in batches of " + BATCH, batched[i], "µs", 100));
            figures.add(Figure.plain("window_db_us_" + name, "the same, store with a window database", seed, "µs"));
            figures.add(Figure.plain(
                    "sharded_us_" + name, "the same, sharded folder in batches of " + BATCH, shardedBatch, "µs"));
            figures.add(Figure.plain("original_us_" + name, "the original's way, item by item", original, "µs"));
            double ratio = original / batched[i];
            String what = "windows of " + name + " contigs: the store against the original's way";
            figures.add(
                    length == 5_000_000
                            ? Figure.atLeast("ratio_" + name, what, ratio, "×", 5)
                            : length == 50_000_000
                                    ? Figure.atLeast("ratio_" + name, what, ratio, "×", 100)
                                    : Figure.plain("ratio_" + name, what, ratio, "×"));
            stores[i] = store;
        }
        figures.add(Figure.atMost(
                "length_ratio",
                "a window of 50 Mb contigs against one of 100 kb contigs, in batches, by turns",
                byTurns(stores[LENGTHS.length - 1], stores[0]),
                "×",
                1.5));
        return figures;
    }

    /** What a machine does beside this changes from second to second: the best of three turns of each is compared. */
    private static double byTurns(Path one, Path other) {
        double first = Double.MAX_VALUE;
        double second = Double.MAX_VALUE;
        for (int turn = 0; turn < 3; turn++) {
            first = Math.min(first, measure(one, null, BATCH));
            second = Math.min(second, measure(other, null, BATCH));
        }
        return first / second;
    }

    private static String name(int length) {
        return length >= 1_000_000 ? length / 1_000_000 + "Mb" : length / 1_000 + "kb";
    }

    static WindowSource open(Path sequences, @Nullable Path windows) {
        return WindowSource.open(WindowSource.Options.of(sequences, windows, Split.ALL, FORMAT, 0, -1));
    }

    /** Microseconds per random window. */
    static double measure(Path sequences, @Nullable Path windows, int batch) {
        try (WindowSource source = open(sequences, windows);
                RowReader<Window> reader = source.openReader(0)) {
            Buffers buffers = new Buffers(batch);
            SplittableRandom random = new SplittableRandom(5);
            run(reader, source.size(), batch, random, buffers, SECONDS);
            return run(reader, source.size(), batch, random, buffers, SECONDS);
        }
    }

    private static double run(
            RowReader<Window> reader, int size, int batch, SplittableRandom random, Buffers buffers, double seconds) {
        long start = System.nanoTime();
        long read = 0;
        while (System.nanoTime() - start < seconds * 1e9) {
            buffers.encode(reader.read(random.longs(batch, 0, size).toArray()));
            read += batch;
        }
        return (System.nanoTime() - start) / 1e3 / read;
    }

    private static double original(Path table, Path sample) {
        int size = SyntheticGenomes.GEOMETRY.windowSize();
        try (OriginalWindows original = new OriginalWindows(table, sample, size, SyntheticGenomes.GEOMETRY.stride())) {
            SplittableRandom random = new SplittableRandom(5);
            int windows = windows(table);
            double micros = 0;
            for (int round = 0; round < 2; round++) {
                long start = System.nanoTime();
                int read = 0;
                while (read < SINGLES && System.nanoTime() - start < SECONDS * 1e9) {
                    original.read(random.nextInt(windows));
                    read++;
                }
                micros = (System.nanoTime() - start) / 1e3 / read;
            }
            return micros;
        }
    }

    private static int windows(Path table) {
        try (var database = dev.millrace.sqlite.Database.open(table, dev.millrace.sqlite.Access.READ)) {
            return (int) database.queryLong("SELECT value FROM metadata WHERE key = 'total_windows'");
        }
    }

    /** All ways give the same tokens of the same windows. */
    private static void requireSame(Path store, Path sharded, Path table, Path sample) {
        int size = SyntheticGenomes.GEOMETRY.windowSize();
        try (WindowSource native_ = open(store, null);
                WindowSource folder = open(sharded, table);
                RowReader<Window> one = native_.openReader(0);
                RowReader<Window> other = folder.openReader(0);
                OriginalWindows original =
                        new OriginalWindows(table, sample, size, SyntheticGenomes.GEOMETRY.stride())) {
            long[] ids = new SplittableRandom(9).longs(5, 0, native_.size()).toArray();
            List<Window> first = one.read(ids);
            List<Window> second = other.read(ids);
            for (int i = 0; i < ids.length; i++) {
                long[] tokens = original.read(ids[i]).tokens();
                MetricsWriteBench.require(
                        native_.size() == folder.size()
                                && Arrays.equals(
                                        tokens, FORMAT.encode(first.get(i)).tokens())
                                && Arrays.equals(
                                        tokens, FORMAT.encode(second.get(i)).tokens()),
                        "window " + ids[i] + " differs");
            }
        }
    }

    /** Where the arrays of a batch go. One thread at a time. */
    static final class Buffers {
        private final ByteBuffer tokens;
        private final ByteBuffer labels;
        private final ByteBuffer lossMask;

        Buffers(int batch) {
            int values = batch * FORMAT.windowSize();
            tokens = ByteBuffer.allocateDirect(values * Long.BYTES).order(ByteOrder.nativeOrder());
            labels = ByteBuffer.allocateDirect(values * Long.BYTES).order(ByteOrder.nativeOrder());
            lossMask = ByteBuffer.allocateDirect(values * Float.BYTES).order(ByteOrder.nativeOrder());
        }

        void encode(List<Window> windows) {
            tokens.clear();
            labels.clear();
            lossMask.clear();
            for (Window window : windows) {
                FORMAT.encode(window, tokens, labels, lossMask, false);
            }
        }
    }
}
