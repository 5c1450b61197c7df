package dev.millrace.training;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import dev.millrace.training.CheckpointState.ParameterShape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A saved moment of a {@link TrainingRun}: enough to go on as if nothing had happened, or to predict. Immutable; its files
 * were compared with their SHA-256 when it was opened.
 *
 * <pre>
 *   NAME-0000.params    parameters, DJL's own format
 *   optimizer.state     moments and step counts by parameter name
 *   checkpoint.json     progress, settings, data digests, parameter shapes, versions
 *   MANIFEST.sha256     what the other files must hash to
 * </pre>
 *
 * <p>Random state needs no bytes: the engine is reseeded before each batch from the plan's seed, the epoch and the batch
 * number, and the order of samples is a function of seed and epoch.
 *
 * {@snippet :
 * try (Model model = Checkpoint.best(runFolder).loadModel(block, Device.cpu());
 *         Predictor<Graph, float[]> predictor = model.newPredictor(translator)) {
 *     predictor.predict(graph);
 * }
 * }
 */
public final class Checkpoint {
    /** Folder of the newest checkpoint inside a run's folder. */
    public static final String LAST = "last";

    /** Folder of the best checkpoint inside a run's folder. */
    public static final String BEST = "best";

    static final String OPTIMIZER_FILE = "optimizer.state";
    static final String STATE_FILE = "checkpoint.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final CheckpointState state;

    private Checkpoint(Path folder, CheckpointState state) {
        this.folder = folder;
        this.state = state;
    }

    /** Whether a run's folder holds a checkpoint to resume from, or is one. Its files are not checked. */
    public static boolean exists(Path runOrCheckpoint) {
        return Files.isDirectory(locate(runOrCheckpoint, LAST));
    }

    /** The newest checkpoint of a run, given the run's folder or the checkpoint's own. */
    public static Checkpoint last(Path runOrCheckpoint) {
        return open(locate(runOrCheckpoint, LAST));
    }

    /** The best checkpoint of a run, given the run's folder or the checkpoint's own; without one, the newest. */
    public static Checkpoint best(Path runOrCheckpoint) {
        Path best = locate(runOrCheckpoint, BEST);
        return open(Files.isDirectory(best) ? best : locate(runOrCheckpoint, LAST));
    }

