package dev.millrace.monitor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of the last minute, one ring of numbers for each metric. Thread-safe. */
final class RecentSamples {
    static final long MILLIS = 60_000;
    private static final int MOST = 600;

    private final int capacity;
    private final Map<Metric, Ring> rings = new LinkedHashMap<>();

    /** @param intervalMillis between two values of a metric */
    RecentSamples(long intervalMillis) {
        this.capacity = (int) Math.max(2, Math.min(MOST, MILLIS / intervalMillis + 1));
    }

    synchronized void add(long timeMillis, String type, String name, String unit, double value) {
        rings.computeIfAbsent(new Metric(type, name, unit), key -> new Ring(capacity))
                .add(timeMillis, value);
    }

    /** Those of the minute before a moment, in order of time. */
    synchronized List<ResourceSample> since(long nowMillis) {
        List<ResourceSample> samples = new ArrayList<>();
        rings.forEach((metric, ring) -> {
            for (int i = 0; i < ring.size(); i++) {
                if (ring.time(i) > nowMillis - MILLIS) {
                    samples.add(new ResourceSample(ring.time(i), metric.type, metric.name, metric.unit, ring.value(i)));
                }
            }
        });
        samples.sort(Comparator.comparingLong(ResourceSample::timeMillis));
        return samples;
    }

    private record Metric(String type, String name, String unit) {}

    private static final class Ring {
        private final long[] times;
        private final double[] values;
        private long added;

        Ring(int capacity) {
            times = new long[capacity];
            values = new double[capacity];
        }

        void add(long time, double value) {
            int slot = (int) (added % times.length);
            times[slot] = time;
            values[slot] = value;
            added++;
        }

        int size() {
            return (int) Math.min(added, times.length);
        }

        long time(int index) {
            return times[slot(index)];
        }

        double value(int index) {
            return values[slot(index)];
        }

        private int slot(int index) {
            return (int) ((added - size() + index) % times.length);
        }
    }
}
