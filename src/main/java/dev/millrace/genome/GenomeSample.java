package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.PublishedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Writes synthetic genomes of any size as FASTA. They are of no organism, but not without structure: a base depends on the
 * {@link #ORDER} before it (1.6 bits a base to one who knows how), and a fifth of all stretches are repeats, copies with few
 * changes of {@value #FAMILIES} families. So a model can do better than the frequencies of bases and of short words.
 *
 * <p>Contigs are called {@code SYN__EXT-S1__CT1-1} and say in their header that they are synthetic. The same settings and seed
 * give the same bytes; a contig's bases depend on the seed and its number. Immutable; memory: constant.
 *
 * @param contigs how many, at least 1
 * @param meanLength bases of a contig on average
 * @param sameLength whether all have that length; else lengths are spread log-normally about it
 * @param samples how many samples the contigs are divided among, in order
 * @param unknownShare share of bases that are N, in runs
 * @param lowerShare share of bases in lower case, as repeats are masked
 * @param lineWidth bases of a line; 0 for one line a contig
 * @param seed decides all of it
 */
public record GenomeSample(
        long contigs,
        long meanLength,
        boolean sameLength,
        int samples,
        double unknownShare,
        double lowerShare,
        int lineWidth,
        long seed) {
    /** Bases that the next one depends on. */
    public static final int ORDER = 6;

    static final int FAMILIES = 64;

    private static final int CONTEXTS = 1 << (2 * ORDER);
    private static final int LONGEST_STRETCH = 2048;
    private static final int LONGEST_REPEAT = 640;
    private static final int CHANGES_PER_REPEAT = 8;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final byte[] LETTERS = "ACGT".getBytes(StandardCharsets.US_ASCII);

    /** Sixteenths in which the first, second … choice after a context comes. */
    private static final int[] SHARES = {9, 4, 2, 1};

    public GenomeSample {
        require("number of contigs", contigs, 1, 1L << 40);
        require("length", meanLength, 1, 1L << 40);
        require("number of samples", samples, 1, Math.min(contigs, 1 << 24));
        require("line width", lineWidth, 0, 1 << 16);
        if (!(unknownShare >= 0 && unknownShare <= 1) || !(lowerShare >= 0 && lowerShare <= 1)) {
            throw new IllegalArgumentException(
                    "Expected shares 0 … 1, found " + unknownShare + " and " + lowerShare + ".");
        }
    }

    private static void require(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "Expected a " + what + " from " + least + " to " + most + ", found " + value + ".");
        }
    }

    /**
     * Writes the file, gzip if its name ends in {@code .gz}; it appears whole or not at all.
     *
     * @param progress is told how many MiB of bases were written
     * @return bases written
     */
    public long write(Path file, BuildProgress progress) throws IOException {
        try (PublishedFile published = PublishedFile.open(file)) {
            BuildProgress.Meter meter =
                    new BuildProgress.Meter(progress, "sample (MiB)", (long) ((double) contigs * meanLength) >> 20);
            Writer writer = new Writer(published.out());
            long bases = 0;
            for (long contig = 0; contig < contigs; contig++) {
                bases += writer.contig(contig, bases, meter);
            }
            published.publish();
            meter.finish();
            return bases;
        }
    }

    /** Writes contigs one after another. */
    private final class Writer {
        private final OutputStream out;
        private final byte[][] families = new byte[FAMILIES][];
        private final byte[] next = new byte[CONTEXTS * 16];
        private final byte[] stretch = new byte[LONGEST_STRETCH];
        private SplittableRandom random = new SplittableRandom(seed);
        private int context;
        private int column;

        Writer(OutputStream out) {
            this.out = out;
            for (int at = 0; at < CONTEXTS; at++) {
                fillContext(at);
            }
            for (int family = 0; family < FAMILIES; family++) {
                int length = 100 + random.nextInt(LONGEST_REPEAT - 100);
                chain(length);
                families[family] = Arrays.copyOf(stretch, length);
            }
        }

        /** The choices after a context, in an order of their own. */
        private void fillContext(int at) {
            byte[] order = {0, 1, 2, 3};
            for (int i = 3; i > 0; i--) {
                int other = random.nextInt(i + 1);
                byte kept = order[i];
                order[i] = order[other];
                order[other] = kept;
            }
            int slot = 16 * at;
            for (int choice = 0; choice < 4; choice++) {
                Arrays.fill(next, slot, slot + SHARES[choice], order[choice]);
                slot += SHARES[choice];
            }
        }

        long contig(long number, long basesBefore, BuildProgress.Meter meter) throws IOException {
            random = new SplittableRandom(((seed + 1) * GOLDEN) ^ ((number + 1) * 0xD1B54A32D192ED03L));
            context = random.nextInt(CONTEXTS);
            column = 0;
            long sample = number * samples / contigs + 1;
            out.write(
                    (">SYN__EXT-S" + sample + "__CT1-" + (number + 1) + " synthetic, no organism; seed " + seed + '\n')
                            .getBytes(StandardCharsets.US_ASCII));
            long length = sameLength ? meanLength : spread();
            for (long done = 0; done < length; ) {
                int count = (int) Math.min(length - done, stretch());
                put(count);
                done += count;
                meter.advanceTo((basesBefore + done) >> 20);
            }
            if (column > 0 || lineWidth == 0) {
                out.write('\n');
            }
            return length;
        }

        /** Log-normal with a median of 0.61 means, so that the mean is as asked. */
        private long spread() {
            double length = meanLength * Math.exp(random.nextGaussian() - 0.5);
            return Math.max(1, Math.min(Math.round(length), 100 * meanLength));
        }

        /** Makes the next stretch; all kinds are of about equal length, so that the shares are those of bases. */
        private int stretch() {
            double kind = random.nextDouble();
            int length;
            if (kind < unknownShare) {
                length = 200 + random.nextInt(400);
                Arrays.fill(stretch, 0, length, (byte) 'N');
            } else if (kind < unknownShare + 0.2 * (1 - unknownShare)) {
                length = repeat();
            } else {
                length = 200 + random.nextInt(400);
                chain(length);
            }
            if (random.nextDouble() < lowerShare) {
                for (int i = 0; i < length; i++) {
                    stretch[i] |= 0x20;
                }
            }
            return length;
        }

        private int repeat() {
            byte[] family = families[random.nextInt(FAMILIES)];
            System.arraycopy(family, 0, stretch, 0, family.length);
            for (int i = 0; i < CHANGES_PER_REPEAT; i++) {
                stretch[random.nextInt(family.length)] = LETTERS[random.nextInt(4)];
            }
            return family.length;
        }

        private void chain(int length) {
            int at = context;
            for (int done = 0; done < length; ) {
                long bits = random.nextLong();
                int last = Math.min(length, done + 16);
                for (; done < last; done++) {
                    int base = next[16 * at + (int) (bits & 15)];
                    bits >>>= 4;
                    at = ((at << 2) | base) & (CONTEXTS - 1);
                    stretch[done] = LETTERS[base];
                }
            }
            context = at;
        }

        private void put(int count) throws IOException {
            if (lineWidth == 0) {
                out.write(stretch, 0, count);
                return;
            }
            for (int done = 0; done < count; ) {
                int taken = Math.min(count - done, lineWidth - column);
                out.write(stretch, done, taken);
                done += taken;
                column += taken;
                if (column == lineWidth) {
                    out.write('\n');
                    column = 0;
                }
            }
        }
    }
}
