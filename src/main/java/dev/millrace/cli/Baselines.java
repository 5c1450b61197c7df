package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.spectra.SpectrumBaselines;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What a model has to beat, computed and printed. */
final class Baselines {
    /** Validation spectra that are compared; more would not change the mean much. */
    private static final int MOST_SAMPLES = 1000;

    /** Beyond this, fingerprints of all training molecules take minutes. */
    private static final int MOST_TRAINING_SAMPLES = 50_000;

    private Baselines() {}

    /** Prints the baselines, or why there are none. */
    static void print(Console console, TrainConfig config) {
        of(console, config)
                .ifPresent(baselines -> console.print(String.format(
                        Locale.ROOT,
                        "baselines on %d validation spectra: cosine %.4f by the mean training spectrum, %.4f by the"
                                + " nearest training molecule",
                        baselines.evaluated(),
                        baselines.meanSpectrumCosine(),
                        baselines.nearestMoleculeCosine())));
    }

    /** Computes the baselines, or says why there are none. */
    static Optional<SpectrumBaselines> of(Console console, TrainConfig config) {
        Path database = config.data().sqliteDbPath();
        if (!config.data().useSqlite() || database == null) {
            console.note("No baselines: they are computed from a database.");
            return Optional.empty();
        }
        long training = trainingSamples(database);
        if (training > MOST_TRAINING_SAMPLES) {
            console.note("No baselines: expected at most " + MOST_TRAINING_SAMPLES + " training samples, found "
                    + training + ".");
            return Optional.empty();
        }
        SpectrumBaselines baselines = SpectrumBaselines.of(database, Split.VALIDATION, MOST_SAMPLES);
        if (baselines.evaluated() == 0) {
            console.note("No baselines: there are no validation spectra.");
            return Optional.empty();
        }
        return Optional.of(baselines);
    }

    private static long trainingSamples(Path database) {
        try (Database file = Database.open(database, Access.READ)) {
            return Manifest.ids(file, Split.TRAIN.id()).length;
        }
    }
}
