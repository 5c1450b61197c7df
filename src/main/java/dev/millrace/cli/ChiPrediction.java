package dev.millrace.cli;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import dev.millrace.batch.Split;
import dev.millrace.exafs.ExafsDataset;
import dev.millrace.exafs.FeffFile;
import dev.millrace.exafs.FeffPath;
import dev.millrace.exafs.KGrid;
import dev.millrace.model.GradientPause;
import dev.millrace.training.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * χ(k) of one path by a trained model. Immutable by agreement.
 *
 * @param grid of the model
 * @param predicted χ(k)
 * @param stored χ(k) of the database; null for a path file, or on another grid
 * @param unknownAtoms Z of the path's atoms that the model has not seen: what it says of them means nothing
 */
record ChiPrediction(KGrid grid, float[] predicted, double @Nullable [] stored, List<Long> unknownAtoms) {
    private static final int ATOMS = 1;

    /** For a path file, whose atoms, degeneracy and half length alone are looked at. */
    static ChiPrediction ofFile(Checkpoint checkpoint, ExafsModelFile model, Path feff) throws IOException {
        FeffPath path = FeffFile.read(Inputs.file(feff));
        int room = model.input().maxLegs();
        if (path.legCount() > room) {
            throw new UsageException("--feff: expected a path of at most " + room
                    + " legs, which is what the model was trained for, found " + path.legCount() + " (" + feff + ").");
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList data = ExafsDataset.features(manager, List.of(path), room);
            return of(checkpoint, model, data, null);
        }
    }

    /** For a path of a database. */
    static ChiPrediction ofRow(Checkpoint checkpoint, ExafsModelFile model, Path database, long pathId) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                ExafsDataset paths = ExafsDataset.builder()
                        .setDatabase(Inputs.file(database))
                        .optSplit(Split.ALL)
                        .optMaxLegs(model.input().maxLegs())
                        .setSampling(1, false)
                        .optLoaderThreads(0)
                        .build()) {
            ai.djl.training.dataset.Record path = paths.get(manager, position(paths, database, pathId));
            double[] stored = null;
            if (paths.grid().equals(model.input().grid())) {
                float[] label = path.getLabels().head().toFloatArray();
                stored = new double[label.length];
                for (int i = 0; i < label.length; i++) {
                    stored[i] = label[i];
                }
            }
            return of(checkpoint, model, path.getData(), stored);
        }
    }

    private static ChiPrediction of(
            Checkpoint checkpoint, ExafsModelFile model, NDList data, double @Nullable [] stored) {
        List<Long> unknown = Arrays.stream(data.get(ATOMS).toLongArray())
                .filter(atom -> atom > 0 && !model.input().atomicNumbers().contains((int) atom))
                .distinct()
                .boxed()
                .toList();
        return new ChiPrediction(model.input().grid(), run(checkpoint, model, data), stored, unknown);
    }

    /** Ids ascend. */
    private static long position(ExafsDataset paths, Path database, long pathId) {
        long low = 0;
        long high = paths.size() - 1;
        while (low <= high) {
            long middle = (low + high) >>> 1;
            long id = paths.id(middle);
            if (id == pathId) {
                return middle;
            }
            if (id < pathId) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new UsageException("--path-id: expected a path of " + database + ", found none with id " + pathId + ".");
    }

    private static float[] run(Checkpoint checkpoint, ExafsModelFile model, NDList data) {
        if (model.target() != ExafsSection.Target.PATH_CHI) {
            throw new UsageException("--model: expected a model of target path_chi, found "
                    + ConfigBinder.nameOf(model.target()) + " (" + checkpoint.folder() + ").");
        }
        try (Model loaded = checkpoint.loadModel(model.newBlock(), Device.cpu());
                NDManager manager = loaded.getNDManager().newSubManager();
                NDArray chi = GradientPause.during(
                                () -> loaded.getBlock().forward(new ParameterStore(manager, false), data, false))
                        .head()) {
            return chi.toFloatArray();
        }
    }

    /** A line per k. */
    String csv() {
        StringBuilder text = new StringBuilder(stored == null ? "k,chi\n" : "k,chi,chi_stored\n");
        for (int i = 0; i < predicted.length; i++) {
            text.append(String.format(Locale.ROOT, "%.17g,%s", grid.get(i), predicted[i]));
            text.append(stored == null ? "\n" : "," + (float) stored[i] + "\n");
        }
        return text.toString();
    }
}
