package dev.millrace.spectra;

import org.jspecify.annotations.Nullable;

/**
 * What a sample is about. Immutable.
 *
 * @param id key in the database
 * @param name compound name; empty when the file gives none
 * @param formula molecular formula as in the file
 * @param molWeight in u
 * @param casNo CAS number
 */
public record SpectrumMetadata(
        long id,
        String name,
        @Nullable String formula,
        @Nullable Double molWeight,
        @Nullable String casNo) {}
