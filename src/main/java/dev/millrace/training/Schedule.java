package dev.millrace.training;

import java.util.List;

/**
 * How the learning rate moves. Counted in optimizer steps, never in batches, so gradient accumulation does not shift it.
 * Immutable.
 */
public sealed interface Schedule {
    /**
     * What the peak learning rate is multiplied by.
     *
     * @param step steps already taken, from 0
     * @param totalSteps steps of the whole run; only read where {@link #needsTotalSteps()}
     */
    double factor(long step, long totalSteps);

    /** Whether the curve depends on the length of the run. */
    default boolean needsTotalSteps() {
        return false;
    }

    /** Adds a sentence for each setting out of range. */
    void addFaults(List<String> faults);

    /** The same learning rate throughout. */
    record Constant() implements Schedule {
        @Override
        public double factor(long step, long totalSteps) {
            return 1;
        }

        @Override
        public void addFaults(List<String> faults) {}
    }

    /**
     * A linear climb, then half a cosine down.
     *
     * @param warmupSteps steps until the peak; 0 starts there
     * @param finalFactor where the curve ends, as a share of the peak
     */
    record WarmupCosine(long warmupSteps, double finalFactor) implements Schedule {
        @Override
        public double factor(long step, long totalSteps) {
            if (step < warmupSteps) {
                return (step + 1.0) / (warmupSteps + 1.0);
            }
            return cosine(1, finalFactor, (double) (step - warmupSteps) / Math.max(1, totalSteps - 1 - warmupSteps));
        }

        @Override
        public boolean needsTotalSteps() {
            return true;
        }

        @Override
        public void addFaults(List<String> faults) {
            if (warmupSteps < 0) {
                faults.add("schedule warm-up steps must be ≥ 0, found " + warmupSteps);
            }
            if (!(finalFactor >= 0 && finalFactor <= 1)) {
                faults.add("schedule final factor must be in [0, 1], found " + finalFactor);
            }
        }
    }

    /**
     * One cycle: half a cosine up, half a cosine down (Smith and Topin, "Super-Convergence", 2018, with cosine flanks).
     *
     * @param warmupShare share of the steps that climb
     * @param startDivisor the start is the peak divided by this
     * @param endDivisor the end is the start divided by this
     */
    record OneCycle(double warmupShare, double startDivisor, double endDivisor) implements Schedule {
        /** Climb for 30 %, start at 1/25 of the peak, end at 1/10,000 of the start. */
        public static OneCycle standard() {
            return new OneCycle(0.3, 25, 1e4);
        }

        @Override
        public double factor(long step, long totalSteps) {
            double start = 1 / startDivisor;
            double peakStep = Math.max(0, warmupShare * totalSteps - 1);
            if (step < peakStep) {
                return cosine(start, 1, step / peakStep);
            }
            return cosine(1, start / endDivisor, (step - peakStep) / Math.max(1, totalSteps - 1 - peakStep));
        }

        @Override
        public boolean needsTotalSteps() {
            return true;
        }

        @Override
        public void addFaults(List<String> faults) {
            if (!(warmupShare >= 0 && warmupShare < 1)) {
                faults.add("schedule warm-up share must be in [0, 1), found " + warmupShare);
            }
            if (!(startDivisor >= 1) || Double.isInfinite(startDivisor)) {
                faults.add("schedule start divisor must be ≥ 1, found " + startDivisor);
            }
            if (!(endDivisor >= 1) || Double.isInfinite(endDivisor)) {
                faults.add("schedule end divisor must be ≥ 1, found " + endDivisor);
            }
        }
    }

    /**
     * Half a cosine down, again and again, each time over more steps (Loshchilov and Hutter, "SGDR", 2017). It knows no end, so
     * that a longer run begins as a shorter one does.
     *
     * @param firstSteps steps of the first fall, {@code scheduler_t0} epochs
     * @param growth each fall takes so many times the steps of the one before, {@code scheduler_tmult}
     * @param finalFactor where each fall ends, as a share of the peak
     */
    record CosineRestarts(long firstSteps, int growth, double finalFactor) implements Schedule {
        @Override
        public double factor(long step, long totalSteps) {
            long into = step;
            long length = firstSteps;
            if (growth == 1) {
                into %= length;
            }
            while (into >= length) {
                into -= length;
                length = Math.multiplyExact(length, growth);
            }
            return cosine(1, finalFactor, (double) into / length);
        }

        @Override
        public void addFaults(List<String> faults) {
            if (firstSteps < 1) {
                faults.add("schedule steps of the first fall must be ≥ 1, found " + firstSteps);
            }
            if (growth < 1) {
                faults.add("schedule growth must be ≥ 1, found " + growth);
            }
            if (!(finalFactor >= 0 && finalFactor <= 1)) {
                faults.add("schedule final factor must be in [0, 1], found " + finalFactor);
            }
        }
    }

    /**
     * Lowers the learning rate when the monitored value stops improving. The run feeds it at each epoch's end; the factor
     * reached so far is part of a checkpoint.
     *
     * @param reduction multiplies the learning rate, between 0 and 1
     * @param patienceEpochs epochs without improvement that are borne before a reduction
     * @param threshold what counts as improvement, as a share of the best value
     * @param floor the learning rate never falls below this share of the peak
     */
    record Plateau(double reduction, int patienceEpochs, double threshold, double floor) implements Schedule {
        @Override
        public double factor(long step, long totalSteps) {
            return 1;
        }

        @Override
        public void addFaults(List<String> faults) {
            if (!(reduction > 0 && reduction < 1)) {
                faults.add("schedule reduction must be in (0, 1), found " + reduction);
            }
            if (patienceEpochs < 0) {
                faults.add("schedule patience must be ≥ 0 epochs, found " + patienceEpochs);
            }
            if (!(threshold >= 0 && threshold < 1)) {
                faults.add("schedule threshold must be in [0, 1), found " + threshold);
            }
            if (!(floor >= 0 && floor <= 1)) {
                faults.add("schedule floor must be in [0, 1], found " + floor);
            }
        }
    }

    private static double cosine(double from, double to, double share) {
        double clamped = Math.min(1, Math.max(0, share));
        return to + (from - to) * (1 + Math.cos(Math.PI * clamped)) / 2;
    }
}
