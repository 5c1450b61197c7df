package dev.millrace.batch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.millrace.build.PublishedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A file of numpy's format for several arrays: a zip archive whose entries {@code <name>.npy} are not compressed.
 *
 * <p>The room of an array is reserved when its shape is known, so that several can be written side by side. Equal arrays make
 * equal bytes: entries have no time. One thread at a time; the file underneath is opened, published and closed by the caller.
 */
final class NpzFile {
    /*
     * A local header has the checksum before the bytes; it is written again when the last byte has come. Sizes beyond 32 bits
     * stand in extra field 1 (ZIP64) and only then, as old readers do not know it.
     */
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int CENTRAL_HEADER = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int END_64_LOCATOR = 0x07064b50;
    private static final short UTF_8_NAMES = 0x0800;
    /** The first day that a zip archive can name: 1980-01-01. */
    private static final short FIRST_DAY = 0x21;

    private static final long LARGEST_32 = 0xFFFFFFFFL;
    private static final int LARGEST_16 = 0xFFFF;

    private final PublishedFile file;
    private final long limit32;
    private final List<Entry> entries = new ArrayList<>();
    private long end;

    NpzFile(PublishedFile file) {
        this(file, LARGEST_32);
    }

    /** @param limit32 from which size or place on ZIP64 is used; smaller than need be in tests only */
    NpzFile(PublishedFile file, long limit32) {
        this.file = file;
        this.limit32 = limit32;
    }

    /** Makes room for an array, to be filled before {@link #finish}. */
    Entry reserve(String name, DataType type, long... shape) throws IOException {
        byte[] header = NpyHeader.of(type, shape);
        Entry entry =
                new Entry(name, header.length + Math.multiplyExact(new Shape(shape).size(), type.getNumOfBytes()));
        entries.add(entry);
        end = entry.dataStart + entry.size;
        entry.append(ByteBuffer.wrap(header));
        return entry;
    }

    /** Writes what makes an archive of the entries. */
    void finish() throws IOException {
        long directory = end;
        for (Entry entry : entries) {
            entry.writeLocalHeader();
            write(entry.centralHeader());
        }
        long directorySize = end - directory;
        if (isLarge(directory) || isLarge(directorySize) || entries.size() >= LARGEST_16) {
            long end64 = end;
            write(buffer(56)
                    .putInt(END_64)
                    .putLong(44)
                    .putShort((short) 45)
                    .putShort((short) 45)
                    .putInt(0)
                    .putInt(0)
                    .putLong(entries.size())
                    .putLong(entries.size())
                    .putLong(directorySize)
                    .putLong(directory));
            write(buffer(20).putInt(END_64_LOCATOR).putInt(0).putLong(end64).putInt(1));
        }
        short count = (short) Math.min(entries.size(), LARGEST_16);
        write(buffer(22)
                .putInt(END)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(count)
                .putShort(count)
                .putInt(in32(directorySize))
                .putInt(in32(directory))
                .putShort((short) 0));
    }

    private void write(ByteBuffer bytes) throws IOException {
        int count = bytes.flip().remaining();
        file.write(bytes, end);
        end += count;
    }

    private boolean isLarge(long value) {
        return value >= limit32;
    }

    private int in32(long value) {
        return isLarge(value) ? (int) LARGEST_32 : (int) value;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The room of one array. */
    final class Entry {
        private final byte[] name;
        private final long start = end;
        private final long size;
        private final long dataStart;
        private final CRC32 crc = new CRC32();
        private long written;

        private Entry(String arrayName, long size) {
            this.name = (arrayName + ".npy").getBytes(StandardCharsets.UTF_8);
            this.size = size;
            this.dataStart = start + localHeader().position();
        }

        /** Adds the next bytes of the array. */
        void append(ByteBuffer bytes) throws IOException {
            int count = bytes.remaining();
            if (count > size - written) {
                throw new IllegalStateException(
                        "Expected " + size + " bytes in " + nameText() + ", found " + (written + count) + " so far.");
            }
            crc.update(bytes.duplicate());
            file.write(bytes, dataStart + written);
            written += count;
        }

        private void writeLocalHeader() throws IOException {
            if (written != size) {
                throw new IllegalStateException(
                        "Expected " + size + " bytes in " + nameText() + ", found " + written + ".");
            }
            file.write(localHeader().flip(), start);
        }

        private ByteBuffer localHeader() {
            boolean large = isLarge(size);
            ByteBuffer header = buffer(30 + name.length + (large ? 20 : 0))
                    .putInt(LOCAL_HEADER)
                    .putShort((short) (large ? 45 : 20));
            putCommon(header, large ? 20 : 0);
            header.put(name);
            if (large) {
                header.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
            }
            return header;
        }

        private ByteBuffer centralHeader() {
            int extra = (isLarge(size) ? 16 : 0) + (isLarge(start) ? 8 : 0);
            int extraField = extra == 0 ? 0 : extra + 4;
            short version = (short) (extra == 0 ? 20 : 45);
            ByteBuffer header = buffer(46 + name.length + extraField)
                    .putInt(CENTRAL_HEADER)
                    .putShort(version)
                    .putShort(version);
            putCommon(header, extraField);
            header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
            header.putInt(in32(start)).put(name);
            if (extra > 0) {
                header.putShort((short) 1).putShort((short) extra);
            }
            if (isLarge(size)) {
                header.putLong(size).putLong(size);
            }
            if (isLarge(start)) {
                header.putLong(start);
            }
            return header;
        }

        /** Flags, method, time, checksum, sizes and lengths: the same in both headers. */
        private void putCommon(ByteBuffer header, int extraField) {
            header.putShort(UTF_8_NAMES)
                    .putShort((short) 0)
                    .putShort((short) 0)
                    .putShort(FIRST_DAY)
                    .putInt((int) crc.getValue())
                    .putInt(in32(size))
                    .putInt(in32(size))
                    .putShort((short) name.length)
                    .putShort((short) extraField);
        }

        private String nameText() {
            return new String(name, StandardCharsets.UTF_8);
        }
    }
}
