package dev.millrace.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive around the source text of one class without parameters, as {@code torch.jit.save} would.
 *
 * <p>An archive is an uncompressed ZIP of a pickled module object, its code, its constants and a format version; libtorch
 * compiles the code when it loads it.
 */
final class TorchScriptArchive {
    private TorchScriptArchive() {}

    /** The bytes of an archive that holds an object of {@code class name(Module)} as defined by the source text. */
    static byte[] of(String className, String source) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
                zip.setMethod(ZipOutputStream.STORED);
                put(zip, "kernels/data.pkl", object(className));
                put(zip, "kernels/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
                put(zip, "kernels/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
                put(zip, "kernels/version", new byte[] {'3', '\n'});
            }
            return bytes.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException("Cannot write to memory.", impossible);
        }
    }

    /** Pickle protocol 2: an empty object of the class, built with the state {@code {"training": True}}. */
    private static byte[] object(String className) throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(new byte[] {(byte) 0x80, 2});
        pickle.write(("c__torch__\n" + className + "\n").getBytes(StandardCharsets.US_ASCII));
        pickle.write(new byte[] {')', (byte) 0x81, '}', '('});
        byte[] key = "training".getBytes(StandardCharsets.US_ASCII);
        pickle.write(new byte[] {'X', (byte) key.length, 0, 0, 0});
        pickle.write(key);
        pickle.write(new byte[] {(byte) 0x88, 'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        // STORED entries need size and checksum before their content.
        ZipEntry entry = new ZipEntry(name);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
