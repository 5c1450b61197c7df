package dev.millrace.cli;

import dev.millrace.batch.Split;
import dev.millrace.model.SpectrumMetric;
import dev.millrace.spectra.SpectrumBaselines;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.training.EpochReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a model has to beat, computed and printed. */
final class Baselines {
    /** Validation spectra that are compared; more would not change the mean much. */
    private static final int MOST_SAMPLES = 1000;

    /** Beyond this, fingerprints of all training molecules take minutes. */
    private static final int MOST_TRAINING_SAMPLES = 50_000;

    private Baselines() {}

    /** The baselines in one line. */
    static String line(SpectrumBaselines baselines) {
        return String.format(
                Locale.ROOT,
                "baselines on %d validation spectra: cosine %.4f by the mean training spectrum, %.4f by the nearest"
                        + " training molecule",
                baselines.evaluated(),
                baselines.meanSpectrumCosine(),
                baselines.nearestMoleculeCosine());
    }

    /** The model at its best epoch beside the baselines: name and validation cosine, row by row. */
    static Map<String, String> findings(List<EpochReport> epochs, Optional<SpectrumBaselines> baselines) {
        Map<String, String> cosines = new LinkedHashMap<>();
        epochs.stream()
                .filter(EpochReport::improved)
                .reduce((earlier, later) -> later)
                .map(epoch -> epoch.validation().get(SpectrumMetric.COSINE.key()))
                .ifPresent(best -> cosines.put("the trained model", EpochTable.number(best)));
        baselines.ifPresent(found -> {
            cosines.put("the mean training spectrum", EpochTable.number(found.meanSpectrumCosine()));
            cosines.put("the nearest training molecule", EpochTable.number(found.nearestMoleculeCosine()));
        });
        Map<String, String> findings = new LinkedHashMap<>();
        cosines.forEach((name, cosine) -> findings.put("validation cosine by " + name, cosine));
        return findings;
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
