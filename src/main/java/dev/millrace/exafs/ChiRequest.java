package dev.millrace.exafs;

import org.jspecify.annotations.Nullable;

/**
 * Which χ is wanted of a source. Immutable.
 *
 * @param parameters what it is computed with; null takes what a database has, and the defaults for files
 * @param grid at which k; null takes what a database has, and the default grid for files
 */
public record ChiRequest(
        @Nullable ChiParameters parameters, @Nullable KGrid grid) {
    /** What a database has; the defaults for files. */
    public static final ChiRequest AS_STORED = new ChiRequest(null, null);
}
