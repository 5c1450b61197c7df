package dev.millrace.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** Keys of the original configurations that mean nothing here, and why: they are accepted without effect. */
final class IgnoredKeys {
    private static final String PRECISION = "training computes in float32";
    private static final String SERVICES = "metrics go into metrics.db of the run folder";
    private static final String FIXED = "the database and the model decide it";
    private static final String OTHER_COMMAND = "'train' does not read this section";
    private static final String INDEX = "the window index says so";

    private static final Map<String, String> SINGLE = Map.ofEntries(
            Map.entry("project", "it only describes"),
            Map.entry("evaluation", OTHER_COMMAND),
            Map.entry("benchmark", OTHER_COMMAND),
            Map.entry("logging", SERVICES),
            Map.entry("gpu", "use the key 'device'"),
            Map.entry("data.output_dir", "the database path and --out say where files go"),
            Map.entry("model.type", "model.gcn.conv_type chooses the convolution"),
            Map.entry("model.node_features", FIXED),
            Map.entry("model.edge_features", FIXED),
            Map.entry("model.spectrum_dim", FIXED),
            Map.entry("genome.tail", INDEX),
            Map.entry("genome.create_attention_mask", "the model is causal by itself"),
            Map.entry("genome.test_window_db", "training looks at train_window_db and val_window_db"));

    private static final Map<String, String> IN_SECTIONS = Map.of(
            "use_amp", PRECISION,
            "use_wandb", SERVICES,
            "wandb_project", SERVICES,
            "pin_memory", "batches are filled in memory that the engine owns",
            "persistent_workers", "loader threads live as long as the dataset",
            "loss_tolerance", "the cosine loss has no such term",
            "data_path", "molecules come from sqlite_db_path",
            "save_interval", "a checkpoint is written every epoch and every checkpoint_steps");

    private IgnoredKeys() {}

    /** By dotted key. */
    static Map<String, String> all() {
        Map<String, String> ignored = new LinkedHashMap<>(SINGLE);
        for (TrainConfig.Task task : TrainConfig.Task.values()) {
            IN_SECTIONS.forEach((key, reason) -> ignored.put(task.key() + "." + key, reason));
        }
        return ignored;
    }
}
