package dev.millrace.cli;

import dev.millrace.bench.SpectrumBaselines;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a model has to beat, computed and printed. */
final class Baselines {
    private Baselines() {}

    /** Prints the baselines, or why there are none. */
    static void print(Console console, TrainConfig config) throws IOException {
        of(console, config)
                .ifPresent(baselines -> console.print(String.format(
                        Locale.ROOT,
                        "baselines on the same %d validation spectra: cosine %.4f by the mean training spectrum, %.4f by"
                                + " the nearest training molecule",
                        baselines.samples(),
                        baselines.meanSpectrum(),
                        baselines.nearestMolecule())));
    }

    /** Computes the baselines, or says why there are none. */
    static Optional<SpectrumBaselines> of(Console console, TrainConfig config) throws IOException {
        @Nullable Path database = config.data().sqliteDbPath();
        if (!config.data().useSqlite() || database == null) {
            console.note("No baselines: they are computed from a database.");
            return Optional.empty();
        }
        long training;
        long validation;
        try (Database file = Database.open(database, Access.READ)) {
            training = Manifest.ids(file, "train").length;
            validation = Manifest.ids(file, "val").length;
        }
        if (validation == 0 || training > SpectrumBaselines.MOST_SAMPLES) {
            console.note("No baselines: expected validation samples and at most " + SpectrumBaselines.MOST_SAMPLES
                    + " training samples, found " + validation + " and " + training + ".");
            return Optional.empty();
        }
        return Optional.of(SpectrumBaselines.of(database));
    }
}
