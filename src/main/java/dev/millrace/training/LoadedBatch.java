package dev.millrace.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import dev.millrace.model.WeightedLoss;

/** A batch on the trainer's device; closing it closes the one it came from too. */
record LoadedBatch(Batch source, Batch onDevice) implements AutoCloseable {
    static LoadedBatch of(Batch source, Device device) {
        NDList data = source.getData();
        if (!data.isEmpty() && data.head().getDevice().equals(device)) {
            return new LoadedBatch(source, source);
        }
        try {
            return new LoadedBatch(source, source.split(new Device[] {device}, false)[0]);
        } catch (RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    NDList data() {
        return onDevice.getData();
    }

    NDList labels() {
        return onDevice.getLabels();
    }

    int size() {
        return source.getSize();
    }

    /** What a loss is a mean over: samples, unless it says otherwise. Read where the batch was made, not on its device. */
    long weight(Loss loss) {
        return loss instanceof WeightedLoss weighted ? weighted.weight(source.getLabels()) : size();
    }

    /** A loss that a block of code left as one value per sample becomes one value. */
    static NDArray scalar(NDArray loss) {
        return loss.size() == 1 ? loss : loss.mean();
    }

    static double value(NDArray scalar) {
        try (NDArray wide = scalar.toType(DataType.FLOAT64, true)) {
            return wide.toDoubleArray()[0];
        }
    }

    @Override
    public void close() {
        if (onDevice != source) {
            onDevice.close();
        }
        source.close();
    }
}
