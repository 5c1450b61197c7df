package dev.millrace.spool;

import dev.millrace.Internal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one producer in their order, from any position on, while they are written or after.
 *
 * <pre>
 *   while (reader.next()) { use(reader.number(), reader.body()); }      // false: nothing more for now
 *   store(reader.position());
 * </pre>
 *
 * <p>A stretch that is no frame is passed over once frames follow it, and told by {@link #takeDamages}. One at the end is
 * waited for, as its producer may be writing it, until a later segment or {@link #producerIsGone} says otherwise. One thread at
 * a time; who opens it closes it.
 */
@Internal
public final class FrameReader implements AutoCloseable {
    private static final int CHUNK = 1 << 20;

    private final Path folder;
    private final UUID producer;
    private final CRC32C crc = new CRC32C();
    private final List<Damage> damages = new ArrayList<>();
    private Map<String, String> description = Map.of();
    private byte[] buffer = new byte[1 << 16];
    private long bufferAt;
    private int buffered;
    private @Nullable RandomAccessFile file;
    private @Nullable Path path;
    private int segment;
    private long offset;
    private long number;
    private boolean headerRead;
    private boolean ended;
    private boolean gone;
    private int bodyAt;
    private int bodyBytes;
    private long scannedTo;
    private long repeated;

    /** Opens nothing yet: the folder may be empty still. */
    public FrameReader(Path folder, UUID producer, Position from) {
        this.folder = folder;
        this.producer = producer;
        this.segment = from.segment();
        this.offset = from.offset();
        this.number = from.number();
    }

    /** Whose frames these are. */
    UUID producer() {
        return producer;
    }

    /**
     * Goes to the next frame.
     *
     * @return false if there is none for now
     */
    public boolean next() throws IOException {
        Integer following = null;
        while (openSegment()) {
            // In this order: a producer writes the last frame of a segment before it makes the next one.
            if (following == null && !gone && atEnd()) {
                following = following();
            }
            boolean complete = gone || following != null;
            if (readFrame()) {
                if (bodyBytes > 0) {
                    return true;
                }
                ended = true;
            } else if (complete) {
                following = following == null ? following() : following;
                endSegment(following != null);
                if (following == null || !openNext(following)) {
                    return false;
                }
                following = null;
            } else {
                forgetBuffer();
                following = following();
                if (following == null) {
                    return false;
                }
            }
        }
        return false;
    }

    /** Reads the {@link #description} if it is there, and no frame. */
    public void lookAtHeader() {
        try {
            openSegment();
        } catch (IOException e) {
            // Reading the first frame meets it again and reports it.
            close();
        }
    }

    /** Number of the frame, from 1. */
    public long number() {
        return number;
    }

    /** What the frame carries, little-endian. Valid until the next call of {@link #next}. */
    public ByteBuffer body() {
        return ByteBuffer.wrap(buffer, bodyAt, bodyBytes).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Where the frame after this one begins. */
    public Position position() {
        return new Position(segment, offset, number);
    }

    /** What the producer says of itself; empty until a segment with an undamaged header was opened. */
    public Map<String, String> description() {
        return description;
    }

    /** Whether the producer said that it has ended, and everything before was read. */
    public boolean hasEnded() {
        return ended;
    }

    /** Nothing more will be written: what is incomplete stays so. */
    public void producerIsGone() {
        gone = true;
    }

    /** How many frames were passed over because their number had been there before. */
    long repeated() {
        return repeated;
    }

    /** What was damaged since the last call. */
    public List<Damage> takeDamages() {
        List<Damage> taken = List.copyOf(damages);
        damages.clear();
        return taken;
    }

    @Override
    public void close() {
        RandomAccessFile open = file;
        file = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException ignored) {
                // It was only read.
            }
        }
        forgetBuffer();
    }

    private boolean openSegment() throws IOException {
        if (file != null && (headerRead || readHeader())) {
            return true;
        }
        if (file != null) {
            // Its header is not complete: a later segment or the end of the producer says that it never will be.
            Integer later = following();
            // A producer whose disk is full may delete it and make it anew, also between the two looks at it.
            close();
            if (later == null && !gone) {
                return false;
            }
            if (isThere(segment) && open(segment, offset) && readHeader()) {
                return true;
            }
            if (file != null) {
                endSegment(later != null);
            }
            return later != null && openNext(later);
        }
        Integer first = segment > 0 && isThere(segment) ? Integer.valueOf(segment) : following();
        if (first == null) {
            return false;
        }
        if (first != segment) {
            return openNext(first) && openSegment();
        }
        return open(segment, offset) && (headerRead || readHeader());
    }

    private boolean openNext(int following) throws IOException {
        return isThere(following) && open(following, 0);
    }

    private boolean open(int opened, long from) throws IOException {
        Path found = pathOf(opened);
        if (!SpoolFolder.isPlainFile(found)) {
            throw new IOException("Cannot read " + found + ": expected a file, found something else. Remove it.");
        }
        close();
        file = new RandomAccessFile(found.toFile(), "r");
        path = found;
        segment = opened;
        offset = from;
        scannedTo = 0;
        headerRead = false;
        forgetBuffer();
        return true;
    }

    /** Reads the header, and goes behind it if nothing was read of the segment yet. False if it is not all there. */
    private boolean readHeader() throws IOException {
        RandomAccessFile open = Objects.requireNonNull(file);
        byte[] start = readAt(open, 0, Segment.FIXED_BYTES);
        if (start.length < Segment.FIXED_BYTES) {
            return false;
        }
        int size = Segment.headerBytes(start);
        byte[] whole = size == 0 ? start : readAt(open, 0, size);
        if (size > 0 && whole.length < size) {
            return false;
        }
        headerRead = true;
        try {
            if (size == 0) {
                throw new IOException("no header of a spool");
            }
            Segment header = Segment.of(whole);
            description = header.description();
            if (offset == 0) {
                offset = size;
                goTo(header.firstFrame() - 1);
            }
        } catch (IOException damaged) {
            if (offset == 0) {
                // Frames can be found all the same: they are recognised by number and checksum.
                offset = 1;
            }
        }
        return true;
    }

    /** Goes on behind a frame; those between are lost, unless nothing was read of this producer before. */
    private void goTo(long lastNumber) {
        if (number > 0 && lastNumber > number) {
            damages.add(new Damage(currentPath(), offset, 0, lastNumber - number, false));
        }
        number = Math.max(number, lastNumber);
    }

    /** Reads the frame at the offset, or the next one behind damage. */
    private boolean readFrame() throws IOException {
        if (readHere()) {
            return true;
        }
        // What is below this size is written, so a frame that lies there whole is behind damage, not behind one that is
        // being written. Bytes read before may have been of a write that failed and was undone.
        long size = Objects.requireNonNull(file).length();
        forgetBuffer();
        return readHere() || findFrame(size);
    }

    private boolean readHere() throws IOException {
        while (isFrame(offset, Long.MAX_VALUE)) {
            long found = frameNumber(offset);
            if (found > number) {
                goTo(found - 1);
                accept(offset);
                return true;
            }
            repeated++;
            accept(offset);
        }
        return false;
    }

    private boolean findFrame(long size) throws IOException {
        long last = size - Segment.FRAME_HEADER_BYTES;
        for (long at = Math.max(offset + 1, scannedTo - Segment.LARGEST_PAYLOAD); at <= last; at++) {
            long passed = at - offset;
            if (isFrame(at, number + 1 + passed / Segment.FRAME_HEADER_BYTES) && frameEnd(at) <= size) {
                long lost = frameNumber(at) - number - 1;
                damages.add(new Damage(currentPath(), offset, passed, lost, false));
                accept(at);
                return true;
            }
        }
        scannedTo = size;
        return false;
    }

    /** Whether a frame lies there whose number is above the last and not above {@code largest}. */
    private boolean isFrame(long at, long largest) throws IOException {
        if (!need(at, Segment.FRAME_HEADER_BYTES)) {
            return false;
        }
        int start = (int) (at - bufferAt);
        ByteBuffer bytes = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
        int payload = bytes.getInt(start);
        if (payload < Segment.SMALLEST_PAYLOAD || payload > Segment.LARGEST_PAYLOAD) {
            return false;
        }
        long found = bytes.getLong(start + Segment.LENGTH_AND_CRC_BYTES);
        if (found > largest || (largest != Long.MAX_VALUE && found <= number)) {
            return false;
        }
        int expected = bytes.getInt(start + Integer.BYTES);
        if (!need(at, Segment.LENGTH_AND_CRC_BYTES + payload)) {
            return false;
        }
        crc.reset();
        crc.update(buffer, (int) (at - bufferAt) + Segment.LENGTH_AND_CRC_BYTES, payload);
        return (int) crc.getValue() == expected;
    }

    private void accept(long at) {
        ByteBuffer bytes = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
        int start = (int) (at - bufferAt);
        int payload = bytes.getInt(start);
        number = Math.max(number, bytes.getLong(start + Segment.LENGTH_AND_CRC_BYTES));
        bodyAt = start + Segment.FRAME_HEADER_BYTES;
        bodyBytes = payload - Long.BYTES;
        offset = at + Segment.LENGTH_AND_CRC_BYTES + payload;
        scannedTo = 0;
    }

    private long frameEnd(long at) {
        int payload = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN).getInt((int) (at - bufferAt));
        return at + Segment.LENGTH_AND_CRC_BYTES + payload;
    }

    private long frameNumber(long at) {
        return ByteBuffer.wrap(buffer)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong((int) (at - bufferAt) + Segment.LENGTH_AND_CRC_BYTES);
    }

    /** Makes {@code bytes} from {@code at} on available in the buffer; false if the file does not have them. */
    private boolean need(long at, int bytes) throws IOException {
        if (at >= bufferAt && at + bytes <= bufferAt + buffered) {
            return true;
        }
        RandomAccessFile open = Objects.requireNonNull(file);
        long available = open.length() - at;
        if (available < bytes) {
            return false;
        }
        int wanted = (int) Math.min(available, Math.max(bytes, CHUNK));
        if (buffer.length < wanted) {
            buffer = new byte[Math.max(wanted, (int) Math.min(CHUNK, available))];
        }
        open.seek(at);
        int read = 0;
        while (read < wanted) {
            int count = open.read(buffer, read, wanted - read);
            if (count < 0) {
                break;
            }
            read += count;
        }
        bufferAt = at;
        buffered = read;
        return read >= bytes;
    }

    private boolean atEnd() throws IOException {
        return offset >= bufferAt + buffered
                && offset >= Objects.requireNonNull(file).length();
    }

    /** The segment is read as far as it can be; what is left of it is no frame. */
    private void endSegment(boolean moreFollow) throws IOException {
        long left = Objects.requireNonNull(file).length() - offset;
        if (left > 0) {
            boolean whole = isWhole(left);
            damages.add(new Damage(currentPath(), offset, left, whole ? 1 : 0, !moreFollow && !whole));
            offset += left;
        }
        forgetBuffer();
    }

    /** Whether the rest of the segment has the length of one frame, which then was appended and damaged later. */
    private boolean isWhole(long left) throws IOException {
        return need(offset, Segment.LENGTH_AND_CRC_BYTES)
                && Segment.LENGTH_AND_CRC_BYTES
                                + Integer.toUnsignedLong(ByteBuffer.wrap(buffer)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .getInt((int) (offset - bufferAt)))
                        == left;
    }

    /** The segment after this one. A listing beside a producer may show a new file without those made before it. */
    private @Nullable Integer following() throws IOException {
        NavigableMap<Integer, Path> segments = SpoolFolder.list(folder).getOrDefault(producer, new TreeMap<>());
        Integer higher = segments.higherKey(segment);
        return higher != null && isThere(segment + 1) ? Integer.valueOf(segment + 1) : higher;
    }

    private boolean isThere(int wanted) {
        return Files.exists(pathOf(wanted), LinkOption.NOFOLLOW_LINKS);
    }

    private Path pathOf(int wanted) {
        return folder.resolve(Segment.fileName(producer, wanted));
    }

    private Path currentPath() {
        return Objects.requireNonNull(path);
    }

    /** What is behind the last frame may be written anew, after a full disk. */
    private void forgetBuffer() {
        bufferAt = 0;
        buffered = 0;
    }

    private static byte[] readAt(RandomAccessFile open, long at, int bytes) throws IOException {
        byte[] read = new byte[bytes];
        open.seek(at);
        int count = 0;
        while (count < bytes) {
            int more = open.read(read, count, bytes - count);
            if (more < 0) {
                return Arrays.copyOf(read, count);
            }
            count += more;
        }
        return read;
    }
}
