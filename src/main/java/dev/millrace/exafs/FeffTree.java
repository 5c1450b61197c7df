package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All path files below a folder, whatever its layout: {@code working_W/frame_F/atom_A}, {@code frame_F/atom_A} or any other. Of
 * which frame and atom a file is, the nearest folder of such a name says, above the root too. Nothing is read but names, sizes
 * and times; links are followed. Immutable. Memory: about 30 bytes per file.
 */
public final class FeffTree {
    private static final int IGNORED_TOLD = 3;

    /**
     * What the names of a tree mean.
     *
     * @param file names of path files; the first group is the number
     * @param frame names of folders of a frame; the first group is its number
     * @param atom names of folders of an absorber; the first group is its number
     * @param numbersMissing whether a folder without frame is of frame 0, and one without atom is numbered in the order of the
     *     names; else both are errors
     */
    public record Rules(Pattern file, Pattern frame, Pattern atom, boolean numbersMissing) {
        /** {@code feffNNNN.dat}, {@code frame_F}, {@code atom_A}; missing numbers are errors. */
        public static final Rules DEFAULT = new Rules(
                Pattern.compile("feff(\\d+)\\.dat"),
                Pattern.compile("frame_(\\d+)"),
                Pattern.compile("atom_(\\d+)"),
                false);

        public Rules {
            for (Pattern pattern : List.of(file, frame, atom)) {
                if (pattern.matcher("").groupCount() < 1) {
                    throw new IllegalArgumentException(
                            "Pattern of names: expected a group for the number, like feff(\\d+)\\.dat, found '"
                                    + pattern + "'.");
                }
            }
        }

        /** As a setting that decides what is built. */
        String describe() {
            return file + " " + frame + " " + atom + (numbersMissing ? " numbered" : "");
        }
    }

    /** Frame and atom of an absorber. */
    record AbsorberKey(int frame, int atomId) {}

    private final Path root;
    private final List<FeffFolder> folders;
    private final long fileCount;
    private final long ignoredCount;
    private final List<String> ignored;

    private FeffTree(Path root, List<FeffFolder> folders, long ignoredCount, List<String> ignored) {
        this.root = root;
        this.folders = List.copyOf(folders);
        this.fileCount = folders.stream().mapToLong(FeffFolder::size).sum();
        this.ignoredCount = ignoredCount;
        this.ignored = List.copyOf(ignored);
    }

    /**
     * Looks for path files.
     *
     * @param progress is told of the files found
     * @throws NotDirectoryException if the root is no folder
     * @throws IllegalArgumentException if a frame or atom number is missing, or two folders are of the same absorber, or two
     *     files of a folder have the same number
     * @throws IOException if a folder cannot be read
     */
    public static FeffTree scan(Path root, Rules rules, BuildProgress progress) throws IOException {
        return scan(root, rules, progress, Map.of());
    }

    /** @param known absorbers that were numbered before, by the name of their folder: they keep their numbers */
    static FeffTree scan(Path root, Rules rules, BuildProgress progress, Map<String, AbsorberKey> known)
            throws IOException {
        if (!Files.isDirectory(root)) {
            throw new NotDirectoryException(root + ": expected a folder of FEFF calculations, found "
                    + (Files.exists(root) ? "something else." : "none."));
        }
        // The names above the root count too, so it has to be the real one.
        Scan scan = new Scan(root.toRealPath(), rules, new BuildProgress.Meter(progress, "scan", -1));
        Files.walkFileTree(scan.root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, scan);
        scan.meter.finish();
        return scan.tree(known);
    }

    public Path root() {
        return root;
    }

    /** By frame, then atom. Only folders with path files. */
    public List<FeffFolder> folders() {
        return folders;
    }

    /** Path files in all folders. */
    public long fileCount() {
        return fileCount;
    }

    /** Files called {@code feff*.dat} that the rules do not take for path files. */
    long ignoredCount() {
        return ignoredCount;
    }

    /** Names of some of them. */
    List<String> ignored() {
        return ignored;
    }

    private static final class Scan extends SimpleFileVisitor<Path> {
        private final Path root;
        private final Rules rules;
        private final BuildProgress.Meter meter;
        private final Map<Path, FolderFiles> found = new HashMap<>();
        private final List<String> ignored = new ArrayList<>();
        private long ignoredCount;
        private long count;

        Scan(Path root, Rules rules, BuildProgress.Meter meter) {
            this.root = root;
            this.rules = rules;
            this.meter = meter;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = String.valueOf(file.getFileName());
            Path folder = file.getParent();
            if (!attributes.isRegularFile() || folder == null) {
                return FileVisitResult.CONTINUE;
            }
            int number = number(rules.file, name);
            if (number >= 0) {
                files(folder).add(number, name, attributes);
                meter.advanceTo(++count);
            } else if (name.equals("feff.inp")) {
                files(folder).input = new FeffFolder.Stamp(
                        attributes.size(), attributes.lastModifiedTime().toMillis());
            } else if (name.startsWith("feff") && name.endsWith(".dat")) {
                ignoredCount++;
                if (ignored.size() < IGNORED_TOLD) {
                    ignored.add(relative(file));
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            // A link back to a folder above it, or to nothing, has no files of its own.
            if (failure instanceof FileSystemLoopException || Files.isSymbolicLink(file)) {
                return FileVisitResult.CONTINUE;
            }
            throw new IOException(
                    "Cannot read " + file + " of the tree: " + failure + ". Allow it, or give another folder.",
                    failure);
        }

        private FolderFiles files(Path folder) {
            return found.computeIfAbsent(folder, key -> new FolderFiles());
        }

        private String relative(Path path) {
            return root.relativize(path).toString().replace('\\', '/');
        }

        FeffTree tree(Map<String, AbsorberKey> known) {
            Map<String, FolderFiles> byName = new LinkedHashMap<>();
            found.entrySet().stream()
                    .filter(entry -> entry.getValue().count > 0)
                    .map(entry -> Map.entry(relative(entry.getKey()), entry.getValue()))
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> byName.put(entry.getKey(), entry.getValue()));
            Map<AbsorberKey, String> taken = new HashMap<>();
            List<FeffFolder> folders = new ArrayList<>();
            for (Map.Entry<String, AbsorberKey> absorber :
                    new AbsorberNumbers(root, rules, known).of(byName.keySet()).entrySet()) {
                String name = absorber.getKey();
                AbsorberKey key = absorber.getValue();
                String other = taken.put(key, name);
                if (other != null) {
                    throw new IllegalArgumentException("Two folders are of frame " + key.frame + ", atom " + key.atomId
                            + ": expected one, found " + root.resolve(other) + " and " + root.resolve(name)
                            + ". Rename one, or build them into two databases.");
                }
                FolderFiles files = byName.get(name);
                if (files != null) {
                    folders.add(files.folder(root, name, key));
                }
            }
            folders.sort(Comparator.comparingInt(FeffFolder::frame).thenComparingInt(FeffFolder::atomId));
            return new FeffTree(root, folders, ignoredCount, ignored);
        }
    }

