package dev.millrace.training;

import ai.djl.Device;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.evaluator.BinaryAccuracy;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import dev.millrace.metrics.Run;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records what DJL's own loop does. A value that is computed on a GPU stays there until several of them, or the epoch, are read
 * at once: reading each would make the loop wait for the device at every step. One thread at a time.
 */
final class EasyTrainRecorder {
    /** Steps on a GPU between two reads: rare enough to cost nothing, often enough to watch. */
    static final int STEPS_PER_READ_ON_GPU = 50;

    private final Run run;
    private final EasyTrainSettings settings;
    private final List<Step> unread = new ArrayList<>();
    private @Nullable Setting setting;
    private long step;
    private int epoch;
    private long lastEvent = System.nanoTime();
    private boolean afterTrainingBatch;
    private final Totals training = new Totals(MetricsListener.TRAIN);
    private final Totals validation = new Totals(MetricsListener.VALIDATION);

    EasyTrainRecorder(Run run, EasyTrainSettings settings) {
        this.run = run;
        this.settings = settings;
    }

    /** What the trainer is like; known from the first batch on. */
    private record Setting(NDManager scope, boolean judgedByDjl, int stepsPerRead) {}

    /** A step whose values are not read yet. */
    private record Step(long number, long timeMillis, int samples, Map<String, Double> known, List<NDArray> values) {}

    /** A sum on the device, and what to divide it by. */
    private record Sum(NDArray value, long weight) {}

    /** Sums over an epoch; those of evaluators stay on the device. */
    private static final class Totals {
        private final Map<String, Sum> sums = new LinkedHashMap<>();
        private final Set<Evaluator> selfCounting = new LinkedHashSet<>();
        private final String phase;
        private final String accumulator;
        private double lossSum;
        private long samples;
        private double seconds;
        private double waitSeconds;

        Totals(String phase) {
            this.phase = phase;
            this.accumulator = "millrace/easy/" + phase;
        }

        void reset() {
            sums.values().forEach(sum -> sum.value.close());
            sums.clear();
            selfCounting.clear();
            lossSum = 0;
            samples = 0;
            seconds = 0;
            waitSeconds = 0;
        }
    }

    /** Steps so far. */
    long steps() {
        return step;
    }

    void onTrainingBegin() {
        lastEvent = System.nanoTime();
    }

    void onTrainingBatch(Trainer trainer, BatchData batch) {
        double seconds = DataClock.secondsSince(lastEvent);
        Setting known = setting(trainer);
        step++;
        int samples = batch.getBatch().getSize();
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(MetricsListener.SAMPLES_PER_SECOND, MetricsListener.rate(samples, seconds));
        double wait = waitSeconds(trainer, seconds);
        if (!Double.isNaN(wait)) {
            values.put(MetricsListener.DATA_WAIT_SHARE, seconds > 0 ? wait / seconds : 0);
        }
        double rate = settings.learningRate(step);
        if (!Double.isNaN(rate)) {
            values.put(MetricsListener.LEARNING_RATE, rate);
        }
        List<NDArray> onDevice = new ArrayList<>();
        onDevice.add(keep(mean(trainer.getLoss(), batch), known.scope));
        if (settings.gradientNorm() && settings.optimizer() == null) {
            onDevice.add(keep(gradientNorm(trainer), known.scope));
        }
        unread.add(new Step(step, System.currentTimeMillis(), samples, values, onDevice));
        judge(trainer, batch, training, known);
        recordNormOfLastStep();
        training.samples += samples;
        training.seconds += seconds;
        training.waitSeconds += wait;
        if (unread.size() >= known.stepsPerRead) {
            read();
        }
        lastEvent = System.nanoTime();
        afterTrainingBatch = true;
    }

    void onValidationBatch(Trainer trainer, BatchData batch) {
        Setting known = setting(trainer);
        int samples = batch.getBatch().getSize();
        addMean(validation, Monitor.LOSS, trainer.getLoss(), batch, known.scope);
        judge(trainer, batch, validation, known);
        validation.samples += samples;
        validation.seconds += DataClock.secondsSince(lastEvent);
        lastEvent = System.nanoTime();
        afterTrainingBatch = false;
    }

    void onEpoch(Trainer trainer) {
        read();
        if (training.samples > 0) {
            record(Monitor.LOSS, training.lossSum / training.samples, MetricsListener.TRAIN);
            record(
                    MetricsListener.SAMPLES_PER_SECOND,
                    MetricsListener.rate(training.samples, training.seconds),
                    MetricsListener.TRAIN);
            record(MetricsListener.EPOCH_SECONDS, training.seconds, MetricsListener.TRAIN);
            recordIfKnown(MetricsListener.LEARNING_RATE, settings.learningRate(step));
            recordIfKnown(MetricsListener.DATA_WAIT_SHARE, training.waitSeconds / training.seconds);
            recordJudgements(trainer, training);
        }
        if (validation.samples > 0) {
            recordJudgements(trainer, validation);
            record(MetricsListener.VALIDATION_SECONDS, validation.seconds, MetricsListener.VALIDATION);
        }
        training.reset();
        validation.reset();
        epoch++;
        afterTrainingBatch = false;
        lastEvent = System.nanoTime();
    }

