package dev.millrace.bench;

import dev.millrace.build.BuildProgress;
import dev.millrace.genome.GenomeConvert;
import dev.millrace.genome.GenomeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures windows of genomes: a store against the original's way over the original's files, in the same run and on the same
 * bases. All data is synthetic, made in a temporary folder and removed.
 */
public final class GenomeBench {
    private static final BenchParts<Options> PARTS = new BenchParts<Options>()
            .with("latency", GenomeReadBench::latency)
            .with("loader", GenomeLoaderBench::loader)
            .with("index", GenomeScaleBench::index)
            .with("scale", GenomeScaleBench::scale);

    private GenomeBench() {}

    /**
     * How much to measure.
     *
     * @param megabases bases of each store of the parts latency and loader
     * @param gigabases bases of the largest store of the part scale; 0 leaves it out
     */
    public record Options(int megabases, double gigabases) {}

    /** The names of the parts, in the order in which they run. */
    public static List<String> parts() {
        return PARTS.names();
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folder is made; its disk is what is measured
     * @throws IllegalArgumentException if there is no part of a name
     * @throws IllegalStateException if the ways compared read different windows: then no figure means anything
     */
    public static List<Figure> run(List<String> parts, Path folder, Options options)
            throws IOException, InterruptedException {
        return PARTS.run(parts, folder, options);
    }

    /** The same contigs as files of samples. */
    static Path sharded(Path store, Path folder) throws IOException {
        try (GenomeStore from = GenomeStore.open(store)) {
            new GenomeConvert(BuildProgress.NONE).toSharded(from, folder, false);
        }
        return folder;
    }
}
