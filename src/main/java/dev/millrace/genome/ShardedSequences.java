package dev.millrace.genome;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files of a sharded folder, {@code <folder>/<sample>/glm_dataset_<sample>.sqlite}, by sample. Immutable, thread-safe.
 *
 * <p>A folder of one file serves all samples, as in the original.
 */
record ShardedSequences(Path folder, Map<String, Path> files) {
    /**
     * Finds them; other entries are passed over.
     *
     * @throws IllegalArgumentException if there is none
     */
    static ShardedSequences open(Path folder) {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> samples = Files.list(folder)) {
            samples.forEach(sample -> {
                String name = String.valueOf(sample.getFileName());
                Path file = sample.resolve("glm_dataset_" + name + ".sqlite");
                if (Files.isRegularFile(file)) {
                    files.put(name, file.toAbsolutePath().normalize());
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + folder, e);
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("No SQLite files found in " + folder
                    + ": expected <sample>/glm_dataset_<sample>.sqlite. Make them with 'millrace genome import --sharded "
                    + folder + "'.");
        }
        return new ShardedSequences(folder, files);
    }

    /** The sample that a contig lies in. */
    String sample(String contigId) {
        return files.size() == 1 ? files.keySet().iterator().next() : sampleOf(contigId);
    }

    /**
     * The file of a sample.
     *
     * @throws IllegalArgumentException if there is none, telling how many are known and which is nearest
     */
    Path file(String sampleId, String contigId) {
        Path file = files.get(sampleId);
        if (file == null) {
            throw new IllegalArgumentException("No database of sample " + sampleId + " for contig " + contigId
                    + ": expected one of the " + files.size() + " samples in " + folder + ", the nearest is "
                    + nearest(sampleId) + ". Import the sample, or correct the contig's id.");
        }
        return file;
    }

    private String nearest(String sampleId) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String known : files.keySet()) {
            int distance = distance(known, sampleId);
            if (distance < least) {
                least = distance;
                best = known;
            }
        }
        return best;
    }

    /** Letters to change, add or leave out. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    /** Second field between {@code __}, without its first piece between dashes, the others joined by dots. */
    private static String sampleOf(String contigId) {
        String[] fields = contigId.split("__", -1);
        int dash = fields.length < 2 ? -1 : fields[1].indexOf('-');
        if (fields.length < 2) {
            throw new IllegalArgumentException("Cannot tell the sample of contig " + contigId
                    + ": expected an id such as BCR__EXT-SAMPLE1__CT1-1, found no __.");
        }
        return dash < 0 ? "" : fields[1].substring(dash + 1).replace('-', '.');
    }
}
