package dev.millrace.bench;

import dev.millrace.build.BuildProgress;
import dev.millrace.exafs.ChiAverage;
import dev.millrace.exafs.ChiRequest;
import dev.millrace.exafs.ChiSource;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsSample;
import dev.millrace.exafs.FeffTree;
import dev.millrace.exafs.NumberRanges;
import dev.millrace.exafs.PathCriteria;
import dev.millrace.exafs.PathCriterion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Averages from a database against averages from its files, on one thread each and of the same paths; then a long stream. */
final class ExafsAverageBench {
    private static final int PATHS_PER_ATOM = 120;
    private static final int ATOMS_PER_FRAME = 10;
    private static final double SECONDS = 2;
    private static final double MEGABYTE = 1 << 20;

    private static final PathCriterion ALL_FRAMES = PathCriterion.ANY.frames(NumberRanges.closed(0, Integer.MAX_VALUE));

    /** As people select: single scattering of the nearest shells. */
    private static final PathCriteria SHELLS =
            PathCriteria.perType(List.of("U-O", "U-U"), List.of(1.0), List.of(4.0), ALL_FRAMES);

    /** Most paths, but not all of any absorber, so that no stored sum can stand in for them. */
    private static final PathCriteria MOST = PathCriteria.perType(
            List.of("U-O", "U-U", "U-O-O", "U-U-O"), List.of(1.0), List.of(6.0, 6.0, 5.5), ALL_FRAMES);

    private ExafsAverageBench() {}

    static List<Figure> average(Path folder, ExafsBench.Options options) throws IOException, InterruptedException {
        Path tree = folder.resolve("tree");
        int frames = Math.max(1, options.files() / (ATOMS_PER_FRAME * PATHS_PER_ATOM));
        new ExafsSample(frames, ATOMS_PER_FRAME, PATHS_PER_ATOM, 11).write(tree, 2, BuildProgress.NONE);
        Path database = folder.resolve("chi.db");
        new ExafsBuilder().setTree(tree).setDatabase(database).build();
        FeffTree files = FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE);

