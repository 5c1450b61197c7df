package dev.millrace.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.SqliteDataset;
import java.io.IOException;
import java.util.SplittableRandom;

/**
 * How much faster a dataset comes in batches than record by record, on this machine and over the same rows. Immutable.
 *
 * <p>Record by record is DJL's own way: {@code get} for each, with a statement and arrays of its own. Stacking those is left out, as
 * graphs cannot be stacked: the ratio is rather too small than too large.
 *
 * @param batched samples per second in the dataset's batches, loader threads as it has them
 * @param perRecord samples per second by {@code get}, in a random order
 */
public record LoaderRatio(double batched, double perRecord) {
    /** Another program on the machine slows one turn down, not all. */
    private static final int TURNS = 3;

    private static final long SEED = 1;

    /**
     * Measures both ways by turns and takes the best turn of each.
     *
     * @param dataset with at least one sample; may be read on afterwards
     * @param seconds for all of it
     * @throws IOException if the data cannot be read
     */
    public static LoaderRatio of(SqliteDataset<?> dataset, double seconds) throws IOException {
        double turn = seconds / (2 * (TURNS + 1));
        double batched = 0;
        double perRecord = 0;
        try (NDManager manager = NDManager.newBaseManager()) {
            // The first turn warms up.
            for (int i = 0; i <= TURNS; i++) {
                double inBatches = batches(dataset, manager, turn);
                double single = records(dataset, manager, turn);
                batched = i == 0 ? 0 : Math.max(batched, inBatches);
                perRecord = i == 0 ? 0 : Math.max(perRecord, single);
            }
        } catch (TranslateException e) {
            throw new IOException("Cannot read the data: " + e.getMessage(), e);
        }
        return new LoaderRatio(batched, perRecord);
    }

    /** How many times faster the batches are. */
    public double ratio() {
        return batched / perRecord;
    }

    /** Samples per second in batches, over as many epochs as this takes. */
    static double batches(RandomAccessDataset dataset, NDManager manager, double seconds)
            throws IOException, TranslateException {
        long samples = 0;
        long start = System.nanoTime();
        while (true) {
            for (Batch batch : dataset.getData(manager)) {
                samples += batch.getSize();
                batch.close();
                double passed = secondsSince(start);
                if (passed > seconds) {
                    return samples / passed;
                }
            }
        }
    }

    private static double records(SqliteDataset<?> dataset, NDManager manager, double seconds) {
        SplittableRandom random = new SplittableRandom(SEED);
        long samples = 0;
        long start = System.nanoTime();
        double passed;
        do {
            try (NDManager own = manager.newSubManager()) {
                Record sample = dataset.get(own, random.nextLong(dataset.size()));
                sample.getData().close();
                samples++;
            }
            passed = secondsSince(start);
        } while (passed <= seconds);
        return samples / passed;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
