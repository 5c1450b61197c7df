package dev.millrace.kv;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connections that read a file while it is written: every statement sees what is committed when it begins. Opened when they are
 * needed, a bounded number. Thread-safe.
 */
final class ReaderPool implements AutoCloseable {
    private static final int MOST = 8;

    private final Path file;
    private final @Nullable ValueCipher cipher;
    private final boolean byName;
    private final Semaphore permits = new Semaphore(MOST);
    private final Deque<EntryReader> idle = new ArrayDeque<>();
    private boolean closed;

    /** @param byName whether another process writes to the file, see {@link EntryReader#open} */
    ReaderPool(Path file, @Nullable ValueCipher cipher, boolean byName) {
        this.file = file;
        this.cipher = cipher;
        this.byName = byName;
    }

    /** Reads something; waits while all connections are busy, which they are for one statement each. */
    <T> T read(Function<EntryReader, T> work) {
        permits.acquireUninterruptibly();
        try {
            EntryReader reader = take();
            try {
                T result = work.apply(reader);
                giveBack(reader);
                return result;
            } catch (RuntimeException | Error e) {
                // Perhaps it is the connection.
                reader.close();
                throw e;
            }
        } finally {
            permits.release();
        }
    }

    private EntryReader take() {
        synchronized (idle) {
            if (closed) {
                throw new IllegalStateException("The store is closed: " + file);
            }
            EntryReader reader = idle.poll();
            if (reader != null) {
                return reader;
            }
        }
        return EntryReader.open(file, cipher, byName);
    }

    private void giveBack(EntryReader reader) {
        synchronized (idle) {
            if (!closed) {
                idle.push(reader);
                return;
            }
        }
        reader.close();
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(EntryReader::close);
            idle.clear();
        }
    }
}
