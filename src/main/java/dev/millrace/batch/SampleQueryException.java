package dev.millrace.batch;

import org.jspecify.annotations.Nullable;

/** A filter or weights do not fit the file or its samples. */
public final class SampleQueryException extends RuntimeException {
    private final String word;
    private final String reason;

    SampleQueryException(String word, String reason, @Nullable Throwable cause) {
        super("Cannot use the " + word + ": " + reason, cause);
        this.word = word;
        this.reason = reason;
    }

    /** Which of them, {@code filter} or {@code weights}. */
    public String word() {
        return word;
    }

    /** What is wrong and what to do, sentences. */
    public String reason() {
        return reason;
    }
}
