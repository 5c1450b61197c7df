package dev.millrace.spectra;

import dev.millrace.batch.RowSource;
import java.util.List;

/** Samples of one split, from a database or from files; equal inputs give equal samples. Thread-safe. */
public sealed interface SpectrumSource extends RowSource<SpectrumRow>
        permits SpectrumDatabaseSource, SpectrumFileSource, SpectrumMemorySource {
    /** How the spectra were made. */
    SpectrumOptions options();

    /** Name of the feature specification of the graphs. */
    String featureSpec();

    /**
     * What the samples are about, in the order of {@code ids}. From a database: one statement, which training never runs.
     *
     * @throws IllegalArgumentException if an id is not in the source
     */
    List<SpectrumMetadata> metadata(long[] ids);
}
