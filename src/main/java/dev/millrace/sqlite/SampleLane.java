package dev.millrace.sqlite;

import java.util.ArrayDeque;
import java.util.List;

/**
 * A short queue for measurements of which the latest matter: when it is full, the oldest goes. Thread-safe; they come a few
 * times a second, so a lock is good enough.
 */
final class SampleLane<T> {
    private final ArrayDeque<T> samples = new ArrayDeque<>();
    private final int capacity;
    private long accepted;
    private long dropped;
    private long taken;
    private boolean closed;

    SampleLane(int capacity) {
        this.capacity = capacity;
    }

    /** False if it is closed. */
    synchronized boolean offer(T sample) {
        if (closed) {
            return false;
        }
        if (samples.size() == capacity) {
            samples.poll();
            dropped++;
        }
        samples.add(sample);
        accepted++;
        return true;
    }

    /** Moves all samples to the end of {@code target}; returns how many have left the lane, dropped ones included. */
    synchronized long drain(List<T> target) {
        target.addAll(samples);
        taken += samples.size();
        samples.clear();
        return taken + dropped;
    }

    synchronized void close() {
        closed = true;
    }

    synchronized long accepted() {
        return accepted;
    }

    synchronized long dropped() {
        return dropped;
    }

    synchronized int size() {
        return samples.size();
    }
}
