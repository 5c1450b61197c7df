package dev.millrace.exafs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a build has done so far. One thread at a time. */
final class ExafsBuildCounts {
    private static final class Warning {
        private long count;
        private final String example;

        Warning(String example) {
            this.example = example;
        }
    }

    private final Map<String, Warning> warnings = new LinkedHashMap<>();
    long added;
    long replaced;
    long unchanged;
    long pruned;
    long gone;

    /** Counts something; the first of its kind is told as an example. */
    void warn(String what, String example) {
        warn(1, what, example);
    }

    void warn(long count, String what, String example) {
        warnings.computeIfAbsent(what, key -> new Warning(example)).count += count;
    }

    /** One line for each kind. */
    List<String> warnings() {
        List<String> lines = new ArrayList<>();
        warnings.forEach((what, warning) -> lines.add(String.format(
                Locale.ROOT,
                "%s (%,d%s %s)",
                what,
                warning.count,
                warning.count == 1 ? ":" : ", the first:",
                warning.example)));
        return lines;
    }
}
