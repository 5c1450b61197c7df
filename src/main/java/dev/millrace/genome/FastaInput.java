package dev.millrace.genome;

import dev.millrace.build.Sha256;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file, gzip unpacked where its first bytes say so, read, unpacked and hashed by a thread of its own a few
 * blocks ahead. One consumer; who opens it closes it, which ends the thread.
 */
final class FastaInput implements Closeable {
    private static final int BLOCK_BYTES = 1 << 18;
    private static final int BLOCKS_AHEAD = 4;

    /** What the thread hands over: bytes, the end, or why it ended. */
    private record Block(byte[] bytes, int length, @Nullable Throwable failure) {}

    private final Path file;
    private final InputStream in;
    private final Sha256 hash = new Sha256();
    private final BlockingQueue<Block> filled = new ArrayBlockingQueue<>(BLOCKS_AHEAD);
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BLOCKS_AHEAD + 2);
    private final Thread thread;
    private final AtomicLong position = new AtomicLong();
    private volatile boolean closed;
    private boolean ended;
    private Block current = new Block(new byte[0], 0, null);

    private FastaInput(Path file) throws IOException {
        this.file = file;
        InputStream counted = new Counted(Files.newInputStream(file));
        try {
            BufferedInputStream sniffed = new BufferedInputStream(counted, 1 << 16);
            sniffed.mark(2);
            boolean gzip = beginsLikeGzip(sniffed);
            sniffed.reset();
            in = gzip ? new GzipMembers(sniffed, file) : sniffed;
        } catch (IOException | RuntimeException e) {
            counted.close();
            throw e;
        }
        thread = new Thread(this::work, "millrace-fasta");
        thread.setDaemon(true);
        for (int i = 0; i < BLOCKS_AHEAD + 1; i++) {
            empty.add(new byte[BLOCK_BYTES]);
        }
    }

    /** @throws NoSuchFileException if there is no such file */
    static FastaInput open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        FastaInput input = new FastaInput(file);
        input.thread.start();
        return input;
    }

    /** Whether the first bytes of a file say that it is gzip. */
    static boolean isGzip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return beginsLikeGzip(in);
        }
    }

    private static boolean beginsLikeGzip(InputStream in) throws IOException {
        return in.read() == 0x1f && in.read() == 0x8b;
    }

    /** Counts and hashes what is read of the file itself. */
    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            if (read > 0) {
                hash.add(into, offset, read);
                position.addAndGet(read);
            }
            return read;
        }
    }

    private void work() {
        try {
            boolean more = true;
            while (more && !closed) {
                byte[] bytes = empty.take();
                int length = in.readNBytes(bytes, 0, bytes.length);
                more = length == bytes.length;
                filled.put(new Block(bytes, length, null));
            }
            filled.put(new Block(new byte[0], 0, null));
        } catch (InterruptedException e) {
            // Closed: nobody waits for more.
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            handOver(e);
        }
    }

    private void handOver(Throwable failure) {
        try {
            filled.put(new Block(new byte[0], 0, failure));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Goes on to the next bytes; false at the end.
     *
     * @throws MalformedFastaException if gzip data is damaged or ends early
     */
    boolean advance() throws IOException {
        if (ended) {
            return false;
        }
        if (current.bytes.length > 0) {
            empty.add(current.bytes);
        }
        try {
            current = filled.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while reading " + file + ".");
        }
        if (current.failure != null) {
            rethrow(current.failure);
        }
        ended = current.length == 0;
        return !ended;
    }

    private static void rethrow(Throwable failure) throws IOException {
        if (failure instanceof IOException io) {
            throw io;
        } else if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        } else if (failure instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException(failure);
    }

    /** The bytes at hand, up to {@link #length}; given back by the next {@link #advance}. */
    byte[] bytes() {
        return current.bytes;
    }

    int length() {
        return current.length;
    }

    /** Bytes of the file, packed as they are, read so far. */
    long position() {
        return position.get();
    }

    Path file() {
        return file;
    }

    /** SHA-256 of the file as it lies there, once {@link #advance} said that it ended. */
    byte[] sha256() {
        if (!ended) {
            throw new IllegalStateException("Not all of " + file + " was read.");
        }
        return hash.digest();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        try {
            // A read from a disk cannot be interrupted, but ends by itself.
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            interrupted = true;
        }
        in.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
