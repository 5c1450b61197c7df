package dev.millrace.spool;

import dev.millrace.Internal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Appends frames to the segments of one producer.
 *
 * <p>When {@link #append} returns, its frames are with the operating system: they survive a kill of this process at any
 * moment. A loss of power may take what was appended since the last {@link #sync}.
 *
 * <p>Thread-safe, and threads that append at the same time share a write. Who opens it closes it; closing says in the file
 * that its producer has ended. An interrupt of a thread does not harm it.
 */
@Internal
public final class FrameWriter implements AutoCloseable {
    /*
     * Threads put their frames into the open batch, each under a lock that is held for a copy of some bytes. Then whoever comes
     * first writes the batch for all that are in it. So nobody stands in a line for a system call, and under load a call
     * carries many frames. Numbers and checksums are made at writing, when it is certain that the numbers before are taken.
     *
     * RandomAccessFile, because a FileChannel closes itself when a thread is interrupted inside it.
     */
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] NOTHING = new byte[0];
    private static final int FIRST_BUFFER = 4_096;
    private static final int LARGEST_SPARE = 1 << 20;
    private static final int SPINS = 200;
    private static final long WAIT_NANOS = 1_000;
    private static final long ROOM_CHECK_NANOS = 5_000_000;

    private final Path folder;
    private final UUID producer;
    private final Map<String, String> description;
    private final FrameWriterSettings settings;
    private final Object joining = new Object();
    private final AtomicBoolean writing = new AtomicBoolean();
    private final CRC32C crc = new CRC32C();
    private Batch open = new Batch(new byte[FIRST_BUFFER]);
    private boolean closed;

    // Only who has `writing` touches these.
    private byte[] spare = new byte[FIRST_BUFFER];
    private @Nullable RandomAccessFile file;
    private Path path;
    private int segment;
    private long offset;
    private long headerEnd;
    private long lastNumber;
    private long earlierBytes;
    private long roomCheckedAt;
    private boolean unsynced;
    private volatile long bytes;
    private @Nullable Thread syncer;

    private FrameWriter(Path folder, UUID producer, Map<String, String> description, FrameWriterSettings settings) {
        this.folder = folder;
        this.producer = producer;
        this.description = description;
        this.settings = settings;
        this.path = folder;
    }

    /**
     * Starts a spool.
     *
     * @param folder made if it is not there
     * @param producer never used before: one for each start of a process
     * @param description what to say of it, in every segment
     * @throws IOException if the folder or the first segment cannot be made
     */
    public static FrameWriter open(
            Path folder, UUID producer, Map<String, String> description, FrameWriterSettings settings)
            throws IOException {
        SpoolFolder.create(folder);
        FrameWriter writer = new FrameWriter(folder, producer, Map.copyOf(description), settings);
        writer.nextSegment();
        writer.startSyncer();
        return writer;
    }

    /** Whose frames these are. */
    public UUID producer() {
        return producer;
    }

    /**
     * Appends the frames of a buffer, which stays as it is.
     *
     * @return the number of the last one
     * @throws SpoolFullException if there is no room for all of them
     * @throws IllegalStateException if it is closed
     */
    public long append(FrameBuffer frames) throws IOException {
        Batch mine;
        int end;
        synchronized (joining) {
            if (closed) {
                throw new IllegalStateException("The spool of " + producer + " is closed.");
            }
            mine = open;
            end = mine.join(frames);
        }
        await(mine);
        if (mine.kept < end) {
            throw new SpoolFullException(
                    path, Math.max(0, mine.kept - (end - frames.frames())), mine.reason(), mine.failure);
        }
        return mine.firstNumber + end - 1;
    }

    /** Forces what was appended to the disk, so that it survives a loss of power too. */
    public void sync() throws IOException {
        lockWriting();
        try {
            RandomAccessFile current = file;
            if (unsynced && current != null) {
                current.getFD().sync();
                unsynced = false;
            }
        } finally {
            writing.set(false);
        }
    }

    /** Number of bytes of all segments, as far as is known without looking. */
    public long bytes() {
        return bytes;
    }

    /** Says in the file that its producer has ended, if there is room for that, and closes it. Harmless when repeated. */
    @Override
    public void close() throws IOException {
        Batch last;
        synchronized (joining) {
            if (closed) {
                return;
            }
            closed = true;
            FrameBuffer end = new FrameBuffer();
            end.begin();
            end.end();
            last = open;
            last.join(end);
        }
        await(last);
        Thread syncing = syncer;
        if (syncing != null) {
            LockSupport.unpark(syncing);
        }
        sync();
        lockWriting();
        try {
            RandomAccessFile current = file;
            file = null;
            if (current != null) {
                current.close();
            }
        } finally {
            writing.set(false);
        }
    }

    private void await(Batch batch) {
        int spins = 0;
        while (!batch.done) {
            if (writing.compareAndSet(false, true)) {
                try {
                    if (!batch.done) {
                        writeOpen();
                    }
                } finally {
                    writing.set(false);
                }
            } else if (spins++ < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, WAIT_NANOS);
            }
        }
    }

    private void writeOpen() {
        Batch batch;
        synchronized (joining) {
            batch = open;
            open = new Batch(spare);
        }
        try {
            write(batch);
        } catch (IOException e) {
            batch.failure = e;
        } finally {
            // An unusual burst must not hold its memory for ever.
            spare = batch.bytes.length <= LARGEST_SPARE ? batch.bytes : new byte[FIRST_BUFFER];
            batch.bytes = NOTHING;
            batch.done = true;
        }
    }

    private void write(Batch batch) throws IOException {
        batch.firstNumber = lastNumber + 1;
        if (!hasRoom(batch.size)) {
            throw new IOException("expected at most " + settings.largestBytes()
                    + " bytes that are not imported yet, found " + (earlierBytes + offset));
        }
        RandomAccessFile current = file;
        if (current == null || (offset + batch.size > settings.segmentBytes() && offset > headerEnd)) {
            current = nextSegment();
        }
        number(batch);
        try {
            current.write(batch.bytes, 0, batch.size);
            offset += batch.size;
            batch.kept = batch.frames;
        } catch (IOException e) {
            keepWholeFrames(current, batch);
            throw e;
        } finally {
            lastNumber += batch.kept;
            unsynced = true;
            bytes = earlierBytes + offset;
        }
    }

    private void number(Batch batch) {
        long number = lastNumber;
        for (int at = 0; at < batch.size; ) {
            int payload = (int) INT.get(batch.bytes, at);
            LONG.set(batch.bytes, at + Segment.LENGTH_AND_CRC_BYTES, ++number);
            crc.reset();
            crc.update(batch.bytes, at + Segment.LENGTH_AND_CRC_BYTES, payload);
            INT.set(batch.bytes, at + Integer.BYTES, (int) crc.getValue());
            at += Segment.LENGTH_AND_CRC_BYTES + payload;
        }
    }

    /** A reader may have seen those frames of a broken write that are whole: they stay, the torn one goes. */
    private void keepWholeFrames(RandomAccessFile current, Batch batch) {
        try {
            long there = current.length() - offset;
            int whole = 0;
            while (batch.kept < batch.frames) {
                int next = whole + Segment.LENGTH_AND_CRC_BYTES + (int) INT.get(batch.bytes, whole);
                if (next > there) {
                    break;
                }
                whole = next;
                batch.kept++;
            }
            offset += whole;
            current.setLength(offset);
            current.seek(offset);
        } catch (IOException e) {
            // What is behind the last whole frame stays for the reader to pass over; nothing is appended to it.
            giveUpSegment(current);
        }
    }

    private void giveUpSegment(RandomAccessFile current) {
        file = null;
        try {
            current.close();
        } catch (IOException ignored) {
            // Its frames are written or counted as not kept.
        }
    }

    private RandomAccessFile nextSegment() throws IOException {
        byte[] header = new Segment(producer, segment + 1, lastNumber + 1, description).toBytes();
        Path nextPath = SpoolFolder.createSegment(folder, producer, segment + 1);
        RandomAccessFile next = new RandomAccessFile(nextPath.toFile(), "rw");
        try {
            next.write(header);
        } catch (IOException e) {
            next.close();
            Files.deleteIfExists(nextPath);
            throw e;
        }
        RandomAccessFile before = file;
        if (before != null) {
            if (settings.syncInterval() != null) {
                before.getFD().sync();
            }
            before.close();
        }
        earlierBytes += offset;
        file = next;
        path = nextPath;
        segment++;
        offset = header.length;
        headerEnd = offset;
        return next;
    }

    /** Looks again what is there before it says no: an importer may have deleted segments. */
    private boolean hasRoom(int more) throws IOException {
        if (earlierBytes + offset + more <= settings.largestBytes()) {
            return true;
        }
        long now = System.nanoTime();
        if (roomCheckedAt == 0 || now - roomCheckedAt > ROOM_CHECK_NANOS) {
            roomCheckedAt = now;
            long there = 0;
            Map<Integer, Path> segments = SpoolFolder.list(folder).getOrDefault(producer, new TreeMap<>());
            for (Map.Entry<Integer, Path> other : segments.entrySet()) {
                there += other.getKey() < segment ? other.getValue().toFile().length() : 0;
            }
            earlierBytes = there;
            bytes = earlierBytes + offset;
        }
        return earlierBytes + offset + more <= settings.largestBytes();
    }

    private void startSyncer() {
        Duration interval = settings.syncInterval();
        if (interval == null) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    while (!isClosed()) {
                        LockSupport.parkNanos(this, interval.toNanos());
                        try {
                            sync();
                        } catch (IOException e) {
                            // The next append meets the same disk and reports it.
                            Thread.onSpinWait();
                        }
                    }
                },
                "millrace-spool-sync");
        thread.setDaemon(true);
        syncer = thread;
        thread.start();
    }

    private boolean isClosed() {
        synchronized (joining) {
            return closed;
        }
    }

    private void lockWriting() {
        int spins = 0;
        while (!writing.compareAndSet(false, true)) {
            if (spins++ < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, WAIT_NANOS);
            }
        }
    }

    /** Frames of several threads that are written together. */
    private static final class Batch {
        private byte[] bytes;
        private int size;
        private int frames;
        // Written before `done`, read after it.
        private long firstNumber;
        private int kept;
        private @Nullable IOException failure;
        private volatile boolean done;

        Batch(byte[] bytes) {
            this.bytes = bytes;
        }

        /** Returns the number of frames up to and with these. */
        int join(FrameBuffer more) {
            if (size + more.size() > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more.size()));
            }
            more.copyTo(bytes, size);
            size += more.size();
            frames += more.frames();
            return frames;
        }

        String reason() {
            IOException failed = failure;
            return failed == null ? "unknown reason" : String.valueOf(failed.getMessage());
        }
    }
}
