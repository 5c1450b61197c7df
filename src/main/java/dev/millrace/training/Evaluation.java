package dev.millrace.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.EpochOrder;
import dev.millrace.model.WeightedLoss;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures loss and evaluators on the validation data, in inference mode. One thread at a time. */
final class Evaluation {
    private static final String ACCUMULATOR = "millrace/validation";

    private final Trainer trainer;
    private final Loss loss;
    private final List<Evaluator> evaluators;
    private final RandomAccessDataset data;

    Evaluation(Trainer trainer, Loss loss, List<Evaluator> evaluators, RandomAccessDataset data) {
        this.trainer = trainer;
        this.loss = loss;
        this.evaluators = evaluators;
        this.data = data;
    }

    /** Loss and evaluators by name, each over all samples, or over all that a {@link WeightedLoss} counts. */
    Map<String, Double> measure() {
        // Losses as evaluators are averaged here; others know best how to add themselves up.
        Map<String, Loss> means = new LinkedHashMap<>();
        means.put(Monitor.LOSS, loss);
        List<Evaluator> own = new ArrayList<>();
        for (Evaluator evaluator : evaluators) {
            if (evaluator instanceof Loss extra) {
                means.put(extra.getName(), extra);
            } else {
                own.add(evaluator);
                evaluator.addAccumulator(ACCUMULATOR);
                evaluator.resetAccumulator(ACCUMULATOR);
            }
        }
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, Long> weights = new LinkedHashMap<>();
        if (data instanceof EpochOrder order) {
            order.setNextEpoch(0, 0);
        }
        Iterator<Batch> batches = EpochLoop.iterate(trainer, data);
        try (NDManager scope = trainer.getManager().newSubManager()) {
            // Added up where they are, in float64 as here: a device is waited for at the end only.
            Map<String, NDArray> sums = new LinkedHashMap<>();
            while (batches.hasNext()) {
                try (LoadedBatch batch = LoadedBatch.of(
                        batches.next(), trainer.getModel().getNDManager().getDevice())) {
                    NDList predictions = trainer.evaluate(batch.data());
                    for (Map.Entry<String, Loss> mean : means.entrySet()) {
                        NDArray value = LoadedBatch.scalar(mean.getValue().evaluate(batch.labels(), predictions));
                        long weight = batch.weight(mean.getValue());
                        weights.merge(mean.getKey(), weight, Long::sum);
                        add(
                                sums,
                                mean.getKey(),
                                value.toType(DataType.FLOAT64, true).mul(weight),
                                scope);
                    }
                    for (Evaluator evaluator : own) {
                        evaluator.updateAccumulator(ACCUMULATOR, batch.labels(), predictions);
                    }
                }
            }
            for (Map.Entry<String, NDArray> sum : sums.entrySet()) {
                if (weights.getOrDefault(sum.getKey(), 0L) == 0) {
                    throw new IllegalStateException("Cannot validate: expected something that counts for '"
                            + sum.getKey() + "', found nothing in " + data.size()
                            + " samples. Choose validation data whose loss mask is not 0 everywhere.");
                }
                values.put(sum.getKey(), LoadedBatch.value(sum.getValue()) / weights.getOrDefault(sum.getKey(), 0L));
            }
        } finally {
            EpochLoop.close(batches);
        }
        for (Evaluator evaluator : own) {
            values.put(evaluator.getName(), (double) evaluator.getAccumulator(ACCUMULATOR));
        }
        return values;
    }

    private static void add(Map<String, NDArray> sums, String name, NDArray value, NDManager scope) {
        NDArray before = sums.get(name);
        NDArray sum = before == null ? value : value.add(before);
        sum.attach(scope);
        sums.put(name, sum);
        if (before != null) {
            before.close();
        }
    }
}
