package dev.millrace.cli;

import ai.djl.Device;
import ai.djl.Model;
import dev.millrace.training.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The encoder of a trained model, of whatever task, that another run begins with. Immutable. */
record Backbone(Checkpoint checkpoint, ModelFile file) {
    /** Folder of the encoder alone inside a pretraining run's folder. */
    static final String FOLDER = "pretrained_backbone";

    /**
     * The one that a configuration names, or null if it names none.
     *
     * @param target model that shall take its parameters
     * @throws UsageException if it is of another shape or another feature specification, naming all differences
     */
    static @Nullable Backbone of(TrainConfig config, ModelFile target) {
        TrainConfig.Finetuning settings = config.finetuning();
        Path path = settings == null ? null : settings.transfer().pretrainedCheckpoint();
        if (path == null) {
            return null;
        }
        Checkpoint checkpoint = open(path);
        ModelFile file = ModelFile.of(checkpoint);
        List<String> differences = target.encoderDifferences(file);
        if (!differences.isEmpty()) {
            throw new UsageException("The pretrained model does not fit: " + String.join("; ", differences) + " ("
                    + checkpoint.folder() + "). Use data and model settings of that training, or pretrain with these.");
        }
        return new Backbone(checkpoint, file);
    }

    /** A run's folder, one of its checkpoints, or an encoder alone; of a run the best. */
    private static Checkpoint open(Path path) {
        Inputs.folder(path);
        Path alone = path.resolve(FOLDER);
        boolean onlyEncoder = !Checkpoint.exists(path) && Files.isDirectory(alone);
        return Checkpoint.best(onlyEncoder ? alone : path);
    }

    /** A model with these parameters, to be closed by the caller. */
    Model load() {
        return checkpoint.loadModel(file.newBlock(), Device.cpu());
    }
}
