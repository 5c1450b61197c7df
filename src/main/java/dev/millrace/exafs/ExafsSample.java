package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Writes a synthetic tree of FEFF path files of any size, {@code working_W/frame_F/atom_A/feffNNNN.dat} and {@code feff.inp}, in
 * FEFF's columns. Nothing of it was calculated by FEFF: uranium dioxide, whose lattice is stretched a little from frame to frame
 * and whose atoms tremble, with amplitudes, phases and mean free paths that are smooth functions of k, of the elements, the
 * length and the angles of a path. So a model can learn χ(k) from the geometry, and distances from χ(k).
 *
 * <p>Files are numbered by ascending half length, like FEFF's. The same settings and seed give the same bytes; what is in a
 * folder depends on seed, frame and atom only. Immutable.
 *
 * @param frames how many, at least 1; 100 of them in each {@code working_W}
 * @param atoms absorbers in each frame, at least 1
 * @param paths files of each absorber, 1 … 20,000
 * @param seed decides all of it
 */
public record ExafsSample(int frames, int atoms, int paths, long seed) {
    static final int MOST_PATHS = 20_000;

    private static final int FRAMES_PER_WORKING = 100;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double FRAME_STRETCH = 0.012;

    public ExafsSample {
        require("number of frames", frames, 1, 10_000_000);
        require("number of atoms", atoms, 1, 10_000_000);
        require("number of paths", paths, 1, MOST_PATHS);
    }

    private static void require(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "Expected a " + what + " from " + least + " to " + most + ", found " + value + ".");
        }
    }

    /** Path files in all. */
    public long fileCount() {
        return (long) frames * atoms * paths;
    }

    /**
     * Writes the tree.
     *
     * @param folder is made if it is not there; must be empty
     * @param threads that write at a time
     * @param progress is told of the path files written
     * @throws DirectoryNotEmptyException if there is something in the folder
     */
    public void write(Path folder, int threads, BuildProgress progress) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> there = Files.list(folder)) {
            if (there.findAny().isPresent()) {
                throw new DirectoryNotEmptyException(
                        folder + ": expected an empty folder for a sample, found files. Choose another.");
            }
        }
        SyntheticCluster cluster = SyntheticCluster.withPaths(paths);
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "sample", fileCount());
        long[] written = {0};
        try (Workers workers = new Workers(threads)) {
            workers.inOrder(
                    LongStream.range(0, (long) frames * atoms).boxed().iterator(),
                    absorber -> writeAbsorber(folder, (int) (absorber / atoms), (int) (absorber % atoms), cluster),
                    count -> {
                        written[0] += count;
                        meter.advanceTo(written[0]);
                    });
        } catch (UncheckedIOException e) {
            throw java.util.Objects.requireNonNull(e.getCause());
        }
        meter.finish();
    }

    private int writeAbsorber(Path root, int frame, int atom, SyntheticCluster cluster) throws IOException {
        Path folder = root.resolve("working_" + frame / FRAMES_PER_WORKING)
                .resolve("frame_" + frame)
                .resolve("atom_" + atom);
        Files.createDirectories(folder);
        // The same stretch for all atoms of a frame, another trembling for each.
        double stretch = 1 + FRAME_STRETCH * new SplittableRandom(seed * GOLDEN + frame).nextGaussian();
        SplittableRandom random = new SplittableRandom((seed * 31 + frame) * GOLDEN + atom);
        double[][] positions = cluster.displaced(stretch, random);
        Files.writeString(
                folder.resolve("feff.inp"), input(cluster, positions, frame, atom), StandardCharsets.US_ASCII);
        double[] halfLengths = new double[paths];
        for (int i = 0; i < paths; i++) {
            halfLengths[i] = SyntheticCluster.halfLength(cluster.path(i), positions);
        }
        int[] order = IntStream.range(0, paths)
                .boxed()
                .sorted((a, b) -> Double.compare(halfLengths[a], halfLengths[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        SyntheticPathFile file = new SyntheticPathFile();
        for (int i = 0; i < paths; i++) {
            int[] path = cluster.path(order[i]);
            byte[] content = file.format(i + 1, cluster, path, positions, halfLengths[order[i]]);
            Files.write(folder.resolve(name(i + 1)), content);
        }
        return paths;
    }

    private static String name(int number) {
        String digits = Integer.toString(number);
        return "feff" + "0".repeat(Math.max(0, 4 - digits.length())) + digits + ".dat";
    }

    private static String input(SyntheticCluster cluster, double[][] positions, int frame, int atom) {
        StringBuilder text = new StringBuilder();
        text.append(" * synthetic: written by 'millrace sample exafs', not for FEFF\n")
                .append(" TITLE synthetic uranium dioxide, frame ")
                .append(frame)
                .append(" atom ")
                .append(atom)
                .append("\n EDGE L3\n S02 1.0\n CONTROL 1 1 1 1 1 1\n PRINT 1 0 0 0 0 3\n\n POTENTIALS\n")
                .append(" *  ipot Z  label\n    0  92  U\n    1  92  U\n    2   8  O\n\n ATOMS\n")
                .append(" *  x         y         z     ipot tag\n");
        for (int i = 0; i < positions.length; i++) {
            for (double coordinate : positions[i]) {
                text.append(pad(SyntheticPathFile.fixed(coordinate, 4), 10));
            }
            int potential = i == 0 ? 0 : cluster.isUranium(i) ? 1 : 2;
            text.append("  ")
                    .append(potential)
                    .append("  ")
                    .append(potential == 2 ? "O" : "U")
                    .append('\n');
        }
        return text.append(" END\n").toString();
    }

    private static String pad(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
