package dev.millrace.model;

/** Threads that the engine uses inside one operation on a CPU. Thread-safe. */
public final class EngineThreads {
    private static final String PROPERTY = "ai.djl.pytorch.num_threads";

    private EngineThreads() {}

    /** How many there are; loads the engine. */
    public static int count() {
        return ScatterAdd.engineThreads();
    }

    /**
     * Asks for one thread less than there are processors, at least one, unless the user said otherwise by the property
     * {@code ai.djl.pytorch.num_threads} or by {@code OMP_NUM_THREADS}: the other one is for the loader. The engine's own
     * default, one for each processor, is slower on two processors for every model that was measured (docs/benchmarks).
     */
    public static void requestDefault() {
        if (System.getProperty(PROPERTY) == null && System.getenv("OMP_NUM_THREADS") == null) {
            request(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
        }
    }

    /**
     * Asks for a number of threads. The engine reads it when it is loaded and never again.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public static void request(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("Engine threads must be at least 1, found " + threads + ".");
        }
        System.setProperty(PROPERTY, Integer.toString(threads));
    }
}