        List<Figure> figures = new ArrayList<>();
        // Warm: code compiled, files in memory.
        compare(figures, "shells", "U-O and U-U up to 4 Å", SHELLS, database, files, 100);
        compare(figures, "all", "all paths, by stored sums", PathCriteria.ALL, database, files, 100);
        compare(figures, "most", "most paths, one by one", MOST, database, files, Double.NaN);
        cold(figures, tree, database, files);
        if (options.paths() > 0) {
            stream(figures, folder, tree, options.paths());
        }
        return figures;
    }

    private static void compare(
            List<Figure> figures,
            String name,
            String what,
            PathCriteria criteria,
            Path database,
            FeffTree files,
            double goal)
            throws IOException {
        Timed fromFiles = best(() -> ofFiles(files, criteria));
        Timed fromDatabase = best(() -> ofDatabase(database, criteria));
        requireSame(fromFiles.average, fromDatabase.average);
        String counted =
                String.format(Locale.ROOT, "%s (%,d of %,d)", what, fromFiles.average.paths(), files.fileCount());
        figures.add(Figure.plain(name + "_files_ms", counted + " from the files, warm", fromFiles.millis, "ms"));
        figures.add(Figure.plain(name + "_database_ms", "the same from the database", fromDatabase.millis, "ms"));
        figures.add(new Figure(
                name + "_ratio",
                "the database against the files",
                fromFiles.millis / fromDatabase.millis,
                "×",
                goal,
                true));
    }

    private static void cold(List<Figure> figures, Path tree, Path database, FeffTree files)
            throws IOException, InterruptedException {
        if (!PageCache.drop(database) || !PageCache.drop(tree)) {
            return;
        }
        Timed fromFiles = once(() -> ofFiles(files, SHELLS));
        Timed fromDatabase = once(() -> ofDatabase(database, SHELLS));
        figures.add(Figure.plain(
                "cold_files_ms", "U-O and U-U up to 4 Å from the files, not in memory", fromFiles.millis, "ms"));
        figures.add(Figure.plain(
                "cold_database_ms", "the same from the database, not in memory", fromDatabase.millis, "ms"));
        figures.add(Figure.atLeast(
                "cold_ratio",
                "the database against the files, neither in memory",
                fromFiles.millis / fromDatabase.millis,
                "×",
                10));
    }

    /** Memory while very many paths go by. */
    private static void stream(List<Figure> figures, Path folder, Path tree, int paths) throws IOException {
        Path small = folder.resolve("small.db");
        new ExafsBuilder().setTree(tree).setDatabase(small).optArrays(false).build();
        Path large = RepeatedPaths.write(small, folder.resolve("large.db"), paths);
        // Takes every path by its number, so that each is read.
        PathCriteria each = PathCriteria.of(PathCriterion.ANY.numbers(NumberRanges.closed(1, Integer.MAX_VALUE)));
        long[] heap = new long[4];
        long[] seen = new long[1];
        long start = System.nanoTime();
        try (ChiSource source = ChiSource.openDatabase(large, ChiRequest.AS_STORED)) {
            source.chi(each, (path, chi) -> {
                long count = ++seen[0];
                for (int i = 0; i < heap.length; i++) {
                    if (count == Math.max(1, (2L * i + 1) * paths / (2L * heap.length))) {
                        heap[i] = liveBytes();
                    }
                }
            });
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        MetricsWriteBench.require(seen[0] >= paths, "expected " + paths + " paths, found " + seen[0]);
        double growth = (double) (Arrays.stream(heap).max().getAsLong() - heap[0]) / MEGABYTE;
        figures.add(Figure.plain("stream_paths", "paths in one stream", (double) seen[0], ""));
        figures.add(Figure.plain("stream_us_per_path", "for each of them", seconds * 1e6 / seen[0], "µs"));
        figures.add(Figure.atMost(
                "stream_growth_mb", "growth of the heap from an eighth of the stream to its end", growth, "MB", 4));
    }

    private static long liveBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** A result and what it took. */
    private record Timed(ChiAverage average, double millis) {}

    /** Gives an average. */
    private interface Averaging {
        ChiAverage run() throws IOException;
    }

    /** The best of several turns: code is compiled by then, and others who use the machine rest now and then. */
    private static Timed best(Averaging averaging) throws IOException {
        long begin = System.nanoTime();
        Timed best = once(averaging);
        while (System.nanoTime() - begin < SECONDS * 1e9) {
            Timed next = once(averaging);
            best = next.millis < best.millis ? next : best;
        }
        return best;
    }

    private static Timed once(Averaging averaging) throws IOException {
        long start = System.nanoTime();
        ChiAverage average = averaging.run();
        return new Timed(average, (System.nanoTime() - start) / 1e6);
    }

    private static ChiAverage ofFiles(FeffTree files, PathCriteria criteria) throws IOException {
        try (ChiSource source = ChiSource.ofFiles(files, ChiRequest.AS_STORED, 1, BuildProgress.NONE)) {
            return mean(source, criteria);
        }
    }

    /** Opening included. */
    private static ChiAverage ofDatabase(Path database, PathCriteria criteria) throws IOException {
        try (ChiSource source = ChiSource.openDatabase(database, ChiRequest.AS_STORED)) {
            return mean(source, criteria);
        }
    }

    private static ChiAverage mean(ChiSource source, PathCriteria criteria) throws IOException {
        return ChiAverage.of(source, criteria, ChiAverage.Aggregation.MEAN_OVER_ATOMS, ChiAverage.Denominator.MATCHING);
    }

    private static void requireSame(ChiAverage one, ChiAverage other) {
        MetricsWriteBench.require(
                one.paths() > 0 && Arrays.equals(one.chi(), other.chi()) && one.atoms() == other.atoms(),
                "database and files differ");
    }
}
