package dev.millrace.batch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What somebody chose by name, for a domain to read; all faults are told together by {@link #check}. One thread at a time. */
public final class DatasetChoices {
    private final Map<String, String> chosen;
    private final Set<String> known = new HashSet<>();
    private final List<String> expected = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    public DatasetChoices(Map<String, String> chosen) {
        this.chosen = Map.copyOf(chosen);
    }

    /** {@code true} or {@code false}. */
    public boolean flag(String name, boolean otherwise) {
        return value(name, "true or false", otherwise, text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    /**
     * Anything else.
     *
     * @param values what is expected, in words
     * @param otherwise if nothing was chosen
     * @param parser throws IllegalArgumentException for what is not expected
     */
    public <T> T value(String name, String values, T otherwise, Function<String, T> parser) {
        known.add(name);
        expected.add(name + " (" + values + ")");
        String text = chosen.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            faults.add(name + ": expected " + values + ", found '" + text + "'");
            return otherwise;
        }
    }

    /**
     * Refuses what was not read, and what was not understood.
     *
     * @throws IllegalArgumentException naming all of it, and what could be chosen
     */
    public void check() {
        chosen.keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .forEach(name -> faults.add(name + ": unknown, expected "
                        + (expected.isEmpty() ? "nothing to choose" : "one of " + String.join(", ", expected))));
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("Cannot choose so: " + String.join("; ", faults) + ".");
        }
    }
}
