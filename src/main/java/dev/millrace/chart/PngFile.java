package dev.millrace.chart;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes an image as PNG (ISO/IEC 15948): 8 bits of red, green and blue, each row filtered against the one above, with its
 * resolution. {@code ImageIO} would want a temporary folder and hides the resolution in metadata trees.
 */
final class PngFile {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int RGB = 2;
    private static final int FILTER_UP = 2;
    private static final double INCHES_PER_METRE = 1 / 0.0254;

    private PngFile() {}

    static byte[] encode(BufferedImage image, int dpi) {
        ByteArrayOutputStream file = new ByteArrayOutputStream(1 << 16);
        file.writeBytes(SIGNATURE);
        ByteBuffer head = ByteBuffer.allocate(13);
        head.putInt(image.getWidth()).putInt(image.getHeight()).put((byte) 8).put((byte) RGB);
        chunk(file, "IHDR", head.array(), head.capacity());
        int pixelsPerMetre = (int) Math.round(dpi * INCHES_PER_METRE);
        chunk(
                file,
                "pHYs",
                ByteBuffer.allocate(9)
                        .putInt(pixelsPerMetre)
                        .putInt(pixelsPerMetre)
                        .put((byte) 1)
                        .array(),
                9);
        pixels(file, image);
        chunk(file, "IEND", new byte[0], 0);
        return file.toByteArray();
    }

    private static void pixels(ByteArrayOutputStream file, BufferedImage image) {
        int width = image.getWidth();
        int[] row = new int[width];
        byte[] above = new byte[3 * width];
        byte[] bytes = new byte[3 * width];
        byte[] filtered = new byte[1 + 3 * width];
        byte[] compressed = new byte[1 << 16];
        filtered[0] = FILTER_UP;
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try {
            for (int y = 0; y < image.getHeight(); y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++) {
                    bytes[3 * x] = (byte) (row[x] >> 16);
                    bytes[3 * x + 1] = (byte) (row[x] >> 8);
                    bytes[3 * x + 2] = (byte) row[x];
                }
                for (int i = 0; i < bytes.length; i++) {
                    filtered[1 + i] = (byte) (bytes[i] - above[i]);
                }
                byte[] free = above;
                above = bytes;
                bytes = free;
                deflater.setInput(filtered);
                drain(file, deflater, compressed);
            }
            deflater.finish();
            drain(file, deflater, compressed);
        } finally {
            deflater.end();
        }
    }

    private static void drain(ByteArrayOutputStream file, Deflater deflater, byte[] compressed) {
        int count = deflater.deflate(compressed);
        while (count > 0) {
            chunk(file, "IDAT", compressed, count);
            count = deflater.deflate(compressed);
        }
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] data, int length) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(name);
        sum.update(data, 0, length);
        file.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        file.writeBytes(name);
        file.write(data, 0, length);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    }
}
