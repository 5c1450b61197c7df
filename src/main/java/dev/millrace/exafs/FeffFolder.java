package dev.millrace.exafs;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One FEFF calculation of a tree: its folder, whose absorber it is about, and its path files by ascending number. Immutable.
 * Memory: 20 bytes per file.
 */
public final class FeffFolder {
    private final Path root;
    private final String name;
    private final int frame;
    private final int atomId;
    private final int[] numbers;
    private final long[] sizes;
    private final long[] modified;
    private final @Nullable String @Nullable [] otherNames;
    private final @Nullable Stamp input;

    /**
     * How a file looks from outside.
     *
     * @param size bytes
     * @param modified ms since 1970
     */
    public record Stamp(long size, long modified) {}

    FeffFolder(
            Path root,
            String name,
            int frame,
            int atomId,
            int[] numbers,
            long[] sizes,
            long[] modified,
            @Nullable String @Nullable [] otherNames,
            @Nullable Stamp input) {
        this.root = root;
        this.name = name;
        this.frame = frame;
        this.atomId = atomId;
        this.numbers = numbers;
        this.sizes = sizes;
        this.modified = modified;
        this.otherNames = otherNames;
        this.input = input;
    }

    /** Below the root of the tree, with {@code /} between folders; empty for the root itself. */
    public String name() {
        return name;
    }

    public Path path() {
        return root.resolve(name);
    }

    public int frame() {
        return frame;
    }

    public int atomId() {
        return atomId;
    }

    /** How many path files there are. */
    public int size() {
        return numbers.length;
    }

    /** Number of a path file: 5 of {@code feff0005.dat}. */
    public int pathNumber(int i) {
        return numbers[i];
    }

    public Stamp stamp(int i) {
        return new Stamp(sizes[i], modified[i]);
    }

    public String fileName(int i) {
        String other = otherName(i);
        return other == null ? canonicalName(numbers[i]) : other;
    }

    /** The name of a file where it is not {@code feffNNNN.dat}, else null. */
    @Nullable
    String otherName(int i) {
        return otherNames == null ? null : otherNames[i];
    }

    public Path file(int i) {
        return path().resolve(fileName(i));
    }

    /** Of {@code feff.inp}; null where there is none. */
    public @Nullable Stamp input() {
        return input;
    }

    /** {@code feff.inp}, whether it is there or not. */
    public Path inputFile() {
        return path().resolve("feff.inp");
    }

    static String canonicalName(int number) {
        return String.format(Locale.ROOT, "feff%04d.dat", number);
    }

    @Override
    public String toString() {
        return "frame " + frame + ", atom " + atomId + " in " + (name.isEmpty() ? "." : name);
    }
}
