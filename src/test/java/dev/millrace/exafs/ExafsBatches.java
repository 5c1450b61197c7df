package dev.millrace.exafs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import dev.millrace.batch.SqliteDataset;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What an epoch gives, array by array, as shapes and bytes. */
final class ExafsBatches {
    private ExafsBatches() {}

    record Snapshot(List<String> shapes, List<ByteBuffer> bytes) {}

    static List<Snapshot> of(SqliteDataset<?> dataset) throws Exception {
        List<Snapshot> batches = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                NDList arrays = new NDList(batch.getData());
                arrays.addAll(batch.getLabels());
                batches.add(new Snapshot(
                        arrays.stream()
                                .map(array -> array.getDataType() + " " + array.getShape())
                                .toList(),
                        arrays.stream()
                                .map(array -> ByteBuffer.wrap(array.toByteArray()))
                                .toList()));
                batch.close();
            }
        }
        return batches;
    }

    static double[] doubles(NDArray array) {
        return switch (array.getDataType()) {
            case FLOAT64 -> array.toDoubleArray();
            case INT64 ->
                java.util.Arrays.stream(array.toLongArray()).asDoubleStream().toArray();
            default -> {
                float[] narrow = array.toFloatArray();
                double[] values = new double[narrow.length];
                java.util.Arrays.setAll(values, i -> narrow[i]);
                yield values;
            }
        };
    }
}
