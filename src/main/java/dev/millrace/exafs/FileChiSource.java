package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The path files of a tree as a source of χ: every file is read and computed anew each time. What a database is compared with, and
 * what stands in for one. Writes nothing into the tree. Folders are worked on by several threads and handed over in order.
 */
final class FileChiSource implements ChiSource {
    private final FeffTree tree;
    private final ChiParameters parameters;
    private final KGrid grid;
    private final int threads;
    private final BuildProgress progress;
    private final ThreadLocal<ChiCalculator> calculators;
    private Troubles troubles = Troubles.NONE;

    FileChiSource(FeffTree tree, ChiRequest request, int threads, BuildProgress progress) {
        this.parameters = request.parameters() == null ? ChiParameters.DEFAULT : request.parameters();
        this.tree = tree;
        this.grid = request.grid() == null ? KGrid.DEFAULT : request.grid();
        this.threads = threads;
        this.progress = progress;
        this.calculators = ThreadLocal.withInitial(() -> new ChiCalculator(parameters, grid));
    }

    /** What was taken of one folder; χ is empty where it was not asked for. */
    private record FolderPaths(int files, List<PathEntry> paths, List<double[]> chi, Troubles troubles) {}

    /**
     * What went wrong with files.
     *
     * @param rejected files that cannot be used
     * @param first of them, and why; empty without one
     * @param extrapolated files whose rows do not reach over the grid
     */
    private record Troubles(long rejected, String first, long extrapolated) {
        static final Troubles NONE = new Troubles(0, "", 0);

        Troubles plus(Troubles other) {
            return new Troubles(
                    rejected + other.rejected,
                    first.isEmpty() ? other.first : first,
                    extrapolated + other.extrapolated);
        }
    }

    /** Takes what came of a folder. */
    private interface FolderSink {
        void accept(FolderPaths folder) throws IOException;
    }

    @Override
    public KGrid grid() {
        return grid;
    }

    @Override
    public ChiParameters parameters() {
        return parameters;
    }

    @Override
    public Path path() {
        return tree.root();
    }

    @Override
    public void paths(PathCriteria criteria, PathSink sink) throws IOException {
        read(criteria, false, folder -> {
            for (PathEntry path : folder.paths) {
                sink.accept(path);
            }
        });
    }

    @Override
    public void chi(PathCriteria criteria, ChiSink sink) throws IOException {
        read(criteria, true, folder -> {
            for (int i = 0; i < folder.chi.size(); i++) {
                sink.accept(folder.paths.get(i), folder.chi.get(i));
            }
        });
    }

    @Override
    public void sums(PathCriteria criteria, SumSink sink) throws IOException {
        AtomSums sums = new AtomSums(grid.size(), sink);
        chi(criteria, (path, chi) -> sums.add(path.frame(), path.atomId(), chi));
        sums.finish();
    }

