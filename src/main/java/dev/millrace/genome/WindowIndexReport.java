package dev.millrace.genome;

/**
 * What {@link WindowIndexBuilder} did.
 *
 * @param output the file
 * @param split id of the split in a store; empty for a window database, which holds one
 * @param geometry where the windows lie
 * @param contigs that were read
 * @param windows that were kept
 * @param distinctSequences contigs with windows
 * @param skippedWindows windows that were pruned as shorter than the threshold
 * @param skippedContigs contigs without windows
 * @param bases of all contigs
 * @param lostBases of them, in no window
 * @param unreadBases of them, never among the tokens when windows have a BOS and an EOS, which take the place of two bases
 * @param hole bases between two windows that are never among the tokens then; 0 if they meet
 * @param longestTag name of the longest control tag
 * @param taggedHole as {@code hole}, for windows with that control tag
 * @param upToDate whether the output was there already, of the same contigs and settings, and was left as it is
 * @param seconds it took
 */
public record WindowIndexReport(
        String output,
        String split,
        WindowGeometry geometry,
        long contigs,
        long windows,
        long distinctSequences,
        long skippedWindows,
        long skippedContigs,
        long bases,
        long lostBases,
        long unreadBases,
        int hole,
        String longestTag,
        int taggedHole,
        boolean upToDate,
        double seconds) {}
