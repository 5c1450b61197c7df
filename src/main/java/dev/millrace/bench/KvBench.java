package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Measures the key-value store in a temporary folder; see the parts for what and how. */
public final class KvBench {
    /* A fingerprint takes longer than an entry. */
    private static final int ENTRIES_PER_MOLECULE = 10;

    private static final BenchParts<Options> PARTS = new BenchParts<Options>()
            .with("put", KvWriteBench::put)
            .with("async1000", KvWriteBench::thousand)
            .with("through", KvWriteBench::through)
            .with("threads", KvWriteBench::threads)
            .with("behind", KvWriteBench::behind)
            .with("get", KvReadBench::get)
            .with("cached", KvReadBench::cached)
            .with("encrypted", KvWriteBench::encrypted)
            .with(
                    "transform",
                    (folder, options) -> KvCacheBench.cache(folder, options.entries() / ENTRIES_PER_MOLECULE));

    private KvBench() {}

    /**
     * How much to measure.
     *
     * @param entries of 100 bytes each, put in random order of their keys
     * @param repeats how often each way is measured, the ways in turn; the best counts
     */
    public record Options(int entries, int repeats) {}

    /** The names of the parts, in the order in which they run. */
    public static List<String> parts() {
        return PARTS.names();
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folder is made; its disk is what is measured
     * @throws IllegalArgumentException if there is no part of a name
     * @throws IllegalStateException if an entry is not what was put: then no figure means anything
     */
    public static List<Figure> run(List<String> parts, Path folder, Options options)
            throws IOException, InterruptedException {
        return PARTS.run(parts, folder, options);
    }
}
