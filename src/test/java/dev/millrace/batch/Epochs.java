package dev.millrace.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Iterates datasets over {@link GraphFile} and tells by the targets which rows each batch has. */
final class Epochs {
    private Epochs() {}

    /** The ids of every batch of the next epoch. */
    static List<List<Long>> ids(RandomAccessDataset dataset) throws IOException, TranslateException {
        List<List<Long>> batches = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : dataset.getData(manager)) {
                batches.add(ids(batch));
                batch.close();
            }
        }
        return batches;
    }

    static List<Long> ids(Batch batch) {
        NDArray targets = batch.getLabels().get(0);
        float[] values = targets.toFloatArray();
        List<Long> ids = new ArrayList<>();
        for (int row = 0; row < targets.getShape().get(0); row++) {
            ids.add((long) values[row * GraphFile.TARGET_WIDTH]);
        }
        return ids;
    }

    static List<Long> flat(List<List<Long>> batches) {
        return batches.stream().flatMap(List::stream).toList();
    }

    /** Loader threads that are alive. */
    static long loaderThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("millrace-loader"))
                .count();
    }
}
