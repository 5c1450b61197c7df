package dev.millrace.central;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The keys that series of a run have in PostgreSQL, and how far each is stored. One thread at a time. */
final class SeriesIds {
    private final Map<SeriesKey, Stored> stored = new HashMap<>();

    private record Stored(long id, String unit, long lastNumber) {}

    void put(SeriesKey key, long id, String unit, long lastNumber) {
        stored.put(key, new Stored(id, unit, lastNumber));
    }

    /** The key of a series that is stored. */
    long of(SeriesKey key) {
        return Objects.requireNonNull(stored.get(key), "the series is stored before its points").id;
    }

    /** The number of the last point stored; 0 for none. */
    long lastNumber(SeriesKey key) {
        @Nullable Stored found = stored.get(key);
        return found == null ? 0 : found.lastNumber;
    }

    boolean has(SeriesKey key, String unit) {
        @Nullable Stored found = stored.get(key);
        return found != null && found.unit.equals(unit);
    }
}
