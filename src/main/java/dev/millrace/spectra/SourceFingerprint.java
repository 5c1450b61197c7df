package dev.millrace.spectra;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * SHA-256 of what a build reads: the content decides, not dates.
 *
 * @param msp of the MSP file
 * @param molFolder over name and content of every MOL file, in order of their names in lower case
 */
record SourceFingerprint(String msp, String molFolder) {
    static SourceFingerprint of(Path msp, MolFolder folder, Workers workers, BuildProgress progress)
            throws IOException {
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "scan", folder.size());
        MessageDigest all = sha256();
        List<Map.Entry<String, String>> names = new ArrayList<>(folder.names().entrySet());
        long[] done = {0};
        workers.inOrder(Workers.chunks(names.iterator()), chunk -> hashes(folder, chunk), hashes -> {
            hashes.forEach(all::update);
            done[0] += hashes.size();
            meter.advanceTo(done[0]);
        });
        String mspHash = hex(ofFile(msp));
        meter.finish();
        return new SourceFingerprint(mspHash, hex(all.digest()));
    }

    /** One hash of these files and of everything else that decides what is built. */
    String with(Map<String, String> settings) {
        MessageDigest digest = sha256();
        digest.update((msp + "\n" + molFolder + "\n").getBytes(StandardCharsets.UTF_8));
        new TreeMap<>(settings)
                .forEach((key, value) -> digest.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8)));
        return hex(digest.digest());
    }

    private static List<byte[]> hashes(MolFolder folder, List<Map.Entry<String, String>> names) throws IOException {
        List<byte[]> hashes = new ArrayList<>(names.size());
        MessageDigest digest = sha256();
        for (Map.Entry<String, String> name : names) {
            Path file = folder.resolve(name.getValue());
            digest.update(name.getKey().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(ofFile(file));
            hashes.add(digest.digest());
        }
        return hashes;
    }

    private static byte[] ofFile(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