    /** Which absorber each folder is about. */
    private record AbsorberNumbers(Path root, Rules rules, Map<String, AbsorberKey> known) {
        /** @param names ascending */
        Map<String, AbsorberKey> of(Set<String> names) {
            Map<String, AbsorberKey> keys = new LinkedHashMap<>();
            List<String> unnumbered = new ArrayList<>();
            for (String name : names) {
                Path path = root.resolve(name);
                int frame = nearest(rules.frame, path);
                int atom = nearest(rules.atom, path);
                if (frame >= 0 && atom >= 0) {
                    keys.put(name, new AbsorberKey(frame, atom));
                } else if (!rules.numbersMissing) {
                    throw new IllegalArgumentException("Cannot tell " + (frame < 0 ? "the frame" : "the atom") + " of "
                            + path + ": expected a folder " + (frame < 0 ? rules.frame : rules.atom)
                            + " in its path, found none. Give the pattern of such names, or number what has none with"
                            + " '--missing-ids number'.");
                } else if (atom >= 0) {
                    keys.put(name, new AbsorberKey(0, atom));
                } else {
                    unnumbered.add(name);
                }
            }
            number(unnumbered, keys);
            return keys;
        }

        private void number(List<String> unnumbered, Map<String, AbsorberKey> keys) {
            Set<AbsorberKey> used = new HashSet<>(keys.values());
            for (String name : unnumbered) {
                AbsorberKey before = known.get(name);
                if (before != null && used.add(before)) {
                    keys.put(name, before);
                }
            }
            // A number that a folder had, which is gone now, is not given to another.
            used.addAll(known.values());
            Map<Integer, Integer> next = new HashMap<>();
            for (String name : unnumbered) {
                if (!keys.containsKey(name)) {
                    int frame = Math.max(0, nearest(rules.frame, root.resolve(name)));
                    int atom = next.getOrDefault(frame, 0);
                    while (!used.add(new AbsorberKey(frame, atom))) {
                        atom++;
                    }
                    next.put(frame, atom + 1);
                    keys.put(name, new AbsorberKey(frame, atom));
                }
            }
        }
    }

    private static int nearest(Pattern pattern, Path folder) {
        for (Path path = folder; path != null && path.getFileName() != null; path = path.getParent()) {
            int number = number(pattern, String.valueOf(path.getFileName()));
            if (number >= 0) {
                return number;
            }
        }
        return -1;
    }

    /** The number in a name; −1 if the name is another or the number is none that fits into 31 bits. */
    private static int number(Pattern pattern, String name) {
        Matcher matcher = pattern.matcher(name);
        if (!matcher.matches()) {
            return -1;
        }
        try {
            return Math.max(-1, Integer.parseInt(matcher.group(1)));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** The path files of one folder, as they are found. */
    private static final class FolderFiles {
        private final List<Found> found = new ArrayList<>();
        private int count;
        private FeffFolder.@Nullable Stamp input;

        private record Found(int number, @Nullable String otherName, long size, long modified) {}

        void add(int number, String name, BasicFileAttributes attributes) {
            found.add(new Found(
                    number,
                    name.equals(FeffFolder.canonicalName(number)) ? null : name,
                    attributes.size(),
                    attributes.lastModifiedTime().toMillis()));
            count++;
        }

        FeffFolder folder(Path root, String name, AbsorberKey key) {
            found.sort(Comparator.comparingInt(Found::number));
            boolean others = found.stream().anyMatch(file -> file.otherName != null);
            @Nullable String @Nullable [] otherNames = others ? new @Nullable String[count] : null;
            int[] numbers = new int[count];
            long[] sizes = new long[count];
            long[] modified = new long[count];
            for (int i = 0; i < count; i++) {
                Found file = found.get(i);
                numbers[i] = file.number;
                sizes[i] = file.size;
                modified[i] = file.modified;
                if (otherNames != null) {
                    otherNames[i] = file.otherName;
                }
            }
            FeffFolder folder =
                    new FeffFolder(root, name, key.frame, key.atomId, numbers, sizes, modified, otherNames, input);
            for (int i = 1; i < count; i++) {
                if (numbers[i] == numbers[i - 1]) {
                    throw new IllegalArgumentException("Two files have path number " + numbers[i]
                            + ": expected one, found " + folder.file(i - 1) + " and " + folder.file(i)
                            + ". Remove or rename one.");
                }
            }
            return folder;
        }
    }
}
