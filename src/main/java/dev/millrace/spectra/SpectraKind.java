package dev.millrace.spectra;

import dev.millrace.Internal;
import dev.millrace.batch.DatasetChoices;
import dev.millrace.batch.DatasetKind;
import dev.millrace.batch.Split;
import dev.millrace.batch.SqliteDataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** {@link SpectrumDataset} for who knows the file only. Nothing to choose. */
@Internal
public final class SpectraKind implements DatasetKind {
    @Override
    public String kind() {
        return SpectraSchema.KIND;
    }

    @Override
    public SqliteDataset<?> open(Path file, Split split, DatasetChoices choices) {
        choices.check();
        try {
            return SpectrumDataset.builder()
                    .setDatabase(file)
                    .optSplit(split)
                    .setSampling(1, false)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open " + file + ": " + e.getMessage(), e);
        }
    }
}
