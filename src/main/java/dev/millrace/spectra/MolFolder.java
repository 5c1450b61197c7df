package dev.millrace.spectra;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The MOL files of a folder, {@code ID<n>.MOL} in any case. A source id is compared with the names that are there and never
 * becomes part of a path, so that no id leads out of the folder; a symbolic link counts only if it stays inside.
 *
 * <p>Immutable, thread-safe. Memory: one name per file.
 */
final class MolFolder {
    /** No molecule comes near this; a device or a mistaken archive would not end. */
    private static final long LARGEST_FILE_BYTES = 1 << 24;

    private static final String SUFFIX = ".mol";

    private final Path folder;
    private final Map<String, String> nameByKey;

    private MolFolder(Path folder, Map<String, String> nameByKey) {
        this.folder = folder;
        this.nameByKey = nameByKey;
    }

    /**
     * Lists a folder.
     *
     * @throws NoSuchFileException if there is none
     */
    static MolFolder list(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            throw new NoSuchFileException(folder.toString());
        } else if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        Path real = folder.toRealPath();
        Map<String, String> names = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                String key = name.toLowerCase(Locale.ROOT);
                if (key.startsWith("id") && key.endsWith(SUFFIX) && staysInside(real, entry)) {
                    // Of two names that differ in case only, the usual spelling wins, else the first in order.
                    names.merge(
                            key,
                            name,
                            (one, other) ->
                                    isUsual(one) || (!isUsual(other) && one.compareTo(other) < 0) ? one : other);
                }
            }
        }
        return new MolFolder(real, names);
    }

    private static boolean isUsual(String name) {
        return name.startsWith("ID") && name.endsWith(".MOL");
    }

    private static boolean staysInside(Path folder, Path entry) throws IOException {
        if (Files.isSymbolicLink(entry)) {
            return Files.isRegularFile(entry) && entry.toRealPath().startsWith(folder);
        }
        return Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS);
    }

    /** Number of MOL files. */
    int size() {
        return nameByKey.size();
    }

    /** Names of the files by their key, the name in lower case, in order. */
    Map<String, String> names() {
        return new TreeMap<>(nameByKey);
    }

    /** The file of a source id, {@code 200001} or {@code ID200001}; null without one. */
    @Nullable
    Path find(String sourceId) {
        String key = sourceId.toLowerCase(Locale.ROOT);
        String name = nameByKey.get((key.startsWith("id") ? key : "id" + key) + SUFFIX);
        return name == null ? null : folder.resolve(name);
    }

    /** Path of a file by its name. */
    Path resolve(String name) {
        return folder.resolve(name);
    }

    /**
     * The text of a MOL file, UTF-8 or Latin-1.
     *
     * @throws IOException if it cannot be read or is larger than any molecule
     */
    static String text(Path file) throws IOException {
        return decode(bytes(file));
    }

    static byte[] bytes(Path file) throws IOException {
        long size = Files.size(file);
        if (size > LARGEST_FILE_BYTES) {
            throw new IOException(
                    "expected at most " + LARGEST_FILE_BYTES + " bytes, found " + size + " in " + file.getFileName());
        }
        return Files.readAllBytes(file);
    }

    private static String decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        // Only titles hold more than ASCII; a replacement character tells that it was not UTF-8.
        return text.indexOf('\uFFFD') < 0 ? text : new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
