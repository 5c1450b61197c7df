package dev.millrace.build;

import dev.millrace.Internal;
import java.util.Map;
import java.util.TreeMap;

/** Counts that a file says of itself in {@code dataset_info}, where they are text. Stateless, thread-safe. */
@Internal
public final class InfoCounts {
    private InfoCounts() {}

    /** The count of a key; 0 where there is none, as in files of an older version. */
    public static long of(Map<String, String> info, String key) {
        try {
            return Long.parseLong(info.getOrDefault(key, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The counts of all keys that begin so, by the rest of the key in its order. */
    public static Map<String, Long> withPrefix(Map<String, String> info, String prefix) {
        Map<String, Long> counts = new TreeMap<>();
        info.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .forEach(key -> counts.put(key.substring(prefix.length()), of(info, key)));
        return counts;
    }
}
