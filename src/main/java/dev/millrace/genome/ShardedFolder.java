package dev.millrace.genome;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A folder in the original's layout: {@code <folder>/<sample>/glm_dataset_<sample>.sqlite}, one file per sample with a table
 * {@code sequences(contig_id TEXT PRIMARY KEY, nt_sequence TEXT NOT NULL)}. Whatever else lies there is ignored.
 *
 * <p>What was there when it was opened; holds no file open. Immutable, thread-safe.
 */
final class ShardedFolder {
    /** The table of a sample's file, as the source document has it. */
    static final String TABLE = """
            CREATE TABLE sequences (
                contig_id TEXT PRIMARY KEY,
                nt_sequence TEXT NOT NULL
            )""";

    private static final String PREFIX = "glm_dataset_";
    private static final String SUFFIX = ".sqlite";

    private final Path folder;
    private final SortedMap<String, Path> files;

    private ShardedFolder(Path folder, SortedMap<String, Path> files) {
        this.folder = folder;
        this.files = Collections.unmodifiableSortedMap(files);
    }

    /**
     * Looks for the files of samples.
     *
     * @throws IllegalArgumentException naming the folder, if there is none
     * @throws java.nio.file.NoSuchFileException if the folder is not there
     */
    static ShardedFolder open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new java.nio.file.NoSuchFileException(folder.toString());
        }
        SortedMap<String, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String sample = String.valueOf(entry.getFileName());
                Path file = file(folder, sample);
                if (Files.isRegularFile(file)) {
                    files.put(sample, file);
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException(
                    "No SQLite files found in " + folder + ": expected <sample>/" + PREFIX + "<sample>" + SUFFIX
                            + " for one sample at least. Check the path, or make them with 'millrace genome import"
                            + " --sharded'.");
        }
        return new ShardedFolder(folder, files);
    }

    /** Whether a folder holds the file of a sample. */
    static boolean is(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try {
            return !open(folder).files().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the file of a sample is or will be. */
    static Path file(Path folder, String sample) {
        return folder.resolve(sample).resolve(PREFIX + sample + SUFFIX);
    }

    /** The folder. */
    Path folder() {
        return folder;
    }

    /** Files by sample, in the order of their names. */
    SortedMap<String, Path> files() {
        return files;
    }

    /** The sample of a contig: the only one if there is one only, whatever the contig is called; else {@link SampleIds#of}. */
    String sampleOf(String contigId) {
        return files.size() == 1 ? files.firstKey() : SampleIds.of(contigId);
    }

    /**
     * The file that a contig is in, if it is in any.
     *
     * @throws IllegalArgumentException if there is none for its sample, or its name tells no sample
     */
    Path fileOf(String contigId) {
        String sample = sampleOf(contigId);
        Path file = files.get(sample);
        if (file == null) {
            throw new IllegalArgumentException("No database of sample " + sample + ": expected "
                    + file(folder, sample) + " for contig " + contigId + ", found " + files.size()
                    + " other samples, the nearest is " + nearest(sample) + ".");
        }
        return file;
    }

    /** The sample whose name needs the fewest changed letters to become this one; the first of several. */
    String nearest(String wanted) {
        String best = files.firstKey();
        int fewest = Integer.MAX_VALUE;
        for (String sample : files.keySet()) {
            // No name is nearer than the difference of the lengths.
            if (Math.abs(sample.length() - wanted.length()) < fewest) {
                int changes = changes(wanted, sample);
                if (changes < fewest) {
                    fewest = changes;
                    best = sample;
                }
            }
        }
        return best;
    }

    /** Letters to insert, delete or replace; Levenshtein's distance. */
    private static int changes(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            above[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] line = new int[to.length() + 1];
            line[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = above[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                line[column] = Math.min(replaced, 1 + Math.min(above[column], line[column - 1]));
            }
            above = line;
        }
        return above[to.length()];
    }
}
