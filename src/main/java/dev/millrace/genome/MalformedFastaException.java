package dev.millrace.genome;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file is no FASTA, or is damaged, so that it is not known what else was in it. Fetch it again. */
public final class MalformedFastaException extends IOException {
    MalformedFastaException(String message) {
        this(message, null);
    }

    MalformedFastaException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
