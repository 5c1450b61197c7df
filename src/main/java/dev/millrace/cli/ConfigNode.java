package dev.millrace.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One value of a configuration and where it was written.
 *
 * @param value a {@code Map<String, ConfigNode>}, a {@code List<ConfigNode>}, a String, Boolean, Long, Double, or null
 * @param where {@code line 12} or {@code --set}
 */
record ConfigNode(@Nullable Object value, String where) {
    private static final int LONGEST_SHOWN = 60;

    /** The members of a section, or null if this is no section. */
    @SuppressWarnings("unchecked") // ConfigTree makes no other maps
    @Nullable
    Map<String, ConfigNode> members() {
        return value instanceof Map<?, ?> map ? (Map<String, ConfigNode>) map : null;
    }

    /** What a person would call it, for a message. */
    String describe() {
        if (value instanceof Map<?, ?>) {
            return "a section";
        }
        if (value instanceof List<?>) {
            return "a list";
        }
        String text = String.valueOf(value);
        // A file of another kind may be one long text.
        String shown = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
        return value instanceof String ? "'" + shown + "'" : shown;
    }
}
