package dev.millrace.batch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import dev.millrace.build.PublishedFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the samples of a dataset, in its order and not shuffled, as files of other programs: NPZ, which {@code numpy.load}
 * reads without pickle, or CSV.
 *
 * <p>NPZ has, for {@code S} samples, the arrays of the dataset's batches by name, with the same types:
 *
 * <pre>
 *   ids           int64 [S]        primary keys; positions where a dataset is no {@link SqliteDataset}
 *   (name)        [S, …]           an array with one row per sample; its name, or data_i, label_i if it has none
 * </pre>
 *
 * and of graphs, with {@code N} nodes and {@code E} directed edges in all samples together:
 *
 * <pre>
 *   node_feat     [N, Fn]
 *   edge_index    int64 [2, E]     source row, target row of node_feat: of the whole, not of a sample
 *   edge_feat     [E, Fe]
 *   node_offsets  int64 [S + 1]    sample i has the nodes node_offsets[i] … node_offsets[i + 1] − 1
 *   edge_offsets  int64 [S + 1]    and the edges edge_offsets[i] … edge_offsets[i + 1] − 1
 * </pre>
 *
 * <p>CSV has a line per sample: {@code id}, then the arrays in columns {@code name}, or {@code name_0}, {@code name_1} … where a
 * sample has several numbers ({@code name_0_0} … with two axes). Floating-point numbers have as many digits as they need to be read
 * back the same; booleans are 0 and 1. Graphs have no place in it.
 *
 * <p>A file appears whole or not at all, and the same samples make the same bytes. Memory: some batches, whatever the size of the
 * dataset. Disk: of graphs once more the size of the file while it is written.
 *
 * <p>One thread at a time. The dataset stays open; a {@link SqliteDataset} may be trained on meanwhile, its epochs are not counted
 * on. What is random in samples is that of its next epoch.
 *
 * {@snippet :
 * new DatasetExport(train).npz(Path.of("train.npz"));
 * }
 */
public final class DatasetExport {
    /** Samples that are read at a time unless asked for otherwise. */
    public static final int DEFAULT_BATCH_SIZE = 256;

    private final RandomAccessDataset dataset;
    private final Set<String> arrays = new LinkedHashSet<>();
    private int batchSize = DEFAULT_BATCH_SIZE;
    private int limit = Integer.MAX_VALUE;
    private LongConsumer progress = done -> {};

    public DatasetExport(RandomAccessDataset dataset) {
        this.dataset = dataset;
    }

    /** Only these arrays, by name; all by default. {@code ids} and the offsets of graphs are always there. */
    public DatasetExport optArrays(Collection<String> names) {
        arrays.addAll(names);
        return this;
    }

    /** Only the first so many samples. */
    public DatasetExport optLimit(int samples) {
        limit = checked("samples", samples, 0);
        return this;
    }

    /** Samples that are read at a time; concerns speed and memory only. */
    public DatasetExport optBatchSize(int samples) {
        batchSize = checked("samples in a batch", samples, 1);
        return this;
    }

