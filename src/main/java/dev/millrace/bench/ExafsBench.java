package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Measures χ of scattering paths. All data is synthetic, made in a temporary folder and removed. */
public final class ExafsBench {
    private static final BenchParts<Options> PARTS = new BenchParts<Options>()
            .with("build", ExafsBuildBench::build)
            .with("size", ExafsBuildBench::size)
            .with("scale", ExafsBuildBench::scale)
            .with("average", ExafsAverageBench::average)
            .with("loader", (folder, options) -> ExafsLoaderBench.loader(folder, options.files()));

    private ExafsBench() {}

    /**
     * How much to measure.
     *
     * @param files path files of the tree that a database is compared with
     * @param paths paths of the large database that is streamed; 0 leaves it out
     * @param scale path files of the large tree of the part scale; 0 leaves it out
     */
    public record Options(int files, int paths, int scale) {}

    /** The names of the parts, in the order in which they run. */
    public static List<String> parts() {
        return PARTS.names();
    }

    /**
     * Runs parts and gives their figures.
     *
     * @param folder where the temporary folder is made; its disk is what is measured
     * @throws IllegalArgumentException if there is no part of a name
     * @throws IllegalStateException if the ways compared give different results: then no figure means anything
     */
    public static List<Figure> run(List<String> parts, Path folder, Options options)
            throws IOException, InterruptedException {
        return PARTS.run(parts, folder, options);
    }
}
