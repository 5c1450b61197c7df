package dev.millrace.build;

import dev.millrace.Internal;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Bytes that wait on disk until their place in a {@link PublishedFile} is known. Gone when closed; where the system allows it,
 * also when the process is killed. One thread at a time; who opens it closes it.
 */
@Internal
public final class ScratchFile implements Closeable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final FileChannel channel;
    private final Path wanted;
    private long size;

    private ScratchFile(FileChannel channel, Path wanted) {
        this.channel = channel;
        this.wanted = wanted;
    }

    static ScratchFile open(Path file, Path wanted) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.DELETE_ON_CLOSE);
        return new ScratchFile(channel, wanted);
    }

    /** Takes bytes. */
    @FunctionalInterface
    public interface Sink {
        void accept(ByteBuffer bytes) throws IOException;
    }

    /** Adds bytes at the end. */
    public void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        PublishedFile.writeFully(channel, bytes, size, wanted);
        size += count;
    }

    /** Gives all bytes in order, in pieces that are valid during the call only. */
    public void copyTo(Sink sink) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(BUFFER_BYTES);
        long at = 0;
        while (at < size) {
            piece.clear().limit((int) Math.min(BUFFER_BYTES, size - at));
            int read = channel.read(piece, at);
            if (read < 0) {
                throw new IOException("Cannot write " + wanted + ": a file beside it was cut by another program.");
            }
            at += read;
            sink.accept(piece.flip());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
