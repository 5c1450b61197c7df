package dev.millrace.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Remembers what went wrong with writing, which a PrintWriter keeps to itself. */
final class StandardOutput extends FilterOutputStream {
    private volatile @Nullable IOException failure;

    StandardOutput(OutputStream stream) {
        super(stream);
    }

    /** The first failure; null if all was written, or if the reader of a pipe had enough and left. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Whether the reader of a pipe had enough and left, which is no fault. */
    static boolean isReaderGone(IOException e) {
        return String.valueOf(e.getMessage()).contains("Broken pipe");
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            if (failure == null && !isReaderGone(e)) {
                failure = e;
            }
            throw e;
        }
    }
}