    /** Reads what is left and lets go of the device's memory. Harmless when repeated. */
    void end() {
        Setting known = setting;
        if (known != null) {
            setting = null;
            try {
                read();
            } finally {
                unread.clear();
                training.reset();
                validation.reset();
                known.scope.close();
            }
        }
    }

    private Setting setting(Trainer trainer) {
        Setting known = setting;
        if (known == null) {
            boolean[] judged = new boolean[1];
            trainer.notifyListeners(listener -> judged[0] |= listener instanceof EvaluatorTrainingListener);
            boolean onGpu = trainer.getDevices()[0].isGpu();
            int asked = settings.stepsPerRead();
            int steps = asked > 0 ? asked : onGpu ? STEPS_PER_READ_ON_GPU : 1;
            known = new Setting(trainer.getManager().newSubManager(), judged[0], steps);
            setting = known;
        }
        return known;
    }

    /** Moves values of several steps from the device to the run, all in one transfer. */
    private void read() {
        if (unread.isEmpty()) {
            return;
        }
        NDList values = new NDList();
        unread.forEach(waiting -> values.addAll(waiting.values));
        double[] numbers;
        try (values;
                NDArray together = NDArrays.stack(values)) {
            numbers = together.toDoubleArray();
        } catch (RuntimeException e) {
            unread.clear();
            throw e;
        }
        int next = 0;
        for (Step waiting : unread) {
            Map<String, Double> recorded = new LinkedHashMap<>();
            double loss = numbers[next++];
            recorded.put(Monitor.LOSS, loss);
            recorded.putAll(waiting.known);
            if (waiting.values.size() > 1) {
                recorded.put(MetricsListener.GRADIENT_NORM, numbers[next++]);
            }
            training.lossSum += loss * waiting.samples;
            run.logAll(waiting.number, waiting.timeMillis, recorded);
        }
        unread.clear();
    }

    /**
     * Evaluators that are losses are averaged by sample here; others are DJL's own listener's to add up, if it is there. If not,
     * hits are counted on the device where the evaluator is known to count hits, and the rest add themselves up, which reads the
     * device at each batch.
     */
    private void judge(Trainer trainer, BatchData batch, Totals totals, Setting known) {
        for (Evaluator evaluator : trainer.getEvaluators()) {
            if (evaluator == trainer.getLoss()) {
                continue;
            }
            if (evaluator instanceof Loss) {
                addMean(totals, evaluator.getName(), evaluator, batch, known.scope);
            } else if (!known.judgedByDjl && countsHits(evaluator)) {
                addHits(totals, evaluator, batch, known.scope);
            } else if (!known.judgedByDjl) {
                update(evaluator, batch, totals);
            }
        }
    }

    /** Those whose value for a batch is the number of labels that were met. */
    private static boolean countsHits(Evaluator evaluator) {
        return evaluator.getClass() == Accuracy.class || evaluator.getClass() == BinaryAccuracy.class;
    }

    private void update(Evaluator evaluator, BatchData batch, Totals totals) {
        if (totals.selfCounting.add(evaluator)) {
            evaluator.addAccumulator(totals.accumulator);
            evaluator.resetAccumulator(totals.accumulator);
        }
        for (Map.Entry<Device, NDList> labels : batch.getLabels().entrySet()) {
            NDList predictions = batch.getPredictions().get(labels.getKey());
            if (predictions != null) {
                evaluator.updateAccumulator(totals.accumulator, labels.getValue(), predictions);
            }
        }
    }

    private void recordJudgements(Trainer trainer, Totals totals) {
        for (Map.Entry<String, Sum> sum : totals.sums.entrySet()) {
            Sum found = sum.getValue();
            record(sum.getKey(), LoadedBatch.value(found.value) / found.weight, totals.phase);
        }
        for (Evaluator evaluator : trainer.getEvaluators()) {
            String name = evaluator.getName();
            if (totals.selfCounting.contains(evaluator)) {
                record(name, evaluator.getAccumulator(totals.accumulator), totals.phase);
            } else if (evaluator != trainer.getLoss() && !totals.sums.containsKey(name)) {
                Float value = totals == training
                        ? trainer.getTrainingResult().getTrainEvaluation(name)
                        : trainer.getTrainingResult().getValidateEvaluation(name);
                if (value != null) {
                    record(name, value, totals.phase);
                }
            }
        }
    }