    private static int checked(String what, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException("Expected at least " + least + " " + what + ", found " + value + ".");
        }
        return value;
    }

    /** Is told how many samples are written, after each batch, on the exporting thread. */
    public DatasetExport optProgress(LongConsumer value) {
        progress = value;
        return this;
    }

    /**
     * What was written.
     *
     * @param arrays in the order of the file
     */
    public record Summary(long samples, List<Array> arrays) {}

    /**
     * One array of what was written.
     *
     * @param type as numpy calls it
     */
    public record Array(String name, String type, List<Long> shape) {}

    /**
     * Writes NPZ; replaces an older file.
     *
     * @throws ExportRefusedException if the arrays cannot be exported so
     * @throws IOException if the file cannot be written, or the thread is interrupted
     * @throws dev.millrace.sqlite.DatabaseException if the dataset cannot be read
     */
    public Summary npz(Path file) throws IOException {
        if (PublishedFile.isGzip(file)) {
            throw new ExportRefusedException(
                    "Cannot write NPZ to " + file + ": expected another name, since .gz stands for gzip.");
        }
        try (PublishedFile target = PublishedFile.open(file);
                NpzSink sink = new NpzSink(target)) {
            Summary summary = write(sink);
            target.publish();
            return summary;
        }
    }

    /** Writes CSV in UTF-8, gzip if the name ends in {@code .gz}; otherwise as {@link #npz}. */
    public Summary csv(Path file) throws IOException {
        try (PublishedFile target = PublishedFile.open(file)) {
            Summary summary = write(new CsvSink(target.out()));
            target.publish();
            return summary;
        }
    }

    /** As {@link #csv(Path)}, to a stream that is flushed and stays open; never compressed. */
    public Summary csv(OutputStream out) throws IOException {
        return write(new CsvSink(out));
    }

    private Summary write(ExportSink sink) throws IOException {
        if (dataset instanceof SqliteDataset<?> own && !own.keepsSamplesApart()) {
            throw new ExportRefusedException(
                    "Cannot export batches in which samples share rows: expected a row for each."
                            + " Open the dataset without packing.");
        }
        int samples = (int) Math.min(dataset.size(), limit);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            if (samples == 0) {
                sink.begin(planOfNone(manager), 0);
            } else if (dataset instanceof SqliteDataset<?> own) {
                try (BatchStream<?> batches = own.inOrder(manager, batchSize, samples)) {
                    write(sink, batches, own, samples);
                }
            } else {
                write(sink, plainBatches(manager, samples), null, samples);
            }
            return new Summary(samples, sink.finish());
        }
    }

    private ExportPlan planOfNone(NDManager manager) {
        if (!(dataset instanceof SqliteDataset<?> own)) {
            throw new ExportRefusedException(
                    "Cannot export no samples: their arrays are not known. Export one sample at least.");
        }
        Collator.Slots none = own.none(manager);
        return ExportPlan.of(none.data(), none.labels(), own.hasGraphs(), arrays);
    }

    private Iterator<Batch> plainBatches(NDManager manager, int samples) throws IOException {
        OrderedPlan order = new OrderedPlan(0, batchSize, samples);
        Sampler sampler = new Sampler() {
            @Override
            public Iterator<List<Long>> sample(RandomAccessDataset any) {
                return LongStream.range(0, order.batchCount())
                        .mapToObj(batch -> Arrays.stream(order.positions(batch))
                                .asLongStream()
                                .boxed()
                                .toList())
                        .iterator();
            }

            @Override
            public int getBatchSize() {
                return batchSize;
            }
        };
        try {
            return dataset.getData(manager, sampler).iterator();
        } catch (TranslateException e) {
            throw new IOException("Cannot read the dataset: " + e.getMessage(), e);
        }
    }

    private void write(ExportSink sink, Iterator<Batch> batches, @Nullable SqliteDataset<?> own, int samples)
            throws IOException {
        ExportPlan plan = null;
        int done = 0;
        while (batches.hasNext()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("The export was interrupted.");
            }
            try (Batch batch = batches.next()) {
                if (plan == null) {
                    boolean graphs = own != null && own.hasGraphs();
                    plan = ExportPlan.of(batch.getData(), batch.getLabels(), graphs, arrays);
                    sink.begin(plan, samples);
                }
                List<NDArray> found = ExportPlan.joined(batch.getData(), batch.getLabels());
                plan.check(found, batch.getSize());
                sink.add(ids(own, done, batch.getSize()), found);
                done += batch.getSize();
            }
            progress.accept(done);
        }
    }

    private static long[] ids(@Nullable SqliteDataset<?> own, int first, int count) {
        return IntStream.range(first, first + count)
                .mapToLong(position -> own == null ? position : own.id(position))
                .toArray();
    }
}
