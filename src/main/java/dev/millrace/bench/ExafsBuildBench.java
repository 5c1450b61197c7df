package dev.millrace.bench;

import dev.millrace.build.BuildProgress;
import dev.millrace.exafs.ExafsBuildReport;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsSample;
import dev.millrace.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Builds of databases: how fast, how large, and what becomes of both with the size of a tree. */
final class ExafsBuildBench {
    /** As the source document names them: folders with about 360 files each. */
    private static final int PATHS_PER_ATOM = 360;

    private static final int ATOMS_PER_FRAME = 10;
    private static final long DOCUMENT_PATHS = 3_600_000;
    private static final double GIGABYTE = 1e9;

    private ExafsBuildBench() {}

    private static Path tree(Path folder, int files) throws IOException {
        Path tree = folder.resolve("tree" + files);
        int frames = Math.max(1, files / (PATHS_PER_ATOM * ATOMS_PER_FRAME));
        int atoms = Math.max(1, Math.min(ATOMS_PER_FRAME, files / PATHS_PER_ATOM));
        new ExafsSample(frames, atoms, PATHS_PER_ATOM, 13).write(tree, 2, BuildProgress.NONE);
        return tree;
    }

    private static ExafsBuilder builder(Path tree, Path database) {
        return new ExafsBuilder().setTree(tree).setDatabase(database).optThreads(2);
    }

    /** Paths per second, and that a second build does nothing. */
    static List<Figure> build(Path folder, ExafsBench.Options options) throws IOException, InterruptedException {
        Path tree = tree(folder, options.files());
        Path database = folder.resolve("chi.db");
        List<Figure> figures = new ArrayList<>();
        if (PageCache.drop(tree)) {
            ExafsBuildReport cold = builder(tree, database).build();
            figures.add(Figure.plain(
                    "build_cold_per_s",
                    "a first build, files not in memory",
                    cold.paths() / cold.seconds(),
                    "paths/s"));
        }
        ExafsBuildReport warm = builder(tree, database).optRebuild(true).build();
        figures.add(Figure.atLeast(
                "build_per_s",
                String.format(Locale.ROOT, "a build of %,d paths with FEFF's columns, 2 threads, warm", warm.paths()),
                warm.paths() / warm.seconds(),
                "paths/s",
                1_500));
        byte[] before = Files.readAllBytes(database);
        ExafsBuildReport second = builder(tree, database).build();
        MetricsWriteBench.require(
                second.upToDate() && second.added() == 0, "expected a second build to add nothing, found " + second);
        boolean same = java.util.Arrays.equals(before, Files.readAllBytes(database));
        figures.add(
                Figure.atMost("second_build_changed_files", "files that a second build changed", same ? 0 : 1, "", 0));
        figures.add(Figure.plain(
                "second_build_per_s", "a second build looks at", second.files() / second.seconds(), "files/s"));
        Path one = tree.resolve("working_0/frame_0/atom_0/feff0001.dat");
        Files.write(one, Files.readAllBytes(tree.resolve("working_0/frame_0/atom_0/feff0002.dat")));
        ExafsBuildReport third = builder(tree, database).build();
        MetricsWriteBench.require(third.replaced() == 1, "expected one path replaced, found " + third);
        figures.add(Figure.plain("one_change_s", "a build after one file changed", third.seconds(), "s"));
        return figures;
    }

    /** Bytes per path of each way to store them. */
    static List<Figure> size(Path folder, ExafsBench.Options options) throws IOException {
        Path tree = tree(folder, options.files());
        Path database = folder.resolve("size.db");
        List<Figure> figures = new ArrayList<>();
        figures.add(size("bytes_float64_arrays", "float64 with FEFF's columns", builder(tree, database), 7_000));
        figures.add(size("bytes_float64", "float64", builder(tree, database).optArrays(false), 3_500));
        figures.add(size(
                "bytes_float32",
                "float32",
                builder(tree, database).optArrays(false).optStorage(DType.FLOAT32),
                1_800));
        return figures;
    }

    private static Figure size(String name, String what, ExafsBuilder builder, double goal) throws IOException {
        ExafsBuildReport report = builder.optRebuild(true).build();
        return Figure.atMost(
                name,
                String.format(Locale.ROOT, "size of %,d paths, %s", report.paths(), what),
                (double) report.fileBytes() / report.paths(),
                "bytes/path",
                goal);
    }

    /** A tree of a tenth, then the whole: what that means for the document's 3.6 million paths. */
    static List<Figure> scale(Path folder, ExafsBench.Options options) throws IOException {
        if (options.scale() == 0) {
            return List.of();
        }
        List<Figure> figures = new ArrayList<>();
        Runtime runtime = Runtime.getRuntime();
        double first = 0;
        for (int files : new int[] {Math.max(1, options.scale() / 10), options.scale()}) {
            Path tree = tree(folder, files);
            Path database = folder.resolve("scale.db");
            ExafsBuildReport report = builder(tree, database).optRebuild(true).build();
            double rate = report.paths() / report.seconds();
            double bytes = (double) report.fileBytes() / report.paths();
            String paths = String.format(Locale.ROOT, "%,d paths", report.paths());
            figures.add(Figure.plain("scale_" + files + "_per_s", "a build of " + paths, rate, "paths/s"));
            figures.add(Figure.atMost("scale_" + files + "_bytes", "size of " + paths, bytes, "bytes/path", 7_000));
            first = first == 0 ? rate : first;
            if (files == options.scale()) {
                System.gc();
                figures.add(Figure.atLeast("scale_speed_kept", "speed of the larger build", rate / first, "×", 0.5));
                figures.add(Figure.plain(
                        "scale_heap_mb", "heap after it", (runtime.totalMemory() - runtime.freeMemory()) / 1e6, "MB"));
                figures.add(Figure.atMost(
                        "plan_hours", "so 3.6 million paths take", DOCUMENT_PATHS / rate / 3_600, "h", 2));
                figures.add(Figure.plain("plan_gb", "and as many GB", DOCUMENT_PATHS * bytes / GIGABYTE, "GB"));
            }
            BenchParts.remove(tree);
        }
        return figures;
    }
}
