package dev.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.ToLongFunction;

/** Looks at the batches of a dataset once, outside of training. */
final class DatasetPass {
    private DatasetPass() {}

    /**
     * Gives batch after batch to an action, which says how many samples it had; the batch is closed after it.
     *
     * @param most stops when so many samples or more have been seen
     * @return how many were seen
     */
    static long each(RandomAccessDataset data, long most, ToLongFunction<Batch> action) {
        long count = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Iterator<Batch> batches = data.getData(manager).iterator();
            try {
                while (count < most && batches.hasNext()) {
                    try (Batch batch = batches.next()) {
                        count += action.applyAsLong(batch);
                    }
                }
            } finally {
                if (batches instanceof AutoCloseable loading) {
                    PropertyBaselines.close(loading);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
        return count;
    }
}
