package dev.millrace.genome;

/**
 * A sequence of a genome store.
 *
 * @param seqId its key in the store
 * @param contigId its name
 * @param sampleId the sample that it is of
 * @param length in bases
 * @param firstChunk key of the chunk that holds its first bases
 */
public record Contig(long seqId, String contigId, String sampleId, long length, long firstChunk) {
    /** How many chunks hold it. */
    long chunks() {
        return (length + GenomeSchema.CHUNK_BASES - 1) / GenomeSchema.CHUNK_BASES;
    }
}
