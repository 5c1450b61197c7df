package dev.millrace.central;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What a series is called within its run. Immutable.
 *
 * @param kind {@code step}, {@code epoch}, {@code resource} or {@code generation}
 * @param name what is measured
 * @param scope phase or type, or empty
 */
record SeriesKey(String kind, String name, String scope) {
    /** The name of this series among those of all runs: the same whoever asks, from whatever copy of the file. */
    UUID producer(UUID run) {
        String text = run + "\0" + kind + "\0" + name + "\0" + scope;
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
