package dev.millrace.batch;

import java.util.Locale;

/**
 * Which part of a dataset, by its name in the database, or all of them. {@code test-dev} and {@code test-challenge} are the
 * unlabelled parts of the Open Graph Benchmark's large-scale challenge; other files have one {@code test}.
 */
public enum Split {
    TRAIN("train"),
    VALIDATION("val"),
    TEST("test"),
    TEST_DEV("test-dev"),
    TEST_CHALLENGE("test-challenge"),
    ALL("all");

    private final String id;

    Split(String id) {
        this.id = id;
    }

    /** Name in the database. */
    public String id() {
        return id;
    }

    /**
     * Reads a name; {@code valid} and {@code validation} stand for {@code val}, {@code _} for {@code -}.
     *
     * @throws IllegalArgumentException naming the accepted ones
     */
    public static Split parse(String name) {
        return switch (name.strip().toLowerCase(Locale.ROOT).replace('_', '-')) {
            case "train" -> TRAIN;
            case "val", "valid", "validation" -> VALIDATION;
            case "test" -> TEST;
            case "test-dev" -> TEST_DEV;
            case "test-challenge" -> TEST_CHALLENGE;
            case "all" -> ALL;
            default ->
                throw new IllegalArgumentException(
                        "Unknown split: expected train, val, test, test-dev, test-challenge or all, found '" + name
                                + "'.");
        };
    }
}
