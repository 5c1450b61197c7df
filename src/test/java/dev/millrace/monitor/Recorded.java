package dev.millrace.monitor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Keeps what is recorded. Thread-safe. */
final class Recorded implements ResourceRecorder {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Map<String, List<Double>> values = new TreeMap<>();
    private final Map<String, String> units = new TreeMap<>();

    @Override
    public synchronized void resource(String type, String name, String unit, double value) {
        values.computeIfAbsent(type + "/" + name, key -> new ArrayList<>()).add(value);
        units.put(type + "/" + name, unit);
    }

    /** This as the monitor calls it: without values that are not known. */
    ResourceRecorder finite() {
        return (type, name, unit, value) -> {
            if (Double.isFinite(value)) {
                resource(type, name, unit, value);
            }
        };
    }

    synchronized List<Double> of(String metric) {
        return List.copyOf(values.getOrDefault(metric, List.of()));
    }

    synchronized Map<String, String> units() {
        return new TreeMap<>(units);
    }

    /** Waits until something is so; false if it does not come about. */
    static boolean until(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(10);
        }
        return true;
    }
}
