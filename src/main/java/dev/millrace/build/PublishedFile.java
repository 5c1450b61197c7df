package dev.millrace.build;

import dev.millrace.Internal;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
    private final FileChannel channel;
    private final OutputStream out;
    private int scratchFiles;

    private PublishedFile(Path target, Path partial, FileChannel channel, OutputStream out) {
        this.target = target;
        this.partial = partial;
        this.channel = channel;
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
        FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        OutputStream plain = new BufferedOutputStream(new Named(Channels.newOutputStream(channel), file), BUFFER_BYTES);
        return new PublishedFile(target, partial, channel, isGzip(target) ? new FastGzip(plain) : plain);
    }

    /** What goes into a file of text. */
    @FunctionalInterface
    public interface Text {
        void to(Writer writer) throws IOException;
    }

    /**
     * Writes a whole file of text, in UTF-8.
     *
     * @throws IOException if it cannot be written, and nothing is; what {@code text} throws comes out as it is
     * @throws IllegalArgumentException as {@link #open}
     */
    public static void write(Path file, Text text) throws IOException {
        try (PublishedFile published = open(file)) {
            Writer writer = new BufferedWriter(new OutputStreamWriter(published.out(), StandardCharsets.UTF_8));
            text.to(writer);
            writer.flush();
            published.publish();
        }
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
                throw cannotWrite(file, e);
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

    /**
     * Writes at a place, for a format that is not written from front to back; not to be mixed with {@link #out}.
     *
     * @param bytes from its position to its limit, which it is at afterwards
     */
    public void write(ByteBuffer bytes, long position) throws IOException {
        writeFully(channel, bytes, position, target);
    }

    /** Opens room beside the file for what comes into it later; closed by who opens it. */
    public ScratchFile scratch() throws IOException {
        return ScratchFile.open(partial.resolveSibling(partial.getFileName() + "-" + ++scratchFiles), target);
    }

    static void writeFully(FileChannel channel, ByteBuffer bytes, long position, Path file) throws IOException {
        try {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (InterruptedIOException | ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    private static IOException cannotWrite(Path file, IOException e) {
        return new IOException(
                "Cannot write " + file + ": " + e.getMessage() + ". Free some space or choose another folder.", e);
    }

    /** Ends the file, syncs it and gives it its name. */
    public void publish() throws IOException {
        out.close();
        try (FileChannel written = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            written.force(true);
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
