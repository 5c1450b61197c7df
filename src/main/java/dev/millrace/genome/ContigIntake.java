package dev.millrace.genome;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectFile;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes the records of FASTA files into a store, and counts what became of them. One thread at a time.
 *
 * <p>Of a store that is added to, a contig of a record's name with the same bases and sample stays, and the record is passed over.
 */
final class ContigIntake {
    private static final int PIECE_BYTES = 1 << 16;

    private final GenomeStoreWriter writer;
    private final RejectFile rejectFile;
    private final BuildProgress.Meter meter;
    private final Map<String, Long> rejects = new TreeMap<>();
    private final byte[] piece = new byte[PIECE_BYTES];
    private long records;
    private long added;
    private long emptyContigs;
    private long alreadyStored;
    private long bytes;
    private @Nullable String firstReject;

    ContigIntake(GenomeStoreWriter writer, RejectFile rejectFile, List<Path> files, BuildProgress progress)
            throws IOException {
        this.writer = writer;
        this.rejectFile = rejectFile;
        long total = 0;
        for (Path file : files) {
            total += Files.size(file);
        }
        this.meter = new BuildProgress.Meter(progress, "import (MiB)", total >> 20);
    }

    /** Reads a file; returns its SHA-256. */
    String read(Path file, SampleIds ids) throws IOException {
        String fileName = String.valueOf(file.getFileName());
        try (FastaReader fasta = FastaReader.open(file)) {
            while (fasta.next()) {
                records++;
                FastaReader.Fault fault = take(fasta, ids);
                if (fault != null) {
                    rejects.merge(fault.reason(), 1L, Long::sum);
                    writer.reject(fileName, fault.line(), fasta.name(), fault.reason(), fault.detail());
                    rejectFile.add(fileName, fault.line(), fasta.name(), fault.reason(), fault.detail());
                    if (firstReject == null) {
                        firstReject = fileName + ":" + fault.line() + " '" + fasta.name() + "': " + fault.detail();
                    }
                }
                meter.advanceTo((bytes + fasta.position()) >> 20);
            }
            bytes += fasta.position();
            return HexFormat.of().formatHex(fasta.sha256());
        }
    }

    /** Takes a record, or says why not. */
    private FastaReader.@Nullable Fault take(FastaReader fasta, SampleIds ids) throws IOException {
        if (fasta.fault() != null) {
            return fasta.fault();
        }
        String sample;
        try {
            sample = ids.sampleOf(fasta.name());
        } catch (IllegalArgumentException e) {
            return new FastaReader.Fault(
                    "no_sample", fasta.line(), String.valueOf(e.getMessage()).replaceFirst("\\.$", ""));
        }
        if (!writer.beginContig(fasta.name(), sample)) {
            return compare(fasta, sample);
        }
        long before = writer.bases();
        for (int count = fasta.read(piece); count >= 0; count = fasta.read(piece)) {
            writer.append(piece, 0, count);
            meter.advanceTo((bytes + fasta.position()) >> 20);
        }
        FastaReader.Fault fault = fasta.fault();
        if (fault != null) {
            writer.giveUpContig();
            return fault;
        }
        writer.endContig();
        added++;
        emptyContigs += writer.bases() == before ? 1 : 0;
        return null;
    }

    /** Passes over a record that the store has, or says in what its contig is another. */
    private FastaReader.@Nullable Fault compare(FastaReader fasta, String sample) throws IOException {
        GenomeStoreWriter.Before stored = writer.before(fasta.name());
        if (stored == null) {
            return new FastaReader.Fault(
                    "duplicate", fasta.line(), "expected every contig once, found '" + fasta.name() + "' again");
        }
        if (!stored.sampleId().equals(sample)) {
            return other(fasta, "the contig of sample " + stored.sampleId() + ", found one of sample " + sample);
        }
        Sha256 hash = new Sha256();
        for (int count = fasta.read(piece); count >= 0; count = fasta.read(piece)) {
            hash.add(piece, 0, count);
            meter.advanceTo((bytes + fasta.position()) >> 20);
        }
        if (fasta.fault() != null) {
            return fasta.fault();
        }
        if (!Arrays.equals(hash.digest(), stored.sha256())) {
            return other(fasta, "its bases, found others");
        }
        alreadyStored++;
        return null;
    }

    private static FastaReader.Fault other(FastaReader fasta, String expectedAndFound) {
        return new FastaReader.Fault(
                "duplicate",
                fasta.line(),
                "the store has a contig '" + fasta.name() + "': expected " + expectedAndFound);
    }

    /** No more files will come. */
    void end(double maxRejects) {
        meter.finish();
        long rejected = rejects.values().stream().mapToLong(Long::longValue).sum();
        if (rejected == records || rejected > maxRejects * records) {
            throw new RejectedInputException(
                    "Too much of the input was rejected: expected at most " + 100 * maxRejects + " % of " + records
                            + " records, found " + rejected + " " + rejects + ", the first at " + firstReject
                            + ". Nothing was written. See them with '--rejects FILE', or allow more with"
                            + " '--max-rejects'.",
                    rejected,
                    records);
        }
    }

    long records() {
        return records;
    }

    /** Contigs that were taken. */
    long added() {
        return added;
    }

    /** Those of them without a base. */
    long emptyContigs() {
        return emptyContigs;
    }

    /** Records of contigs that the store had before. */
    long alreadyStored() {
        return alreadyStored;
    }

    long rejected() {
        return records - added - alreadyStored;
    }

    /** Bytes of the files as they lie there. */
    long bytes() {
        return bytes;
    }
}
