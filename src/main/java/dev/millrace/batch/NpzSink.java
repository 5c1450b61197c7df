package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.millrace.build.PublishedFile;
import dev.millrace.build.ScratchFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes NPZ. An array with one row per sample goes straight to its place in the file; one whose length is not known before
 * the end, to a file beside it first. Closing gives the latter back.
 */
final class NpzSink implements ExportSink, Closeable {
    private final PublishedFile file;
    private final NpzFile npz;
    private final List<Rows> rows = new ArrayList<>();
    private final List<DatasetExport.Array> written = new ArrayList<>();
    private NpzFile.@Nullable Entry ids;
    private NpzFile.@Nullable Entry nodeOffsets;
    private NpzFile.@Nullable Entry edgeOffsets;
    private long nodes;
    private long edges;
    private ByteBuffer numbers = longs(1);

    NpzSink(PublishedFile file) {
        this.file = file;
        this.npz = new NpzFile(file);
    }

    @Override
    public void begin(ExportPlan plan, int samples) throws IOException {
        ids = reserve(ExportPlan.IDS, DataType.INT64, samples);
        for (ExportedArray array : plan.arrays()) {
            switch (array.axis()) {
                case SAMPLES -> rows.add(new InPlace(array, reserve(array.name(), array.type(), array.shape(samples))));
                case NODES, EDGES -> rows.add(new Beside(array, file.scratch()));
                case EDGE_INDEX -> rows.add(new EdgesBeside(array, file.scratch(), file.scratch()));
            }
        }
        if (!plan.ragged().isEmpty()) {
            nodeOffsets = reserve(ExportPlan.NODE_OFFSETS, DataType.INT64, samples + 1L);
            edgeOffsets = reserve(ExportPlan.EDGE_OFFSETS, DataType.INT64, samples + 1L);
            nodeOffsets.append(shifted(LongBuffer.allocate(1), 0));
            edgeOffsets.append(shifted(LongBuffer.allocate(1), 0));
        }
    }

    private NpzFile.Entry reserve(String name, DataType type, long... shape) throws IOException {
        written.add(new DatasetExport.Array(
                name,
                type.name().toLowerCase(Locale.ROOT),
                LongStream.of(shape).boxed().toList()));
        return npz.reserve(name, type, shape);
    }

    @Override
    public void add(long[] batchIds, List<NDArray> arrays) throws IOException {
        Objects.requireNonNull(ids).append(shifted(LongBuffer.wrap(batchIds), 0));
        for (Rows each : rows) {
            each.append(arrays.get(each.array().place()));
        }
        if (nodeOffsets != null && edgeOffsets != null) {
            addOffsets(nodeOffsets, edgeOffsets, arrays);
        }
    }

    private void addOffsets(NpzFile.Entry nodeEntry, NpzFile.Entry edgeEntry, List<NDArray> arrays) throws IOException {
        long[] counts = arrays.get(GraphBatchifier.NODE_COUNTS).toLongArray();
        long[] firstNodes = new long[counts.length + 1];
        for (int graph = 0; graph < counts.length; graph++) {
            firstNodes[graph + 1] = firstNodes[graph] + counts[graph];
        }
        long[] firstEdges = GraphBatchifier.firstEdges(arrays.get(GraphBatchifier.EDGES), firstNodes);
        nodeEntry.append(shifted(LongBuffer.wrap(firstNodes, 1, counts.length), nodes));
        edgeEntry.append(shifted(LongBuffer.wrap(firstEdges, 1, counts.length), edges));
        nodes += firstNodes[counts.length];
        edges += firstEdges[counts.length];
    }

    /** Numbers with something added to each, in a buffer that the next call uses again. */
    private ByteBuffer shifted(LongBuffer values, long shift) {
        int count = values.remaining();
        if (numbers.capacity() < count * Long.BYTES) {
            numbers = longs(count);
        }
        numbers.clear();
        LongBuffer out = numbers.asLongBuffer();
        while (values.hasRemaining()) {
            out.put(values.get() + shift);
        }
        return numbers.limit(count * Long.BYTES);
    }

    private static ByteBuffer longs(int count) {
        return ByteBuffer.allocateDirect(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public List<DatasetExport.Array> finish() throws IOException {
        for (Rows each : rows) {
            each.finish();
        }
        npz.finish();
        return written;
    }

    @Override
    public void close() throws IOException {
        for (Rows each : rows) {
            each.close();
        }
    }

    /** Where the rows of an array go. */
    private sealed interface Rows extends Closeable {
        ExportedArray array();

        void append(NDArray batch) throws IOException;

        /** Puts into the file what is not there yet. */
        void finish() throws IOException;
    }

    private record InPlace(ExportedArray array, NpzFile.Entry entry) implements Rows {
        @Override
        public void append(NDArray batch) throws IOException {
            entry.append(NdArrays.bytes(batch));
        }

        @Override
        public void finish() {
            // All is there.
        }

        @Override
        public void close() {
            // There is nothing beside.
        }
    }

    private final class Beside implements Rows {
        private final ExportedArray array;
        private final ScratchFile scratch;

        Beside(ExportedArray array, ScratchFile scratch) {
            this.array = array;
            this.scratch = scratch;
        }

        @Override
        public ExportedArray array() {
            return array;
        }

        @Override
        public void append(NDArray batch) throws IOException {
            scratch.append(NdArrays.bytes(batch));
        }

        @Override
        public void finish() throws IOException {
            long count = array.axis() == ExportedArray.Axis.NODES ? nodes : edges;
            scratch.copyTo(reserve(array.name(), array.type(), array.shape(count))::append);
            scratch.close();
        }

        @Override
        public void close() throws IOException {
            scratch.close();
        }
    }

    /** Sources and targets, which follow each other in the end. */
    private final class EdgesBeside implements Rows {
        private final ExportedArray array;
        private final ScratchFile sources;
        private final ScratchFile targets;

        EdgesBeside(ExportedArray array, ScratchFile sources, ScratchFile targets) {
            this.array = array;
            this.sources = sources;
            this.targets = targets;
        }

        @Override
        public ExportedArray array() {
            return array;
        }

        @Override
        public void append(NDArray batch) throws IOException {
            LongBuffer ends = NdArrays.bytes(batch).asLongBuffer();
            int count = ends.limit() / 2;
            sources.append(shifted(ends.slice(0, count), nodes));
            targets.append(shifted(ends.slice(count, count), nodes));
        }

        @Override
        public void finish() throws IOException {
            NpzFile.Entry entry = reserve(array.name(), array.type(), array.shape(edges));
            sources.copyTo(entry::append);
            targets.copyTo(entry::append);
            close();
        }

        @Override
        public void close() throws IOException {
            sources.close();
            targets.close();
        }
    }
}
