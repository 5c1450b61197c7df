package dev.millrace.spool;

import dev.millrace.Internal;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** A folder of segments of any number of producers. Its name and segments are its owner's only. */
@Internal
public final class SpoolFolder {
    private SpoolFolder() {}

    /** Makes the folder if it is not there, readable by its owner only. */
    public static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        if (isPosix(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }

    /** The segments in it by producer and number; empty if it is not there. Other files are passed over. */
    public static Map<UUID, NavigableMap<Integer, Path>> list(Path folder) throws IOException {
        Map<UUID, NavigableMap<Integer, Path>> producers = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.spool")) {
            for (Path file : files) {
                Optional<Segment> segment = Segment.ofFileName(String.valueOf(file.getFileName()));
                segment.ifPresent(found -> producers
                        .computeIfAbsent(found.producer(), producer -> new TreeMap<>())
                        .put(found.number(), file));
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            return Map.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return producers;
    }

    /** Deletes the segments of a producer before one that is not to be deleted; returns how many. */
    public static int deleteBefore(Path folder, UUID producer, int segment) throws IOException {
        NavigableMap<Integer, Path> segments = list(folder).getOrDefault(producer, new TreeMap<>());
        int deleted = 0;
        for (Path file : new ArrayList<>(segments.headMap(segment, false).values())) {
            deleted += Files.deleteIfExists(file) ? 1 : 0;
        }
        return deleted;
    }

    static Path createSegment(Path folder, UUID producer, int number) throws IOException {
        Path file = folder.resolve(Segment.fileName(producer, number));
        if (isPosix(folder)) {
            return Files.createFile(
                    file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return Files.createFile(file);
    }

    /** A link could make us read what its planter may not. */
    static boolean isPlainFile(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
