package dev.millrace.dashboard;

import dev.millrace.metrics.EpochPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which epoch a step belongs to, with fractions: an epoch's number stands at the step at which it ended, and between two of
 * them the steps are even. So values of steps and of epochs share an axis. Immutable.
 */
final class EpochScale {
    private final double[] steps;
    private final double[] epochs;

    private EpochScale(double[] steps, double[] epochs) {
        this.steps = steps;
        this.epochs = epochs;
    }

    static EpochScale of(List<EpochPoint> points) {
        List<EpochPoint> ordered = new ArrayList<>(points);
        ordered.sort(Comparator.comparingLong(EpochPoint::step));
        List<double[]> ends = new ArrayList<>();
        for (EpochPoint point : ordered) {
            double[] last = ends.isEmpty() ? new double[] {0, Double.NEGATIVE_INFINITY} : ends.get(ends.size() - 1);
            if (point.step() > last[0] && point.metric().epoch() > last[1]) {
                ends.add(new double[] {point.step(), point.metric().epoch()});
            }
        }
        if (!ends.isEmpty()) {
            ends.add(0, new double[] {0, ends.get(0)[1] - 1});
        }
        return new EpochScale(
                ends.stream().mapToDouble(end -> end[0]).toArray(),
                ends.stream().mapToDouble(end -> end[1]).toArray());
    }

    /** Whether the run has no epochs. */
    boolean isEmpty() {
        return steps.length == 0;
    }

    double epochOf(double step) {
        return between(step, steps, epochs);
    }

    double stepOf(double epoch) {
        return between(epoch, epochs, steps);
    }

    /** Straight between two known places, and on beyond them. */
    private static double between(double at, double[] from, double[] to) {
        if (Double.isInfinite(at)) {
            return at;
        }
        int end = 1;
        while (end < from.length - 1 && from[end] < at) {
            end++;
        }
        double share = (at - from[end - 1]) / (from[end] - from[end - 1]);
        return to[end - 1] + share * (to[end] - to[end - 1]);
    }
}
