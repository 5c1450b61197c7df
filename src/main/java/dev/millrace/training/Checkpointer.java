package dev.millrace.training;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.nn.Block;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import dev.millrace.batch.EpochOrder;
import dev.millrace.training.CheckpointState.ParameterShape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Saves and restores the moments of one run. One thread at a time. */
final class Checkpointer {
    private final Model model;
    private final AdamW optimizer;
    private final SortedMap<String, String> settings;
    private final @Nullable Path folder;
    private final List<RunListener> listeners;
    private final Map<String, byte[]> attachments;
    private final List<Part> parts;

    /** A block of the model that is saved alone whenever it is the best so far. */
    record Part(String folderName, Block block, Map<String, byte[]> attachments) {}

    Checkpointer(
            Model model,
            AdamW optimizer,
            TrainingPlan plan,
            Loss loss,
            RandomAccessDataset training,
            @Nullable RandomAccessDataset validation,
            @Nullable Path folder,
            List<RunListener> listeners,
            Map<String, byte[]> attachments,
            List<Part> parts,
            Map<String, String> identity) {
        this.model = model;
        this.optimizer = optimizer;
        this.folder = folder;
        this.listeners = listeners;
        this.attachments = attachments;
        this.parts = parts;
        settings = plan.fingerprint();
        identity.forEach((name, value) -> settings.put("caller." + name, value));
        settings.put("loss", loss.getClass().getSimpleName() + " " + loss.getName());
        settings.put("data.training", digest(training));
        settings.put("data.validation", validation == null ? "none" : digest(validation));
    }

    private static String digest(RandomAccessDataset data) {
        return data instanceof EpochOrder order
                ? order.digest()
                : data.getClass().getSimpleName() + " samples=" + data.size();
    }

    /** Writes a checkpoint, if the run has a folder. */
    void save(String name, RunState state) {
        if (folder == null) {
            return;
        }
        listeners.forEach(listener -> listener.onBeforeCheckpoint(state.step));
        CheckpointState snapshot = describe(model.getBlock(), state);
        Path written = Checkpoint.write(folder, name, snapshot, model, optimizer, attachments);
        if (name.equals(Checkpoint.BEST)) {
            for (Part part : parts) {
                savePart(folder, part, state);
            }
        }
        listeners.forEach(listener -> listener.onCheckpoint(written, state.step));
    }

    private void savePart(Path run, Part part, RunState state) {
        // A model of its own for the names in the file; the arrays stay those of the model under training.
        try (Model alone =
                Model.newInstance(model.getName(), model.getNDManager().getDevice())) {
            alone.setBlock(part.block());
            alone.setDataType(model.getDataType());
            Checkpoint.write(run, part.folderName(), describe(part.block(), state), alone, null, part.attachments());
        }
    }

    private CheckpointState describe(Block block, RunState state) {
        return new CheckpointState(
                CheckpointState.FORMAT,
                versions(),
                model.getName(),
                model.getDataType().name(),
                block.describeInput().values().stream()
                        .map(CheckpointState::dimensions)
                        .toList(),
                ParameterShape.of(block),
                settings,
                Checkpoint.hash(settings),
                threads(),
                state.snapshot());
    }

    /**
     * Restores model, optimizer and state.
     *
     * @param notices gets a sentence for each difference that may change bits but is no reason to refuse
     */
    void resume(Path from, RunState state, List<String> notices) {
        Checkpoint checkpoint = Checkpoint.last(from);
        checkpoint.requireSettings(settings);
        checkpoint.restore(model, optimizer);
        state.restore(checkpoint.state().progress());
        if (!checkpoint.state().threads().equals(threads())) {
            notices.add("The checkpoint was computed with " + checkpoint.state().threads()
                    + " engine threads, this run has " + threads() + ": results may differ in the last bits");
        }
        Map<String, String> now = versions();
        for (Map.Entry<String, String> before : checkpoint.versions().entrySet()) {
            String found = now.get(before.getKey());
            if (!before.getValue().equals(found)) {
                notices.add("The checkpoint was written with " + before.getKey() + " " + before.getValue()
                        + ", this run has " + found);
            }
        }
    }

    private static Map<String, String> versions() {
        String own = Checkpoint.class.getPackage().getImplementationVersion();
        Map<String, String> versions = new TreeMap<>();
        versions.put("millrace", own == null ? "development" : own);
        versions.put("djl", Engine.getDjlVersion());
        versions.put(
                "engine",
                Engine.getInstance().getEngineName() + " "
                        + Engine.getInstance().getVersion());
        versions.put("java", Runtime.version().toString());
        return versions;
    }

    private static String threads() {
        String set = System.getProperty("ai.djl.pytorch.num_threads");
        String environment = System.getenv("OMP_NUM_THREADS");
        if (set != null) {
            return set;
        }
        return environment != null
                ? environment
                : Integer.toString(Runtime.getRuntime().availableProcessors());
    }
}
