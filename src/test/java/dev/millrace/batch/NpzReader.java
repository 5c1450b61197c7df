package dev.millrace.batch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads NPZ with the JDK's own reader of archives, which checks checksums. Test support. */
public final class NpzReader {
    private static final Pattern HEAD =
            Pattern.compile("\\{'descr': '([<|]\\w\\d)', 'fortran_order': False, 'shape': \\(([\\d, ]*)\\), } *\n");

    private NpzReader() {}

    /** An array as it lies in the file, its elements little-endian. */
    public record Array(String type, List<Long> shape, byte[] bytes) {
        /** Elements of an int64 array. */
        public long[] longs() {
            if (!type.equals("<i8")) {
                throw new IllegalStateException("Expected <i8, found " + type);
            }
            long[] values = new long[bytes.length / Long.BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
            return values;
        }

        /** The bytes of some rows of the first axis. */
        public byte[] rows(long from, long to) {
            int width = shape.get(0) == 0 ? 0 : Math.toIntExact(bytes.length / shape.get(0));
            return Arrays.copyOfRange(bytes, Math.toIntExact(from * width), Math.toIntExact(to * width));
        }
    }

    /** All arrays by name, in the order of the archive. */
    public static Map<String, Array> read(Path file) throws IOException {
        Map<String, Array> arrays = new LinkedHashMap<>();
        try (ZipFile archive = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> each = archive.entries(); each.hasMoreElements(); ) {
                ZipEntry entry = each.nextElement();
                byte[] bytes = archive.getInputStream(entry).readAllBytes();
                arrays.put(entry.getName().replaceFirst("\\.npy$", ""), parse(bytes));
            }
        }
        return arrays;
    }

    private static Array parse(byte[] file) {
        int length = Byte.toUnsignedInt(file[8]) | Byte.toUnsignedInt(file[9]) << 8;
        String text = new String(file, 10, length, StandardCharsets.US_ASCII);
        Matcher head = HEAD.matcher(text);
        boolean version1 = file[0] == (byte) 0x93 && new String(file, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY");
        if (!version1 || file[6] != 1 || file[7] != 0 || (10 + length) % 64 != 0 || !head.matches()) {
            throw new IllegalStateException("Not the head of an array: " + text);
        }
        List<Long> shape = Stream.of(head.group(2).split(","))
                .map(String::strip)
                .filter(dim -> !dim.isEmpty())
                .map(Long::valueOf)
                .toList();
        return new Array(head.group(1), shape, Arrays.copyOfRange(file, 10 + length, file.length));
    }
}
