package dev.millrace.bench;

import dev.millrace.genome.GenomeStoreWriter;
import dev.millrace.genome.SplitFile;
import dev.millrace.genome.WindowGeometry;
import dev.millrace.genome.WindowIndexBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Random bases, for measurements only. */
final class SyntheticGenomes {
    static final WindowGeometry GEOMETRY =
            WindowGeometry.of(WindowGeometry.DEFAULT_WINDOW_SIZE, WindowGeometry.DEFAULT_STRIDE, 0);

    private static final byte[] LETTERS = {'A', 'C', 'G', 'T'};

    private SyntheticGenomes() {}

    /** A store of contigs of one length in one sample. */
    static Path store(Path file, int contigs, int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] bases = bases(random, length);
        try (GenomeStoreWriter writer = GenomeStoreWriter.begin(file)) {
            for (int i = 0; i < contigs; i++) {
                // Other bases at a place that moves: as good as all other ones for reading, and made at once.
                System.arraycopy(
                        bases(random, Math.min(length, 64)), 0, bases, (i * 64) % Math.max(1, length - 64), 64);
                writer.add(String.format("BCR__EXT-SYN1__CT1-%07d", i), "SYN1", bases);
            }
            writer.publish();
        }
        return file;
    }

    private static byte[] bases(SplittableRandom random, int length) {
        byte[] bases = new byte[length];
        for (int i = 0; i < length; i++) {
            bases[i] = LETTERS[random.nextInt(4)];
        }
        return bases;
    }

    /** Computes windows of a store: into it, or into a window database. */
    static Path windows(Path store, Path output) throws IOException {
        new WindowIndexBuilder()
                .setGeometry(GEOMETRY)
                .setContigs(SplitFile.open(store))
                .setOutput(output)
                .build();
        return output;
    }
}