    /**
     * Reads and checks a checkpoint's folder.
     *
     * @throws CorruptCheckpointException if a file is missing or has other bytes than were written
     */
    public static Checkpoint open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    "Cannot read checkpoint: expected a folder, found none (" + folder
                            + "). Give the folder of a run or one of its checkpoints.",
                    folder,
                    null);
        }
        CheckpointFolder.verify(folder);
        Path file = folder.resolve(STATE_FILE);
        CheckpointState state;
        try {
            state = JSON.readValue(file.toFile(), CheckpointState.class);
        } catch (JacksonException e) {
            throw CheckpointFolder.damaged(file, "a checkpoint's description", e.getOriginalMessage(), e);
        }
        if (state.format() != CheckpointState.FORMAT) {
            throw new CheckpointMismatchException(
                    "Cannot read checkpoint: expected format " + CheckpointState.FORMAT + ", found " + state.format()
                            + " (" + folder + "). Use the Millrace version that wrote it: " + state.versions() + ".",
                    folder,
                    null);
        }
        return new Checkpoint(folder, state);
    }

    private static Path locate(Path runOrCheckpoint, String name) {
        return Files.exists(runOrCheckpoint.resolve(CheckpointFolder.MANIFEST))
                ? runOrCheckpoint
                : CheckpointFolder.find(runOrCheckpoint, name);
    }

    /**
     * Writes a checkpoint in the place of {@code run/name}. The model must be at a step boundary.
     *
     * @param optimizer null for a part of a model, from which no run goes on
     */
    static Path write(
            Path run,
            String name,
            CheckpointState state,
            Model model,
            @Nullable AdamW optimizer,
            Map<String, byte[]> attachments) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return writeOnce(run, name, state, model, optimizer, attachments);
                } catch (ClosedByInterruptException e) {
                    // Ctrl-C in the middle of a file closes it. The run ends soon, but not without its checkpoint.
                    interrupted |= Thread.interrupted();
                }
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    "Cannot write checkpoint " + run.resolve(name) + ": " + e
                            + ". The one before it is unharmed; look at the disk's free space and permissions.",
                    run.resolve(name),
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Path writeOnce(
            Path run,
            String name,
            CheckpointState state,
            Model model,
            @Nullable AdamW optimizer,
            Map<String, byte[]> attachments)
            throws IOException {
        Files.createDirectories(run);
        return CheckpointFolder.replace(run, name, folder -> {
            model.save(folder, state.modelName());
            if (optimizer != null) {
                try (var out = new java.io.DataOutputStream(
                        new java.io.BufferedOutputStream(Files.newOutputStream(folder.resolve(OPTIMIZER_FILE))))) {
                    optimizer.save(out);
                }
            }
            for (var attachment : attachments.entrySet()) {
                Files.write(folder.resolve(attachment.getKey()), attachment.getValue());
            }
            Files.writeString(
                    folder.resolve(STATE_FILE),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(state));
        });
    }

    /** The folder it was read from. */
    public Path folder() {
        return folder;
    }

    /** Epochs completed. */
    public long epoch() {
        return state.progress().epoch();
    }

    /** Optimizer steps done. */
    public long step() {
        return state.progress().step();
    }

    /** Best monitored value so far, or null before the first epoch's end. */
    public @Nullable Double bestValue() {
        return state.progress().best();
    }

    /** The latest loss and evaluators on the validation data, by name. */
    public Map<String, Double> validation() {
        return Map.copyOf(state.progress().validation());
    }

    /** Whether there is such a file. */
    public boolean hasAttachment(String name) {
        return Attachments.isPlainName(name) && Files.isRegularFile(folder.resolve(name));
    }

    /** The settings that decide what is computed, by name. */
    public Map<String, String> settings() {
        return new TreeMap<>(state.settings());
    }

    /** Versions of Millrace, DJL, the engine and Java that wrote it, by name. */
    public Map<String, String> versions() {
        return new TreeMap<>(state.versions());
    }

    /** The bytes of a file attached by {@link TrainingRun.Builder#optAttachment}. */
    public byte[] attachment(String name) {
        Path file = folder.resolve(name);
        if (!Attachments.isPlainName(name) || !Files.isRegularFile(file)) {
            throw new CheckpointException(
                    "Cannot read attachment '" + name + "': expected it in the checkpoint, found none (" + folder
                            + ").",
                    folder,
                    null);
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CheckpointException("Cannot read " + file + ": " + e, file, e);
        }
    }

    CheckpointState state() {
        return state;
    }

    /**
     * A model for inference with these parameters.
     *
     * @param block of the same architecture as the one trained; it becomes the model's
     * @return to be closed by the caller
     * @throws CheckpointMismatchException if names, types or shapes of the parameters differ
     */
    public Model loadModel(Block block, Device device) {
        Model model = Model.newInstance(state.modelName(), device);
        try {
            model.setBlock(block);
            loadParameters(model);
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * Puts these parameters into a model's block, in place of what it has.
     *
     * @throws CheckpointMismatchException if names, types or shapes of the parameters differ; the block is unchanged then
     */
    public void loadParameters(Model model) {
        Block block = model.getBlock();
        if (!block.isInitialized()) {
            model.setDataType(DataType.valueOf(state.dataType()));
            try {
                block.initialize(model.getNDManager(), model.getDataType(), state.shapes());
            } catch (RuntimeException e) {
                throw new CheckpointMismatchException(
                        "Checkpoint does not fit the model: expected a block for inputs "
                                + state.inputShapes() + ", found one that refuses them: " + e.getMessage() + " ("
                                + folder
                                + "). Build the block with the settings it was trained with.",
                        folder,
                        e);
            }
        }
        checkParameters(ParameterShape.of(block));
        List<NDArray> replaced = new ArrayList<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            if (entry.getValue().isInitialized()) {
                replaced.add(entry.getValue().getArray());
            }
        }
        try {
            model.load(folder, parameterPrefix());
        } catch (IOException | MalformedModelException e) {
            throw CheckpointFolder.damaged(folder, "parameters that the block can read", e.toString(), e);
        }
        replaced.forEach(NDArray::close);
    }

    /** Parameters and optimizer state, ready to train on. */
    void restore(Model model, AdamW optimizer) {
        loadParameters(model);
        for (Pair<String, Parameter> entry : model.getBlock().getParameters()) {
            // DJL loads arrays that collect no gradient; setting the flag again attaches one.
            Parameter parameter = entry.getValue();
            if (parameter.isInitialized()) {
                parameter.freeze(!parameter.requiresGradient());
            }
        }
        Path file = folder.resolve(OPTIMIZER_FILE);
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            optimizer.load(in);
        } catch (IOException e) {
            throw new CheckpointMismatchException(
                    "Cannot restore the optimizer: " + e + " (" + file
                            + "). Resume with the model and the frozen parameters of that run.",
                    file,
                    e);
        }
    }

    private void checkParameters(List<ParameterShape> found) {
        List<ParameterShape> expected = state.parameters();
        if (expected.equals(found)) {
            return;
        }
        int at = 0;
        while (at < Math.min(expected.size(), found.size()) && expected.get(at).equals(found.get(at))) {
            at++;
        }
        throw new CheckpointMismatchException(
                "Checkpoint does not fit the model: parameter " + at + " expected "
                        + (at < found.size() ? found.get(at) : "no more, as the model has " + found.size()) + ", found "
                        + (at < expected.size()
                                ? expected.get(at)
                                : "no more, as the checkpoint has " + expected.size())
                        + " (" + folder + "). Build the block with the settings it was trained with.",
                folder,
                null);
    }

    /** DJL adds an epoch number to the file's name; the name before it is what it wants to load. */
    private String parameterPrefix() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches(".*-\\d{4,}\\.params"))
                    .map(name -> name.substring(0, name.lastIndexOf('-')))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no .params file"));
        }
    }

    /** Refuses to go on with other settings or data than this checkpoint's. */
    void requireSettings(Map<String, String> settings) {
        List<String> differences = new ArrayList<>();
        TreeMap<String, String> all = new TreeMap<>(state.settings());
        all.putAll(settings);
        for (String key : all.keySet()) {
            String stored = state.settings().get(key);
            String given = settings.get(key);
            if (stored == null || !stored.equals(given)) {
                differences.add(key + " expected " + (stored == null ? "none" : stored) + " (checkpoint), found "
                        + (given == null ? "none" : given) + " (this run)");
            }
        }
        if (!differences.isEmpty()) {
            throw new CheckpointMismatchException(
                    "Cannot resume: " + String.join("; ", differences) + " (" + folder
                            + "). Resume with the settings and data of that run, or start a new one.",
                    folder,
                    null);
        }
    }

    static String hash(Map<String, String> settings) {
        var digest = CheckpointFolder.sha256();
        new TreeMap<>(settings)
                .forEach((key, value) -> digest.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8)));
        return java.util.HexFormat.of().formatHex(digest.digest());
    }
}
