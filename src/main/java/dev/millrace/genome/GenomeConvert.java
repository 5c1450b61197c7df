package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.OutdatedDatabaseException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Goes between a genome store and the original's files of samples. Names, order and bases stay the same both ways, so that
 * the windows do, too.
 *
 * <p>One thread at a time. Memory: thrice the longest contig, which the original's layout keeps in one value.
 */
public final class GenomeConvert {
    private final BuildProgress progress;
    private final boolean checksSpace;

    /** @param progress is told how many contigs are done */
    public GenomeConvert(BuildProgress progress) {
        this(progress, true);
    }

    /**
     * As {@link #GenomeConvert(BuildProgress)}.
     *
     * @param checksSpace whether it is refused at its start when the disk has less room than the result takes at least
     */
    public GenomeConvert(BuildProgress progress, boolean checksSpace) {
        this.progress = progress;
        this.checksSpace = checksSpace;
    }

    /**
     * What was converted.
     *
     * @param samples samples
     * @param contigs contigs
     * @param bases their bases
     */
    public record Report(long samples, long contigs, long bases) {}

    /**
     * Makes a store of a folder in the original's layout. The contigs of a sample keep their order.
     *
     * @throws OutdatedDatabaseException if the store exists and is not to be replaced
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room; nothing was begun
     * @throws IllegalArgumentException if a contig cannot be kept: naming file and contig
     * @throws dev.millrace.sqlite.DatabaseException if one of the files is damaged or has other tables
     */
    public Report fromSharded(Path folder, Path store, boolean replace) throws IOException {
        ShardedFolder from = ShardedFolder.open(folder);
        if (!replace) {
            requireAbsent(store);
        }
        if (checksSpace) {
            DiskSpace.require(store, GenomeSpace.ofFolder(from));
        }
        Map<String, String> info = new LinkedHashMap<>();
        info.put("source", "sharded");
        info.put("source_1", String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
        info.put("source_files", Integer.toString(from.files().size()));
        info.put("sample_ids", "folders");
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "convert", 0);
        try (GenomeStoreWriter writer = GenomeStoreWriter.begin(store)) {
            for (Map.Entry<String, Path> file : from.files().entrySet()) {
                try (ShardedFile sample = ShardedFile.open(file.getValue())) {
                    sample.forEach((contigId, bases) -> {
                        interrupted();
                        if (!writer.beginContig(contigId, file.getKey())) {
                            throw new IllegalArgumentException("Contig " + contigId + " of " + file.getValue()
                                    + " is in another sample, too: expected every contig once. A store tells contigs by"
                                    + " their names.");
                        }
                        writer.append(bases, 0, bases.length);
                        writer.endContig();
                        meter.advanceTo(writer.contigs());
                    });
                }
            }
            meter.finish();
            writer.publish(info);
            return new Report(from.files().size(), writer.contigs(), writer.bases());
        }
    }

