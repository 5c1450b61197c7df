package dev.millrace.pcqm;

import java.io.IOException;

/** The input file itself is damaged, so that it is not known what else was in it. Fetch it again. */
public final class DamagedInputException extends IOException {
    DamagedInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
