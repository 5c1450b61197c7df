package dev.millrace.spectra;

import org.jspecify.annotations.Nullable;

/** What an MSP file has at one place: a spectrum, or one that could not be read. */
public sealed interface MspEntry permits MspRecord, MspReject {
    /** Line of the file where the record starts, from 1. */
    long line();

    /** Text of the {@code ID:} field; null without one. */
    @Nullable
    String sourceId();
}
