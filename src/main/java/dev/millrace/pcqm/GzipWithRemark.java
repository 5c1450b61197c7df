package dev.millrace.pcqm;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one gzip member whose header has a comment (RFC 1952, FCOMMENT) and no time, so that equal contents are equal files.
 * One thread at a time; closing it closes the stream below.
 */
final class GzipWithRemark extends DeflaterOutputStream {
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0x10, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_REMARK = 1 << 10;

    private final CRC32 crc = new CRC32();
    private long length;
    private boolean closed;

    GzipWithRemark(OutputStream out, String remark) throws IOException {
        super(out, new Deflater(Deflater.DEFAULT_COMPRESSION, true), BUFFER);
        out.write(HEAD);
        out.write(remark.getBytes(StandardCharsets.ISO_8859_1));
        out.write(0);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        super.write(bytes, offset, count);
        crc.update(bytes, offset, count);
        length += count;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            finish();
            little((int) crc.getValue());
            little((int) length);
        } finally {
            def.end();
            out.close();
        }
    }

    private void little(int value) throws IOException {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.write(value >>> shift);
        }
    }

    /** The comment of a file that this class wrote; null for any other file. */
    static @Nullable String remarkOf(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), LONGEST_REMARK)) {
            if (!Arrays.equals(HEAD, in.readNBytes(HEAD.length))) {
                return null;
            }
            StringBuilder remark = new StringBuilder();
            for (int letter = in.read(); letter > 0 && remark.length() < LONGEST_REMARK; letter = in.read()) {
                remark.append((char) letter);
            }
            return remark.toString();
        }
    }
}
