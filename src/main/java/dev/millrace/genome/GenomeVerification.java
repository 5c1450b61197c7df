package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.Sha256;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of reading sequences and their windows completely.
 *
 * <pre>
 *   store     SQLite's structure, every row and table against the manifest, every contig against its SHA-256, every window
 *             set against the lengths of its contigs
 *   folder    the structure and the table of every sample's file, names and bases of its contigs, and that the sample in a
 *             contig's name is that of its file
 *   windows   numbers without gaps, contigs in order, as many windows of each as its length says, totals
 * </pre>
 *
 * @param contigs contigs read
 * @param bases their bases
 * @param windows windows checked
 * @param faults what is wrong, at most {@value #MOST_FAULTS} of them; empty where all is sound
 */
public record GenomeVerification(long contigs, long bases, long windows, List<String> faults) {
    static final int MOST_FAULTS = 50;

    public GenomeVerification {
        faults = List.copyOf(faults);
    }

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }

    /**
     * Verifies a store or a folder, and files of windows against it.
     *
     * @throws IllegalArgumentException if {@code sequences} is neither
     */
    public static GenomeVerification verify(Path sequences, List<Path> windows, BuildProgress progress)
            throws IOException {
        Run run = new Run(progress);
        if (Files.isDirectory(sequences)) {
            run.folder(ShardedFolder.open(sequences), windows);
        } else {
            run.store(sequences, windows);
        }
        return new GenomeVerification(run.contigs, run.bases, run.windowCount, run.faults);
    }

    /** One pass, and what it found. One thread at a time. */
    private static final class Run {
        private final BuildProgress progress;
        private final List<String> faults = new ArrayList<>();
        private long contigs;
        private long bases;
        private long windowCount;

        Run(BuildProgress progress) {
            this.progress = progress;
        }

        void store(Path file, List<Path> windows) throws IOException {
            Verification whole = Verification.verify(file);
            whole.faults().forEach(this::fault);
            try (GenomeStore store = GenomeStore.open(file)) {
                BuildProgress.Meter meter = new BuildProgress.Meter(
                        progress, "contigs", store.database().queryLong("SELECT count(*) FROM contigs"));
                long[] chunks = new long[1];
                store.forEachContig(contig -> {
                    check(store, contig);
                    chunks[0] += contig.chunks();
                    meter.advanceTo(contigs);
                });
                meter.finish();
                long found = store.database().queryLong("SELECT count(*) FROM chunks");
                if (found != chunks[0]) {
                    fault("Table chunks: expected " + chunks[0] + " rows for all contigs, found " + found + " (" + file
                            + ").");
                }
                for (WindowSet set : WindowSet.all(store.database())) {
                    WindowCheck check = WindowCheck.ofSet(store.database(), set, this::fault);
                    windowCount += check.run();
                }
                for (Path window : windows) {
                    windowFile(
                            window,
                            contigId -> store.find(contigId).map(Contig::length).orElse(-1L));
                }
            } catch (DatabaseException | IllegalArgumentException e) {
                fault(String.valueOf(e.getMessage()));
            }
        }

        private void check(GenomeStore store, Contig contig) throws IOException {
            contigs++;
            bases += contig.length();
            try {
                SampleIds.requireName(contig.sampleId(), contig.contigId());
                Sha256 hash = new Sha256();
                store.forEachPiece(contig, hash::add);
                if (!Arrays.equals(hash.digest(), store.sha256(contig))) {
                    fault("Contig " + contig.contigId() + ": its bases are not those of its SHA-256 (" + store.file()
                            + ", contigs, seq_id=" + contig.seqId() + ").");
                }
            } catch (DatabaseException | IllegalArgumentException e) {
                fault(String.valueOf(e.getMessage()));
            }
        }

        void folder(ShardedFolder folder, List<Path> windows) throws IOException {
            Map<String, Long> lengths = new HashMap<>();
            BuildProgress.Meter meter =
                    new BuildProgress.Meter(progress, "samples", folder.files().size());
            long done = 0;
            for (Map.Entry<String, Path> file : folder.files().entrySet()) {
                try (ShardedFile sample = ShardedFile.open(file.getValue())) {
                    String structure = sample.structure();
                    if (!"ok".equals(structure)) {
                        fault("SQLite structure of " + file.getValue() + ": " + structure);
                    }
                    sample.forEach((contigId, text) -> {
                        contigs++;
                        bases += text.length;
                        mapping(folder, contigId, file.getKey());
                        if (lengths.put(contigId, (long) text.length) != null) {
                            fault("Contig " + contigId + " is in two samples, " + file.getKey() + " is the second ("
                                    + file.getValue() + ").");
                        }
                    });
                } catch (DatabaseException | IllegalArgumentException e) {
                    fault(String.valueOf(e.getMessage()));
                }
                meter.advanceTo(++done);
            }
            meter.finish();
            for (Path window : windows) {
                windowFile(window, contigId -> lengths.getOrDefault(contigId, -1L));
            }
        }

        private void mapping(ShardedFolder folder, String contigId, String sample) {
            @Nullable String found;
            try {
                found = folder.sampleOf(contigId);
            } catch (IllegalArgumentException e) {
                fault(String.valueOf(e.getMessage()));
                return;
            }
            if (!sample.equals(found)) {
                fault("Contig " + contigId + " is where nobody looks for it: expected in sample " + found
                        + ", found in " + sample + " (" + folder.folder() + ").");
            }
        }

        private void windowFile(Path file, WindowCheck.Lengths lengths) {
            try (Database database = Database.open(file, Access.READ)) {
                String structure = database.queryText("PRAGMA integrity_check(1)");
                if (!"ok".equals(structure)) {
                    fault("SQLite structure of " + file + ": " + structure);
                }
                windowCount +=
                        WindowCheck.ofFile(database, lengths, this::fault).run();
            } catch (DatabaseException | IllegalArgumentException e) {
                fault(String.valueOf(e.getMessage()));
            }
        }

        private void fault(String text) {
            if (faults.size() < MOST_FAULTS) {
                faults.add(text);
            }
        }
    }
}
