package dev.millrace.genome;

import dev.millrace.build.Sha256;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.CheckedTable;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Genome stores written table by table, without the importer. */
final class StoreFile {
    private StoreFile() {}

    /** A store of contigs of A's. */
    static Path of(Path file, List<ContigLength> contigs) {
        try (DatabaseBuild build = DatabaseBuild.begin(file, GenomeSchema.SCHEMA)) {
            try (BulkWriter rows = new BulkWriter(build.database(), 20_000)) {
                long seqId = 0;
                long chunk = 1;
                for (ContigLength contig : contigs) {
                    chunk = insert(rows, ++seqId, chunk, contig);
                }
            }
            Manifest.write(build.database(), List.of(GenomeSchema.CONTIGS, GenomeSchema.CHUNKS), Map.of());
            build.publish();
        }
        return file;
    }

    private static long insert(BulkWriter rows, long seqId, long firstChunk, ContigLength contig) {
        byte[] bases = "A".repeat((int) contig.length()).getBytes(StandardCharsets.US_ASCII);
        byte[] sha = new Sha256().add(bases).digest();
        rows.insert(
                "INSERT INTO contigs (seq_id, contig_id, sample_id, length, first_chunk, sha256, row_crc)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                seqId,
                contig.contigId(),
                sample(contig.contigId()),
                contig.length(),
                firstChunk,
                sha,
                crc(
                        GenomeSchema.CONTIGS,
                        seqId,
                        contig.contigId(),
                        sample(contig.contigId()),
                        contig.length(),
                        firstChunk,
                        sha));
        long chunk = firstChunk;
        for (int from = 0; from < bases.length; from += GenomeSchema.CHUNK_BASES) {
            byte[] part =
                    java.util.Arrays.copyOfRange(bases, from, Math.min(bases.length, from + GenomeSchema.CHUNK_BASES));
            rows.insert(
                    "INSERT INTO chunks (chunk_id, bases, row_crc) VALUES (?, ?, ?)",
                    chunk,
                    part,
                    crc(GenomeSchema.CHUNKS, chunk, part));
            chunk++;
        }
        return chunk;
    }

    private static String sample(String contigId) {
        String[] fields = contigId.split("__", -1);
        return fields.length > 1 ? fields[1] : "only";
    }

    private static long crc(CheckedTable table, long key, Object... values) {
        return new RowDigest(table).of(key, values);
    }
}
