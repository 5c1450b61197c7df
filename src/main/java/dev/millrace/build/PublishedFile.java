package dev.millrace.build;

import dev.millrace.Internal;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * A file that appears whole, by {@link #publish}, or not at all; gzip if its name ends in {@code .gz}. One thread at a
 * time; who opens it closes it.
 */
@Internal
public final class PublishedFile implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path target;
    private final Path partial;
    private final OutputStream out;

    private PublishedFile(Path target, Path partial, OutputStream out) {
        this.target = target;
        this.partial = partial;
        this.out = out;
    }

    /**
     * Starts a file, which takes the place of one of that name only when it is published.
     *
     * @throws IllegalArgumentException if it is a folder, a device or a pipe: the rename would come in its place
     */
    public static PublishedFile open(Path file) throws IOException {
        Path target = file.toAbsolutePath().normalize();
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IllegalArgumentException(
                    "Cannot write " + file + ": expected a file or none, found something else. Choose another name.");
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        OutputStream plain = new BufferedOutputStream(new Named(Files.newOutputStream(partial), file), BUFFER_BYTES);
        return new PublishedFile(target, partial, isGzip(target) ? new FastGzip(plain) : plain);
    }

    /** Whether a file of this name is compressed. */
    public static boolean isGzip(Path file) {
        return file.toString().endsWith(".gz");
    }

    /** Says which file could not be written. */
    private static final class Named extends FilterOutputStream {
        private final Path file;

        Named(OutputStream out, Path file) {
            super(out);
            this.file = file;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (InterruptedIOException | ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException(
                        "Cannot write " + file + ": " + e.getMessage() + ". Free some space or choose another folder.",
                        e);
            }
        }
    }

    /* Level 1: these files are written and read once, so time counts more than size. */
    private static final class FastGzip extends FilterOutputStream {
        FastGzip(OutputStream plain) throws IOException {
            super(new GZIPOutputStream(plain, BUFFER_BYTES) {
                {
                    def.setLevel(Deflater.BEST_SPEED);
                }
            });
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }
    }

    /** Where to write; buffered, and closed with the file. */
    public OutputStream out() {
        return out;
    }

    /** Ends the file, syncs it and gives it its name. */
    public void publish() throws IOException {
        out.close();
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes what is not published. */
    @Override
    public void close() throws IOException {
        try {
            out.close();
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
