package dev.millrace.genome;

import java.nio.file.Path;

/** A tokenizer file that cannot be read, or is none that splits a text into characters. Another file must be given. */
public final class TokenizerFileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TokenizerFileException(Path file, String problem) {
        this(file, problem, null);
    }

    TokenizerFileException(Path file, String problem, @org.jspecify.annotations.Nullable Throwable cause) {
        super(
                "Cannot read a tokenizer: " + problem + " (" + file
                        + "). Take the tokenizer.json of a character tokenizer, or leave the option out for byte tokens.",
                cause);
    }
}
