package dev.millrace.batch;

import java.util.Locale;

/** Which part of a dataset: {@code train}, {@code val} or {@code test} as stored in the database, or all of them. */
public enum Split {
    TRAIN("train"),
    VALIDATION("val"),
    TEST("test"),
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
     * Reads a name; {@code valid} and {@code validation} stand for {@code val}.
     *
     * @throws IllegalArgumentException naming the accepted ones
     */
    public static Split parse(String name) {
        return switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "train" -> TRAIN;
            case "val", "valid", "validation" -> VALIDATION;
            case "test" -> TEST;
            case "all" -> ALL;
            default ->
                throw new IllegalArgumentException(
                        "Unknown split: expected train, val, test or all, found '" + name + "'.");
        };
    }
}
