package dev.millrace.dashboard;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The files that are served, each by its number. A file keeps its number as long as the server runs; requests know numbers
 * only, so that no request can name a file. Thread-safe.
 */
final class MetricsFiles implements AutoCloseable {
    private static final int MOST_FILES = 10_000;
    private static final int DEEPEST_FOLDER = 6;
    private static final int MOST_OPEN = 32;
    private static final long SHORTEST_PAUSE_NANOS = 2_000_000_000L;
    /** Looking for files takes at most this share of one processor. */
    private static final long PAUSE_PER_COST = 50;

    private final List<Path> sources;
    private final Map<Path, MetricsFile> byPath = new LinkedHashMap<>();
    private final List<MetricsFile> files = new ArrayList<>();
    private long nextLookNanos = System.nanoTime();

    MetricsFiles(List<Path> sources) {
        this.sources = sources.stream()
                .map(source -> source.toAbsolutePath().normalize())
                .toList();
        for (Path source : this.sources) {
            if (!Files.isDirectory(source)) {
                add(source, true);
            }
        }
    }

    /** All files found so far; folders are looked through again from time to time. */
    synchronized List<MetricsFile> all() {
        long now = System.nanoTime();
        if (now - nextLookNanos >= 0) {
            sources.stream().filter(Files::isDirectory).forEach(this::look);
            long cost = System.nanoTime() - now;
            nextLookNanos = System.nanoTime() + Math.max(SHORTEST_PAUSE_NANOS, cost * PAUSE_PER_COST);
        }
        return List.copyOf(files);
    }

    /** @throws BadRequestException if there is no file of this number */
    synchronized MetricsFile get(int index) {
        if (index < 0 || index >= files.size()) {
            throw new BadRequestException(404, "There is no file of that number.");
        }
        return files.get(index);
    }

    /** Closes those longest unused, so that a folder of thousands does not hold as many files open. */
    void closeUnused() {
        List<MetricsFile> open;
        synchronized (this) {
            open = new ArrayList<>(files.stream().filter(MetricsFile::isOpen).toList());
        }
        if (open.size() > MOST_OPEN) {
            open.sort(Comparator.comparingLong(file -> -(System.nanoTime() - file.lastUsedNanos())));
            open.subList(0, open.size() - MOST_OPEN).forEach(MetricsFile::closeIfIdle);
        }
    }

    @Override
    public void close() {
        all().forEach(MetricsFile::close);
    }

    private synchronized void add(Path path, boolean named) {
        if (!byPath.containsKey(path) && files.size() < MOST_FILES) {
            MetricsFile file = new MetricsFile(files.size(), path, named);
            byPath.put(path, file);
            files.add(file);
        }
    }

    private void look(Path folder) {
        TreeSet<Path> found = new TreeSet<>();
        try {
            Files.walkFileTree(
                    folder, EnumSet.noneOf(FileVisitOption.class), DEEPEST_FOLDER, new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile()
                                    && file.getFileName().toString().endsWith(".db")) {
                                found.add(file);
                            }
                            return found.size() < MOST_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e) {
                            // Not ours to read, or just deleted: the others are shown.
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) {
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            // The folder is gone for the moment; what was found in it before stays.
            return;
        }
        found.forEach(path -> add(path, false));
    }
}