    /**
     * Makes the original's files of samples of a store. Each appears whole or not at all; they are looked at together before
     * the first is written.
     *
     * @throws OutdatedDatabaseException if a sample's file exists and is not to be replaced
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room; nothing was begun
     * @throws IllegalArgumentException if the original could not find a contig, or not hold it in one value
     */
    public Report toSharded(GenomeStore from, Path folder, boolean replace) throws IOException {
        Plan plan = new Plan(folder, replace);
        from.forEachBySample(plan::check);
        if (checksSpace) {
            DiskSpace.require(folder, plan.bases);
        }
        plan.end(ShardedFolder.is(folder) ? ShardedFolder.open(folder).files() : Map.of());
        Files.createDirectories(folder);
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "convert", plan.contigs);
        SampleFiles files = new SampleFiles(folder, from, meter);
        try (files) {
            from.forEachBySample(files::add);
            files.end();
        }
        meter.finish();
        return new Report(plan.samples.size(), plan.contigs, plan.bases);
    }

    private static void requireAbsent(Path file) {
        if (Files.exists(file)) {
            throw new OutdatedDatabaseException(
                    file + " exists: expected a new name. Replace it with '--rebuild', or choose another name.", file);
        }
    }

    private static void interrupted() throws InterruptedIOException {
        if (Thread.interrupted()) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted: nothing was built.");
        }
    }

    /** What is to be written, looked at before. */
    private static final class Plan {
        private final Path folder;
        private final boolean replace;
        private final Set<String> samples = new TreeSet<>();
        private @Nullable String unreachable;
        private long contigs;
        private long bases;

        Plan(Path folder, boolean replace) {
            this.folder = folder;
            this.replace = replace;
        }

        void check(Contig contig) {
            SampleIds.requireName(contig.sampleId(), contig.contigId());
            if (samples.add(contig.sampleId()) && !replace) {
                requireAbsent(ShardedFolder.file(folder, contig.sampleId()));
            }
            if (contig.length() > ShardedWriter.LONGEST_CONTIG) {
                throw ShardedWriter.tooLong(contig.contigId(), contig.length());
            }
            if (unreachable == null && !contig.sampleId().equals(original(contig.contigId()))) {
                unreachable = "contig " + contig.contigId() + " of sample " + contig.sampleId();
            }
            contigs++;
            bases += contig.length();
        }

        private static @Nullable String original(String contigId) {
            try {
                return SampleIds.of(contigId);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }

        /** @param there files of samples that the folder has by now, by sample */
        void end(Map<String, Path> there) {
            Set<String> all = new TreeSet<>(there.keySet());
            all.addAll(samples);
            if (all.size() == 1) {
                return;
            }
            requireReachable(all.size(), unreachable, "Use one sample for all ('--sample NAME'), or a store");
            // Alone its sample needed no names of that form; from now on it does.
            for (Map.Entry<String, Path> only :
                    there.size() == 1 ? there.entrySet() : Set.<Map.Entry<String, Path>>of()) {
                if (!samples.contains(only.getKey())) {
                    requireReachable(all.size(), unreachable(only.getKey(), only.getValue()), "Choose another folder");
                }
            }
        }

        private static @Nullable String unreachable(String sample, Path file) {
            try (ShardedFile opened = ShardedFile.open(file)) {
                String contigId = opened.firstName(name -> !sample.equals(original(name)));
                return contigId == null ? null : "contig " + contigId + " of sample " + sample + " in " + file;
            }
        }

        private static void requireReachable(int samples, @Nullable String unreachable, String remedy) {
            if (unreachable != null) {
                throw new IllegalArgumentException(
                        "The sharded layout finds a contig by the sample in its name: expected"
                                + " TYPE__PREFIX-SAMPLE__CONTIG for " + samples + " samples in a folder, found "
                                + unreachable + ". " + remedy + ".");
            }
        }
    }

    /** The files of samples, one after another. */
    private static final class SampleFiles implements AutoCloseable {
        private final Path folder;
        private final GenomeStore from;
        private final BuildProgress.Meter meter;
        private String sample = "";
        private @Nullable ShardedWriter writer;
        private long contigs;

        SampleFiles(Path folder, GenomeStore from, BuildProgress.Meter meter) {
            this.folder = folder;
            this.from = from;
            this.meter = meter;
        }

        void add(Contig contig) throws IOException {
            interrupted();
            ShardedWriter to = writer;
            if (to == null || !contig.sampleId().equals(sample)) {
                end();
                sample = contig.sampleId();
                to = ShardedWriter.begin(folder, sample);
                writer = to;
            }
            byte[] bases = new byte[Math.toIntExact(contig.length())];
            int[] done = new int[1];
            from.forEachPiece(contig, piece -> {
                System.arraycopy(piece, 0, bases, done[0], piece.length);
                done[0] += piece.length;
            });
            to.add(contig.contigId(), bases);
            meter.advanceTo(++contigs);
        }

        void end() {
            ShardedWriter finished = writer;
            if (finished != null) {
                finished.publish();
                close();
            }
        }

        @Override
        public void close() {
            if (writer != null) {
                writer.close();
                writer = null;
            }
        }
    }
}
