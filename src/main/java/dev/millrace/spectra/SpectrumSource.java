package dev.millrace.spectra;

import dev.millrace.batch.RowSource;
import java.util.List;
import java.util.OptionalLong;

/** Samples of one split, from a database or from files; equal inputs give equal samples. Thread-safe. */
sealed interface SpectrumSource extends RowSource<SpectrumRow> permits SpectrumDatabaseSource, SpectrumFileSource {
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

    /**
     * The key of the compound that the input calls {@code sourceId} ({@code 200001} in {@code ID: 200001}), whether it is in
     * the split or not. From a database: one search of an index; from files: a scan.
     */
    OptionalLong find(String sourceId);
}
