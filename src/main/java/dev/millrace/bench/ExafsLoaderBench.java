package dev.millrace.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.SqliteDataset;
import dev.millrace.build.BuildProgress;
import dev.millrace.exafs.ExafsAtomDataset;
import dev.millrace.exafs.ExafsBuilder;
import dev.millrace.exafs.ExafsDataset;
import dev.millrace.exafs.ExafsSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Scattering paths, and atoms, per second that reach a training loop from a database on one loader thread. */
final class ExafsLoaderBench {
    private static final int BATCH = 128;
    private static final int ATOMS = 6;
    private static final int PATHS = 40;
    private static final double SECONDS = 4;

    private ExafsLoaderBench() {}

    /** @param files path files of the tree that the database is built of, at least */
    static List<Figure> loader(Path folder, int files) throws IOException {
        Path tree = folder.resolve("feff");
        int frames = Math.max(1, (files + ATOMS * PATHS - 1) / (ATOMS * PATHS));
        int threads = Runtime.getRuntime().availableProcessors();
        new ExafsSample(frames, ATOMS, PATHS, 1).write(tree, threads, BuildProgress.NONE);
        Path database = folder.resolve("exafs.db");
        new ExafsBuilder().setTree(tree).setDatabase(database).optArrays(false).build();
        double batched;
        try (ExafsDataset paths = ExafsDataset.builder()
                .setDatabase(database)
                .setSampling(BATCH, true)
                .build()) {
            batched = perSecond(paths);
        }
        double perRecord;
        try (ExafsPerRecordDataset records = new ExafsPerRecordDataset(database, BATCH)) {
            perRecord = perSecond(records);
        }
        return List.of(
                Figure.plain(
                        "paths",
                        "paths in shuffled DJL batches of " + BATCH + ", checked, with legs, angles and χ, one thread",
                        batched,
                        "/s"),
                Figure.plain(
                        "per_record",
                        "the same rows by one query and set of arrays each, as DJL does",
                        perRecord,
                        "/s"),
                Figure.plain("ratio", "batches against single records", batched / perRecord, "×"),
                Figure.plain(
                        "atoms_graph",
                        "atoms of " + PATHS + " paths as graphs with their χ, one thread",
                        atoms(database, ExafsAtomDataset.View.GRAPH),
                        "/s"),
                Figure.plain(
                        "atoms_first_shell",
                        "χ of such atoms with the first shell's distance, one thread",
                        atoms(database, ExafsAtomDataset.View.FIRST_SHELL),
                        "/s"));
    }

    private static double atoms(Path database, ExafsAtomDataset.View view) {
        try (SqliteDataset<?> atoms = ExafsAtomDataset.builder()
                .setDatabase(database)
                .optView(view)
                .setSampling(BATCH, true)
                .build()) {
            return perSecond(atoms);
        }
    }

    private static double perSecond(RandomAccessDataset dataset) {
        try (NDManager manager = NDManager.newBaseManager()) {
            LoaderRatio.batches(dataset, manager, SECONDS / 2);
            return LoaderRatio.batches(dataset, manager, SECONDS);
        } catch (IOException | TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
    }
}
