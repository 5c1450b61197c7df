package dev.millrace.spool;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The beginning of a segment, and the sizes of its format (docs/format.md, "Spool").
 *
 * @param producer who writes it
 * @param number its place among the segments of that producer, from 1
 * @param firstFrame number of its first frame
 * @param description what the producer says of itself
 */
record Segment(UUID producer, int number, long firstFrame, Map<String, String> description) {
    static final int LENGTH_AND_CRC_BYTES = 8;
    /** Length, checksum, number. */
    static final int FRAME_HEADER_BYTES = LENGTH_AND_CRC_BYTES + Long.BYTES;
    /** A forged length beyond this is refused before anything is allocated for it. */
    static final int LARGEST_PAYLOAD = 1 << 20;

    static final int SMALLEST_PAYLOAD = Long.BYTES;
    /** Magic, uuid, number, first frame, size of the rest. */
    static final int FIXED_BYTES = 8 + 16 + 4 + 8 + 4;

    private static final int LARGEST_DESCRIPTION = 1 << 16;
    /** "Spool", version 1. */
    private static final byte[] MAGIC = {'M', 'i', 'l', 'l', 'S', 'p', 'l', 1};

    private static final Pattern NAME =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\\d{8})\\.spool");

    Segment {
        description = Map.copyOf(description);
    }

    static String fileName(UUID producer, int number) {
        return "%s-%08d.spool".formatted(producer, number);
    }

    /** What a file name says, without description; empty if it is no segment. */
    static Optional<Segment> ofFileName(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                ? Optional.of(
                        new Segment(UUID.fromString(matcher.group(1)), Integer.parseInt(matcher.group(2)), 0, Map.of()))
                : Optional.empty();
    }

    byte[] toBytes() {
        byte[] text = encode(description);
        ByteBuffer header = ByteBuffer.allocate(FIXED_BYTES + text.length + Integer.BYTES);
        header.put(MAGIC).putLong(producer.getMostSignificantBits()).putLong(producer.getLeastSignificantBits());
        header.order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .putLong(firstFrame)
                .putInt(text.length)
                .put(text);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, header.position());
        return header.putInt((int) crc.getValue()).array();
    }

    /** The size of the whole header by its first {@link #FIXED_BYTES}; 0 if these are not of a header. */
    static int headerBytes(byte[] bytes) {
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int length = header.getInt(FIXED_BYTES - Integer.BYTES);
        return Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)
                        && length >= 0
                        && length <= LARGEST_DESCRIPTION
                ? FIXED_BYTES + length + Integer.BYTES
                : 0;
    }

    /**
     * Reads a whole header.
     *
     * @throws IOException if it is damaged
     */
    static Segment of(byte[] bytes) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if ((int) crc.getValue() != header.getInt(bytes.length - Integer.BYTES)) {
            throw new IOException("checksum of the header does not fit");
        }
        header.order(ByteOrder.BIG_ENDIAN).position(MAGIC.length);
        UUID producer = new UUID(header.getLong(), header.getLong());
        header.order(ByteOrder.LITTLE_ENDIAN);
        int number = header.getInt();
        long firstFrame = header.getLong();
        header.position(FIXED_BYTES).limit(bytes.length - Integer.BYTES);
        try {
            return new Segment(producer, number, firstFrame, decode(header));
        } catch (BufferUnderflowException e) {
            throw new IOException("description is cut off", e);
        }
    }

    private static byte[] encode(Map<String, String> description) {
        int size = Short.BYTES;
        for (Map.Entry<String, String> entry : description.entrySet()) {
            size += 2 * Short.BYTES + utf8(entry.getKey()).length + utf8(entry.getValue()).length;
        }
        if (size > LARGEST_DESCRIPTION) {
            throw new IllegalArgumentException(
                    "Expected a description of at most " + LARGEST_DESCRIPTION + " bytes, found " + size + ".");
        }
        ByteBuffer text = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        text.putShort((short) description.size());
        description.forEach((key, value) -> {
            put(text, key);
            put(text, value);
        });
        return text.array();
    }

    private static Map<String, String> decode(ByteBuffer text) {
        Map<String, String> description = new LinkedHashMap<>();
        int count = Short.toUnsignedInt(text.getShort());
        for (int i = 0; i < count; i++) {
            description.put(get(text), get(text));
        }
        return description;
    }

    private static void put(ByteBuffer target, String text) {
        byte[] encoded = utf8(text);
        target.putShort((short) encoded.length).put(encoded);
    }

    private static String get(ByteBuffer source) {
        int length = Short.toUnsignedInt(source.getShort());
        if (length > source.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] encoded = new byte[length];
        source.get(encoded);
        return new String(encoded, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