    private void recordIfKnown(String name, double value) {
        if (!Double.isNaN(value)) {
            record(name, value, MetricsListener.TRAIN);
        }
    }

    private void record(String name, double value, String phase) {
        run.epochMetric(name, value, 0, epoch, phase);
    }

    /** DJL calls before the step is taken: the norm that an optimizer of ours knows is that of the step before. */
    private void recordNormOfLastStep() {
        AdamW optimizer = settings.optimizer();
        if (settings.gradientNorm() && optimizer != null && step > 1) {
            run.log(step - 1, MetricsListener.GRADIENT_NORM, optimizer.gradientNorm());
        }
    }

    /**
     * Seconds between the last batch and this one that were neither forward, backward nor update: waiting for the data and
     * moving them. NaN unless the trainer has metrics, which is where DJL puts its times, and one device.
     */
    private double waitSeconds(Trainer trainer, double seconds) {
        Metrics times = trainer.getMetrics();
        if (times == null || trainer.getDevices().length != 1) {
            return Double.NaN;
        }
        double computing = seconds(times, "forward") + seconds(times, "backward");
        if (afterTrainingBatch) {
            computing += seconds(times, "step");
        }
        return Math.max(0, seconds - computing);
    }

    private static double seconds(Metrics times, String name) {
        return times.hasMetric(name) ? times.latestMetric(name).getValue() / 1e9 : 0;
    }

    private static void addMean(Totals totals, String name, Evaluator evaluator, BatchData batch, NDManager scope) {
        int samples = batch.getBatch().getSize();
        try (NDArray mean = mean(evaluator, batch)) {
            add(totals, name, mean.mul(samples), samples, scope);
        }
    }

    private static void addHits(Totals totals, Evaluator evaluator, BatchData batch, NDManager scope) {
        for (Map.Entry<Device, NDList> labels : batch.getLabels().entrySet()) {
            NDList predictions = batch.getPredictions().get(labels.getKey());
            if (predictions != null) {
                try (NDArray hits = evaluator.evaluate(labels.getValue(), predictions)) {
                    NDArray wide = hits.toType(DataType.FLOAT64, true).reshape(1);
                    add(
                            totals,
                            evaluator.getName(),
                            wide,
                            labels.getValue().head().size(),
                            scope);
                }
            }
        }
    }

    private static void add(Totals totals, String name, NDArray value, long weight, NDManager scope) {
        Sum before = totals.sums.get(name);
        if (before == null) {
            totals.sums.put(name, new Sum(keep(value, scope), weight));
            return;
        }
        NDArray sum = before.value.add(value.toDevice(before.value.getDevice(), false));
        before.value.close();
        value.close();
        totals.sums.put(name, new Sum(keep(sum, scope), before.weight + weight));
    }

    private static NDArray keep(NDArray value, NDManager scope) {
        value.attach(scope);
        return value;
    }

    /** Mean over the samples of a batch, whose parts may lie on several devices; a scalar in float64 on the first of them. */
    private static NDArray mean(Evaluator evaluator, BatchData batch) {
        NDArray sum = null;
        long samples = 0;
        for (Map.Entry<Device, NDList> labels : batch.getLabels().entrySet()) {
            NDList predictions = batch.getPredictions().get(labels.getKey());
            if (predictions != null) {
                long part = labels.getValue().head().getShape().get(0);
                NDArray values = evaluator.evaluate(labels.getValue(), predictions);
                NDArray wide = values.toType(DataType.FLOAT64, true);
                NDArray weighted = LoadedBatch.scalar(wide).mul(part).reshape(1);
                sum = sum == null ? weighted : sum.add(weighted.toDevice(sum.getDevice(), false));
                samples += part;
            }
        }
        if (sum == null) {
            throw new IllegalStateException("A batch has no predictions.");
        }
        return sum.div(samples);
    }

    /** Norm of all gradients as they lie on the model's device. */
    private static NDArray gradientNorm(Trainer trainer) {
        NDArray sum = null;
        for (Pair<String, Parameter> entry : trainer.getModel().getBlock().getParameters()) {
            Parameter parameter = entry.getValue();
            if (parameter.isInitialized() && parameter.getArray().hasGradient()) {
                try (NDArray gradient = parameter.getArray().getGradient();
                        NDArray norm = gradient.norm()) {
                    NDArray square =
                            norm.toType(DataType.FLOAT64, true).square().reshape(1);
                    sum = sum == null ? square : sum.add(square);
                }
            }
        }
        if (sum == null) {
            throw new IllegalStateException("No parameter of the model has a gradient.");
        }
        return sum.sqrt();
    }
}
