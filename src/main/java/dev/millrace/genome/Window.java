package dev.millrace.genome;

/**
 * The bases of one window as they are stored: neither upper-cased nor complemented.
 *
 * @param index its place in the split, from 0: {@code window_idx}
 * @param contigId the contig it is of
 * @param windowInContig its place in the contig, from 0: {@code window_in_seq_idx}
 * @param bases ASCII, from {@code offset} on; may be shared between windows, not to be changed
 * @param offset first of its bases
 * @param length how many there are: no more than its format takes, fewer at the end of a contig, none of an empty one
 * @param epoch the epoch that it is read for
 */
@SuppressWarnings("ArrayRecordComponent") // a view into what was read, never compared
public record Window(
        long index, String contigId, long windowInContig, byte[] bases, int offset, int length, long epoch) {}
