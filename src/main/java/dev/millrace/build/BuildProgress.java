package dev.millrace.build;

/** Is told how far long work has come. Called on the thread that does the work, at most ten times a second. */
@FunctionalInterface
public interface BuildProgress {
    /** Tells nobody. */
    BuildProgress NONE = state -> {};

    /** How far it has come. */
    void at(State state);

    /**
     * A moment of the work.
     *
     * @param phase one word: {@code scan, build, finish, sample, features}
     * @param done items done
     * @param estimatedTotal items in all, estimated from the bytes read where it is not known; 0 at the very start
     * @param perSecond items per second since the phase began
     * @param finished whether the phase ends with this call
     */
    record State(String phase, long done, long estimatedTotal, double perSecond, boolean finished) {}

    /** Turns every step into few calls. One thread at a time. */
    final class Meter {
        private static final long INTERVAL_NANOS = 100_000_000;

        private final BuildProgress progress;
        private final String phase;
        private final long start = System.nanoTime();
        private long estimatedTotal;
        private long lastTold = start;
        private long done;

        /** Starts the clock of a phase. */
        public Meter(BuildProgress progress, String phase, long estimatedTotal) {
            this.progress = progress;
            this.phase = phase;
            this.estimatedTotal = estimatedTotal;
        }

        /** So many are done now. */
        public void advanceTo(long count) {
            done = count;
            if (System.nanoTime() - lastTold >= INTERVAL_NANOS) {
                tell(false);
            }
        }

        /** So many will be done in the end, judging by now. */
        public void estimate(long total) {
            estimatedTotal = total;
        }

        /** The phase is over. */
        public void finish() {
            estimatedTotal = done;
            tell(true);
        }

        private void tell(boolean finished) {
            lastTold = System.nanoTime();
            double seconds = Math.max(lastTold - start, 1) / 1e9;
            progress.at(new State(phase, done, estimatedTotal, done / seconds, finished));
        }
    }
}
