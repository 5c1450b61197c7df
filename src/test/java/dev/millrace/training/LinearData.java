package dev.millrace.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.util.Progress;
import dev.millrace.batch.EpochOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Noisy linear samples in an order that is a function of seed and epoch, each batch told to whoever wants to know. */
final class LinearData extends RandomAccessDataset implements EpochOrder {
    static final int FEATURES = 6;

    private final int count;
    private final int batchSize;
    private final long seed;
    private long nextEpoch;
    private long nextFirstBatch;
    private Consumer<String> log = line -> {};
    private Consumer<float[]> spoil = labels -> {};
    private long pauseNanos;
    private int spoiltBatch = -1;

    LinearData(int count, int batchSize, long seed) {
        super(new Builder().setSampling(batchSize, false));
        this.count = count;
        this.batchSize = batchSize;
        this.seed = seed;
    }

    LinearData logTo(Consumer<String> target) {
        log = target;
        return this;
    }

    /** Changes the labels of one batch of the first epoch. */
    LinearData spoil(int batch, Consumer<float[]> change) {
        spoiltBatch = batch;
        spoil = change;
        return this;
    }

    LinearData pauseMillis(long millis) {
        pauseNanos = millis * 1_000_000;
        return this;
    }

    @Override
    public void setNextEpoch(long epoch, long firstBatch) {
        nextEpoch = epoch;
        nextFirstBatch = firstBatch;
    }

    @Override
    public String digest() {
        return "linear " + count + " " + batchSize + " " + seed;
    }

    @Override
    protected long availableSize() {
        return count;
    }

    @Override
    public void prepare(@Nullable Progress progress) {}

    private float[] features(int id) {
        Random random = new Random(seed * 1_000_003 + id);
        float[] x = new float[FEATURES];
        for (int i = 0; i < FEATURES; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private float label(int id) {
        float[] x = features(id);
        float sum = 0.5f;
        for (int i = 0; i < FEATURES; i++) {
            sum += (i - 2) * 0.3f * x[i];
        }
        return sum + (float) Math.sin(x[0]);
    }

    @Override
    public Record get(NDManager manager, long index) {
        NDArray x = manager.create(new Shape(FEATURES), DataType.FLOAT32);
        x.set(FloatBuffer.wrap(features((int) index)));
        NDArray y = manager.create(new Shape(1), DataType.FLOAT32);
        y.set(FloatBuffer.wrap(new float[] {label((int) index)}));
        return new Record(new NDList(x), new NDList(y));
    }

    @Override
    public Iterable<Batch> getData(NDManager manager, Sampler sampler, @Nullable ExecutorService executor) {
        long epoch = nextEpoch++;
        long firstBatch = nextFirstBatch;
        nextFirstBatch = 0;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(seed ^ (epoch * 7919 + 1)));
        return () -> new Batches(manager, order, epoch, (int) firstBatch);
    }

    private final class Batches implements Iterator<Batch> {
        private final NDManager manager;
        private final List<Integer> order;
        private final long epoch;
        private int batch;

        Batches(NDManager manager, List<Integer> order, long epoch, int first) {
            this.manager = manager;
            this.order = order;
            this.epoch = epoch;
            this.batch = first;
        }

        @Override
        public boolean hasNext() {
            return batch * batchSize < count;
        }

        @Override
        public Batch next() {
            long until = System.nanoTime() + pauseNanos;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            List<Integer> ids = order.subList(batch * batchSize, Math.min(count, (batch + 1) * batchSize));
            float[] x = new float[ids.size() * FEATURES];
            float[] y = new float[ids.size()];
            for (int i = 0; i < ids.size(); i++) {
                System.arraycopy(features(ids.get(i)), 0, x, i * FEATURES, FEATURES);
                y[i] = label(ids.get(i));
            }
            if (epoch == 0 && batch == spoiltBatch) {
                spoil.accept(y);
            }
            log.accept(epoch + ":" + batch + ":" + ids);
            batch++;
            NDManager own = manager.newSubManager();
            NDArray data = own.create(new Shape(ids.size(), FEATURES), DataType.FLOAT32);
            data.set(FloatBuffer.wrap(x));
            NDArray label = own.create(new Shape(ids.size(), 1), DataType.FLOAT32);
            label.set(FloatBuffer.wrap(y));
            return new Batch(own, new NDList(data), new NDList(label), ids.size(), null, null, 0, count);
        }
    }

    private static final class Builder extends BaseBuilder<Builder> {
        @Override
        protected Builder self() {
            return this;
        }
    }
}
