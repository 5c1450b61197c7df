package dev.millrace.genome;

/**
 * A contig, as far as windows need to know it.
 *
 * @param contigId its name
 * @param length in bases, at least 0
 */
public record ContigLength(String contigId, long length) {}