    private void read(PathCriteria criteria, boolean withChi, FolderSink sink) throws IOException {
        troubles = Troubles.NONE;
        List<FeffFolder> folders = foldersOf(criteria);
        BuildProgress.Meter meter = new BuildProgress.Meter(
                progress, "read", folders.stream().mapToLong(FeffFolder::size).sum());
        long[] done = new long[1];
        try (Workers workers = new Workers(threads)) {
            workers.inOrder(folders.iterator(), folder -> read(folder, criteria, withChi), result -> {
                troubles = troubles.plus(result.troubles);
                try {
                    sink.accept(result);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                done[0] += result.files;
                meter.advanceTo(done[0]);
            });
        } catch (UncheckedIOException e) {
            throw java.util.Objects.requireNonNull(e.getCause());
        }
        meter.finish();
    }

    private List<FeffFolder> foldersOf(PathCriteria criteria) {
        return tree.folders().stream()
                .filter(folder -> criteria.anyOf().stream()
                        .anyMatch(criterion -> criterion.takesAbsorber(folder.frame(), folder.atomId())))
                .toList();
    }

    private FolderPaths read(FeffFolder folder, PathCriteria criteria, boolean withChi) throws IOException {
        FolderPaths result = new FolderPaths(folder.size(), new ArrayList<>(), new ArrayList<>(), Troubles.NONE);
        Troubles met = Troubles.NONE;
        for (int i = 0; i < folder.size(); i++) {
            long number = folder.pathNumber(i);
            if (criteria.anyOf().stream().anyMatch(criterion -> criterion.takesNumber(number))) {
                met = met.plus(read(folder, i, criteria, withChi, result));
            }
        }
        return new FolderPaths(result.files, result.paths, result.chi, met);
    }

    private Troubles read(FeffFolder folder, int i, PathCriteria criteria, boolean withChi, FolderPaths result)
            throws IOException {
        try {
            FeffPath path = FeffFile.read(folder.file(i));
            PathEntry entry = entry(folder, folder.pathNumber(i), path);
            if (!criteria.takes(entry)) {
                return Troubles.NONE;
            }
            boolean extrapolates = false;
            if (withChi) {
                ChiCalculator calculator = calculators.get();
                result.chi.add(calculator.calculate(path).chi());
                extrapolates = !calculator.covers(path.arrays());
            }
            result.paths.add(entry);
            return extrapolates ? new Troubles(0, "", 1) : Troubles.NONE;
        } catch (FeffFileException e) {
            return new Troubles(1, String.valueOf(e.getMessage()), 0);
        } catch (ArithmeticException e) {
            return new Troubles(1, e.getMessage() + " (" + folder.file(i) + ")", 0);
        }
    }

    private static PathEntry entry(FeffFolder folder, int number, FeffPath path) {
        return new PathEntry(
                0,
                folder.frame(),
                folder.atomId(),
                Elements.symbol(path.absorber().atomicNumber()),
                number,
                PathType.of(path),
                path.degeneracy(),
                path.halfLength());
    }

    @Override
    public long absorberCount(PathCriteria criteria) throws IOException {
        long count = 0;
        for (FeffFolder folder : foldersOf(criteria)) {
            String element = element(folder);
            count += !element.isEmpty() && criteria.takesAbsorber(folder.frame(), folder.atomId(), element) ? 1 : 0;
        }
        return count;
    }

    /** Of the first path file that can be used, else of feff.inp; empty if neither tells, and then there is no absorber. */
    private static String element(FeffFolder folder) throws IOException {
        for (int i = 0; i < folder.size(); i++) {
            try {
                return Elements.symbol(FeffFile.read(folder.file(i)).absorber().atomicNumber());
            } catch (FeffFileException e) {
                // The next one may do; that this one does not is told when its paths are asked for.
            }
        }
        try {
            int atomicNumber = folder.input() == null
                    ? 0
                    : FeffInput.read(folder.inputFile()).absorberAtomicNumber();
            return Elements.isElement(atomicNumber) ? Elements.symbol(atomicNumber) : "";
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public String extent() {
        List<FeffFolder> folders = tree.folders();
        IntStream frames = folders.stream().mapToInt(FeffFolder::frame);
        return (folders.isEmpty()
                        ? "no frames"
                        : "frames " + folders.get(0).frame() + " … "
                                + frames.max().getAsInt())
                + ", " + folders.size() + " absorbers, " + tree.fileCount() + " path files";
    }

    @Override
    public List<String> warnings(PathCriteria criteria) {
        List<String> warnings = new ArrayList<>();
        if (troubles.rejected > 0) {
            warnings.add(troubles.rejected + " path files cannot be used and are missing here, the first: "
                    + troubles.first);
        }
        if (troubles.extrapolated > 0) {
            warnings.add("χ of " + troubles.extrapolated
                    + " paths is extrapolated: the rows of their files do not reach over " + grid + ".");
        }
        return warnings;
    }

    @Override
    public void close() {
        // Holds no file open between calls.
    }
}
