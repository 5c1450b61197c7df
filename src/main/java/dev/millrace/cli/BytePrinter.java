package dev.millrace.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Prints text in UTF-8 and, for values that are no text, bytes as they are. One thread at a time. */
final class BytePrinter extends PrintWriter {
    private final OutputStream stream;

    BytePrinter(OutputStream stream) {
        super(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
        this.stream = stream;
    }

    /** The stream that all goes to; what was printed before is in it. Not to be closed. */
    OutputStream bytes() throws IOException {
        flush();
        stream.flush();
        return stream;
    }
}
