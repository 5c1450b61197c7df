package dev.millrace.genome;

import dev.millrace.batch.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The windows of training, validation and test, alike but for the order: only those of training are shuffled. Who opens it closes
 * it, and with it all three.
 *
 * {@snippet :
 * try (WindowDatasets windows = WindowDatasets.builder()
 *         .setSequences(Path.of("genomes.db"))
 *         .optEach((split, dataset) -> dataset.setSampling(8, split == Split.TRAIN).optSeed(42))
 *         .build()) {
 *     EasyTrain.fit(trainer, 1, windows.train(), windows.validation());
 * }
 * }
 */
public final class WindowDatasets implements AutoCloseable {
    private static final List<Split> SPLITS = List.of(Split.TRAIN, Split.VALIDATION, Split.TEST);

    private final Map<Split, WindowDataset> datasets;

    private WindowDatasets(Map<Split, WindowDataset> datasets) {
        this.datasets = datasets;
    }

    /** Starts with {@code setSequences}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Windows of training. */
    public WindowDataset train() {
        return of(Split.TRAIN);
    }

    /** Windows of validation. */
    public WindowDataset validation() {
        return of(Split.VALIDATION);
    }

    /** Windows of the test. */
    public WindowDataset test() {
        return of(Split.TEST);
    }

    private WindowDataset of(Split split) {
        WindowDataset found = datasets.get(split);
        if (found == null) {
            throw new IllegalArgumentException("Expected one of " + datasets.keySet() + ", found " + split + ".");
        }
        return found;
    }

    @Override
    public void close() {
        RuntimeException first = null;
        for (WindowDataset dataset : datasets.values()) {
            try {
                dataset.close();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Builds the three datasets. One thread at a time. */
    public static final class Builder {
        private final Map<Split, Path> windows = new EnumMap<>(Split.class);
        private @Nullable Path sequences;
        private BiConsumer<Split, WindowDataset.Builder> each =
                (split, dataset) -> dataset.setSampling(1, split == Split.TRAIN);

        private Builder() {}

        /** Reads bases from a genome store, or from a folder of one file per sample. */
        public Builder setSequences(Path value) {
            sequences = value;
            return this;
        }

        /** Window database of training, {@code train_window_db_path}; by default the store's own windows of that split. */
        public Builder optTrainWindows(Path value) {
            windows.put(Split.TRAIN, value);
            return this;
        }

        /** Window database of validation, {@code val_window_db_path}. */
        public Builder optValidationWindows(Path value) {
            windows.put(Split.VALIDATION, value);
            return this;
        }

        /** Window database of the test, {@code test_window_db_path}. */
        public Builder optTestWindows(Path value) {
            windows.put(Split.TEST, value);
            return this;
        }

        /** Settings of each dataset, batch size and shuffling among them: called for each split. */
        public Builder optEach(BiConsumer<Split, WindowDataset.Builder> value) {
            each = value;
            return this;
        }

        /**
         * Opens all three.
         *
         * @throws IllegalArgumentException naming every option whose file is not there
         * @throws dev.millrace.sqlite.DatabaseException as {@link WindowDataset.Builder#build}
         */
        public WindowDatasets build() {
            Path from = requireFiles();
            Map<Split, WindowDataset> opened = new EnumMap<>(Split.class);
            try {
                for (Split split : SPLITS) {
                    WindowDataset.Builder builder =
                            WindowDataset.builder().setSequences(from).optSplit(split);
                    Path own = windows.get(split);
                    if (own != null) {
                        builder.optWindows(own);
                    }
                    each.accept(split, builder);
                    opened.put(split, builder.build());
                }
                return new WindowDatasets(opened);
            } catch (RuntimeException | Error e) {
                opened.values().forEach(WindowDataset::close);
                throw e;
            }
        }

        private Path requireFiles() {
            List<String> faults = new ArrayList<>();
            Path from = sequences;
            if (from == null || !Files.exists(from)) {
                faults.add("setSequences (sequence_db_dir): expected a genome store or a folder of samples, found "
                        + (from == null ? "none" : "nothing at " + from));
            }
            boolean needed = !windows.isEmpty() || (from != null && Files.isDirectory(from));
            for (Split split : SPLITS) {
                Path own = windows.get(split);
                if (needed && (own == null || !Files.isRegularFile(own))) {
                    faults.add(option(split) + ": expected a window database, found "
                            + (own == null ? "none given" : "none at " + own));
                }
            }
            if (from == null || !faults.isEmpty()) {
                throw new IllegalArgumentException(String.join("; ", faults) + ".");
            }
            return from;
        }

        private static String option(Split split) {
            return switch (split) {
                case TRAIN -> "optTrainWindows (train_window_db_path)";
                case VALIDATION -> "optValidationWindows (val_window_db_path)";
                default -> "optTestWindows (test_window_db_path)";
            };
        }
    }
}
