package dev.millrace.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Record;
import ai.djl.translate.TranslateException;
import dev.millrace.spectra.SpectrumDataset;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The source document's comparison of the two backends of spectra, over the same compounds: start-up, random and sequential
 * samples, an id look-up, shuffled batches, and what stays in the heap.
 */
public final class DatasetsBench {
    private static final int RANDOM_SAMPLES = 1_000;
    private static final int SEQUENTIAL_SAMPLES = 10_000;
    private static final int BATCH_SIZE = 128;
    private static final int WARM_UP_SAMPLES = 200;
    private static final long SEED = 1;

    private DatasetsBench() {}

    /**
     * One line of the table.
     *
     * @param unit of both values; smaller is better but for {@code samples/s}
     * @param ratio how many times better the database is
     */
    public record Line(String measure, String unit, double files, double database, double ratio) {}

    /** Opens one backend. */
    private interface Opener {
        SpectrumDataset open() throws IOException;
    }

    private record Figures(
            double initMillis,
            double randomMicros,
            double sequentialMicros,
            double lookUpMicros,
            double samplesPerSecond,
            double heapMegabytes) {}

    /** Measures both backends one after the other. The database must have been built from these files. */
    public static List<Line> compare(Path database, Path msp, Path molFolder) throws IOException, TranslateException {
        List<String> ids = sourceIds(database);
        Figures sqlite = measure(
                ids,
                () -> SpectrumDataset.builder()
                        .setDatabase(database)
                        .setSampling(BATCH_SIZE, true)
                        .build());
        Figures files = measure(
                ids,
                () -> SpectrumDataset.builder()
                        .setFiles(msp, molFolder)
                        .setSampling(BATCH_SIZE, true)
                        .build());
        return List.of(
                line("initialisation", "ms", files.initMillis, sqlite.initMillis),
                line("random sample, mean of 1,000", "µs", files.randomMicros, sqlite.randomMicros),
                line("sequential sample, mean of 10,000", "µs", files.sequentialMicros, sqlite.sequentialMicros),
                line("id look-up, mean of 1,000", "µs", files.lookUpMicros, sqlite.lookUpMicros),
                new Line(
                        "shuffled batches of 128, first 10,000",
                        "samples/s",
                        files.samplesPerSecond,
                        sqlite.samplesPerSecond,
                        sqlite.samplesPerSecond / files.samplesPerSecond),
                line("retained heap", "MB", files.heapMegabytes, sqlite.heapMegabytes));
    }

    /** The lines as a Markdown table. */
    public static String markdown(List<Line> lines) {
        StringBuilder table = new StringBuilder(
                "| measure | unit | files | SQLite | SQLite is better by |\n|---|---|---:|---:|---:|\n");
        for (Line line : lines) {
            table.append("| %s | %s | %s | %s | %s× |%n"
                    .formatted(line.measure, line.unit, figure(line.files), figure(line.database), figure(line.ratio)));
        }
        return table.toString();
    }

    private static Line line(String measure, String unit, double files, double database) {
        return new Line(measure, unit, files, database, files / database);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 1 ? "%.1f" : "%.3f", value);
    }

    private static Figures measure(List<String> ids, Opener opener) throws IOException, TranslateException {
        try (NDManager manager = NDManager.newBaseManager()) {
            manager.zeros(new ai.djl.ndarray.types.Shape(1)).close();
            opener.open().close();
            long before = retainedHeap();
            long start = System.nanoTime();
            try (SpectrumDataset dataset = opener.open()) {
                double init = (System.nanoTime() - start) / 1e6;
                double heap = Math.max(retainedHeap() - before, 1 << 10) / (double) (1 << 20);
                int size = Math.toIntExact(dataset.size());
                SplittableRandom random = new SplittableRandom(SEED);
                samples(manager, dataset, random.ints(WARM_UP_SAMPLES, 0, size).toArray());
                return new Figures(
                        init,
                        samples(
                                manager,
                                dataset,
                                random.ints(RANDOM_SAMPLES, 0, size).toArray()),
                        samples(
                                manager,
                                dataset,
                                java.util.stream.IntStream.range(0, Math.min(SEQUENTIAL_SAMPLES, size))
                                        .toArray()),
                        lookUps(dataset, ids),
                        batches(manager, dataset),
                        heap);
            }
        }
    }

    /** Ids as the input files call the compounds, chosen at random. */
    private static List<String> sourceIds(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            List<String> ids = database.read("Cannot read source ids", connection -> {
                List<String> all = new ArrayList<>();
                try (PreparedStatement select = connection.prepareStatement(
                                "SELECT source_id FROM compounds WHERE source_id IS NOT NULL ORDER BY id");
                        ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        all.add(rows.getString(1));
                    }
                }
                return all;
            });
            Collections.shuffle(ids, new Random(SEED));
            return ids.subList(0, Math.min(RANDOM_SAMPLES, ids.size()));
        }
    }

    private static double samples(NDManager manager, SpectrumDataset dataset, int[] positions) {
        long start = System.nanoTime();
        for (int position : positions) {
            try (NDManager own = manager.newSubManager()) {
                Record sample = dataset.get(own, position);
                sample.getData().close();
            }
        }
        return (System.nanoTime() - start) / 1e3 / positions.length;
    }

    private static double lookUps(SpectrumDataset dataset, List<String> sourceIds) {
        long start = System.nanoTime();
        for (String sourceId : sourceIds) {
            if (dataset.find(sourceId).isEmpty()) {
                throw new IllegalStateException("Expected a compound with ID " + sourceId + ", found none");
            }
        }
        return (System.nanoTime() - start) / 1e3 / sourceIds.size();
    }

    /** The faster of two starts of an epoch; whole epochs of the scanning backend would take hours at full size. */
    private static double batches(NDManager manager, SpectrumDataset dataset) throws IOException, TranslateException {
        double best = 0;
        for (int epoch = 0; epoch < 2; epoch++) {
            long start = System.nanoTime();
            long samples = 0;
            for (Batch batch : dataset.getData(manager)) {
                samples += batch.getSize();
                batch.close();
                if (samples >= SEQUENTIAL_SAMPLES) {
                    break;
                }
            }
            best = Math.max(best, samples / ((System.nanoTime() - start) / 1e9));
        }
        return best;
    }

    /* Collected a few times, because one call need not collect everything. */
    private static long retainedHeap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
