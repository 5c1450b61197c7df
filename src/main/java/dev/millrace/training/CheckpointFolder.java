package dev.millrace.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Puts a folder of files under its name whole, and finds and checks it again.
 *
 * <p>A folder cannot be replaced by one rename, so the old one steps aside first. Whatever is killed when, one of
 * {@code name}, {@code .name.new}, {@code .name.old} is complete once there has been one; a complete one has a manifest, in
 * the format of {@code sha256sum}, that its files agree with.
 */
final class CheckpointFolder {
    static final String MANIFEST = "MANIFEST.sha256";
    private static final int BUFFER = 1 << 16;

    private CheckpointFolder() {}

    /** Fills a folder with files. */
    interface Content {
        void write(Path folder) throws IOException;
    }

    /** Writes a folder and puts it in the place of {@code parent/name}. */
    static Path replace(Path parent, String name, Content content) throws IOException {
        Path target = parent.resolve(name);
        Path fresh = parent.resolve("." + name + ".new");
        Path old = parent.resolve("." + name + ".old");
        recover(target, fresh, old);
        deleteAll(fresh);
        Files.createDirectories(fresh);
        try {
            content.write(fresh);
            writeManifest(fresh);
            sync(fresh);
        } catch (IOException | RuntimeException e) {
            // Half a checkpoint would keep a full disk full.
            deleteHalf(fresh, e);
            throw e;
        }
        deleteAll(old);
        if (Files.exists(target)) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        sync(parent);
        deleteAll(old);
        return target;
    }

    private static void deleteHalf(Path fresh, Exception failure) {
        try {
            deleteAll(fresh);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** The complete folder of this name, under whichever name a killed process left it; {@code parent/name} if there is none. */
    static Path find(Path parent, String name) {
        Path target = parent.resolve(name);
        if (Files.exists(target)) {
            return target;
        }
        Path fresh = parent.resolve("." + name + ".new");
        if (isComplete(fresh)) {
            return fresh;
        }
        Path old = parent.resolve("." + name + ".old");
        return Files.exists(old) ? old : target;
    }

    /** After a kill between the two renames: the newest complete folder gets its name, before anything is deleted. */
    private static void recover(Path target, Path fresh, Path old) throws IOException {
        if (!Files.exists(target)) {
            Path found = isComplete(fresh) ? fresh : old;
            if (Files.exists(found)) {
                Files.move(found, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static boolean isComplete(Path folder) {
        if (!Files.exists(folder.resolve(MANIFEST))) {
            return false;
        }
        try {
            verify(folder);
            return true;
        } catch (CorruptCheckpointException e) {
            return false;
        }
    }

    private static void writeManifest(Path folder) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Path file : files(folder)) {
            sync(file);
            lines.append(sha256(file)).append("  ").append(file.getFileName()).append('\n');
        }
        Path manifest = folder.resolve(MANIFEST);
        Files.writeString(manifest, lines);
        sync(manifest);
    }

    /**
     * Compares every file with the manifest.
     *
     * @throws CorruptCheckpointException naming the first file that differs, is missing or is not listed
     */
    static void verify(Path folder) {
        Path manifest = folder.resolve(MANIFEST);
        try {
            if (!Files.isRegularFile(manifest)) {
                throw new CorruptCheckpointException(
                        "Cannot read checkpoint: expected " + MANIFEST + " in it, found none (" + folder
                                + "). Give the folder of a run or one of its checkpoints.",
                        folder,
                        null);
            }
            Map<String, String> listed = new TreeMap<>();
            for (String line : Files.readAllLines(manifest, StandardCharsets.UTF_8)) {
                int gap = line.indexOf("  ");
                if (gap < 0) {
                    throw damaged(manifest, "lines of hash and file name", "something else", null);
                }
                listed.put(line.substring(gap + 2), line.substring(0, gap));
            }
            for (Path file : files(folder)) {
                String expected = listed.remove(String.valueOf(file.getFileName()));
                String found = sha256(file);
                if (!found.equals(expected)) {
                    throw damaged(file, "SHA-256 " + expected, found, null);
                }
            }
            if (!listed.isEmpty()) {
                throw damaged(folder, "files " + listed.keySet(), "none of that name", null);
            }
        } catch (IOException e) {
            throw damaged(folder, "readable files", e.toString(), e);
        }
    }

    static CorruptCheckpointException damaged(
            Path file, String expected, String found, @org.jspecify.annotations.Nullable Throwable cause) {
        return new CorruptCheckpointException(
                "Checkpoint is damaged: expected " + expected + ", found " + found + " (" + file
                        + "). Resume from another checkpoint of the run, such as best/.",
                file,
                cause);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> files = new ArrayList<>(
                    entries.filter(file -> !file.endsWith(MANIFEST)).toList());
            files.sort(Comparator.comparing(Path::toString));
            return files;
        }
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw new IOException("Cannot remove the leftover " + folder, e);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Folders cannot be opened on every system; the rename is durable there by other means.
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
    }
}
