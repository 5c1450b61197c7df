package dev.millrace.training;

import ai.djl.metric.Metric;
import ai.djl.metric.Metrics;
import dev.millrace.metrics.Run;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DJL's metrics, kept in a {@link Run} instead of in the heap: {@code trainer.setMetrics(new StoredMetrics(run))}.
 *
 * <p>DJL's own {@link Metrics} keep every value as text for as long as training goes on. Here each goes to the run as it comes,
 * and the latest 1,000 to 2,000 of each name stay for {@link #latestMetric}, {@link #mean} and {@link #percentile}, which DJL's
 * listeners read.
 *
 * <pre>
 *   forward, backward, training-metrics, step       at the step: seconds, as djl/NAME_seconds
 *   train_all_X, train_progress_X                   at the step, as djl/NAME
 *   train_epoch_X, validate_epoch_X                 of the epoch: X, phase djl_train or djl_val
 *   epoch                                           of the epoch: epoch_seconds, phase djl_train
 *   any other name                                  at the step, in the unit it has, as djl/NAME; without training, at its count
 * </pre>
 *
 * <p>The prefix keeps DJL's values, which weigh batches alike, apart from those of {@link MetricsListener}. On a GPU the times
 * are those of launching work. Thread-safe. Nothing that goes wrong with the run reaches the training: it is logged once and
 * counted in {@link #failures}.
 */
public final class StoredMetrics extends Metrics {
    private static final Logger LOG = LoggerFactory.getLogger(StoredMetrics.class);
    private static final int WINDOW = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String PREFIX = "djl/";
    private static final String TRAINING_PHASE = "djl_train";
    private static final String TRAINING_EPOCH = "train_epoch_";
    private static final String VALIDATION_EPOCH = "validate_epoch_";
    private static final String STEP = "step";
    private static final List<String> TIMES_OF_STEPS = List.of("forward", "backward", "training-metrics", STEP);

    private final Run run;
    private final Map<String, AtomicLong> seen = new ConcurrentHashMap<>();
    private final AtomicLong stepsDone = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean training;
    private volatile boolean limited;

    /** @param run where the values go; stays the caller's to finish */
    public StoredMetrics(Run run) {
        this.run = run;
    }

    /** How many values could not be recorded. */
    public long failures() {
        return failures.get();
    }

    /** Keeps at most this many values of a name in memory, and empties its list when it is full, as DJL does. */
    @Override
    public void setLimit(int limit) {
        limited = limit > 0;
        super.setLimit(limit);
    }

    @Override
    public void addMetric(Metric metric) {
        super.addMetric(metric);
        if (!limited) {
            forgetOld(getMetric(metric.getMetricName()));
        }
        try {
            store(metric);
        } catch (RuntimeException e) {
            if (failures.getAndIncrement() == 0) {
                LOG.warn("DJL's metrics are not recorded; training goes on. {}", e.toString());
            }
        }
    }

    /** Half of the values at a time, so that it costs nothing per value. The list is DJL's synchronized one. */
    private static void forgetOld(List<Metric> values) {
        if (values.size() > 2 * WINDOW) {
            synchronized (values) {
                values.subList(0, values.size() - WINDOW).clear();
            }
        }
    }

    private void store(Metric metric) {
        String name = metric.getMetricName();
        double value = metric.getValue();
        long count = seen.computeIfAbsent(name, key -> new AtomicLong()).incrementAndGet();
        if (name.startsWith(TRAINING_EPOCH)) {
            storeEpoch(name.substring(TRAINING_EPOCH.length()), value, count, TRAINING_PHASE);
        } else if (name.startsWith(VALIDATION_EPOCH)) {
            storeEpoch(name.substring(VALIDATION_EPOCH.length()), value, count, "djl_val");
        } else if (name.equals("epoch")) {
            storeEpoch("epoch_seconds", value / NANOS_PER_SECOND, count, TRAINING_PHASE);
        } else if (TIMES_OF_STEPS.contains(name)) {
            training = true;
            long step = name.equals(STEP) ? stepsDone.incrementAndGet() : stepsDone.get() + 1;
            run.log(step, PREFIX + name.replace('-', '_') + "_seconds", value / NANOS_PER_SECOND);
        } else {
            run.log(training ? stepsDone.get() + 1 : count, PREFIX + name + suffix(metric), value);
        }
    }

    private void storeEpoch(String name, double value, long count, String phase) {
        run.epochMetric(name, value, 0, Math.toIntExact(count - 1), phase);
    }

    /** The unit, where somebody said one: DJL says "Count" of everything else. */
    private static String suffix(Metric metric) {
        return switch (metric.getUnit()) {
            case COUNT, NONE -> "";
            default -> "_" + metric.getUnit().name().toLowerCase(Locale.ROOT);
        };
    }
}
