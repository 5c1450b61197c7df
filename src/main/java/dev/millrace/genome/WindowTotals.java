package dev.millrace.genome;

import dev.millrace.build.Sha256;
import java.nio.ByteBuffer;

/** Counts what becomes of contigs given one after another in the order of their bytes. One thread at a time. */
final class WindowTotals {
    /** Tokens {@code <BOS> } and {@code <EOS>} that every window has beside its bases. */
    static final int PLAIN_TOKENS = 2;

    /** As {@link #PLAIN_TOKENS}, and SEP, where there is a control tag. */
    static final int TOKENS_BESIDE_TAG = 3;

    private static final int TAG_CHARACTERS = "<ctrl_>".length();

    private final WindowGeometry geometry;
    private final Sha256 hash = new Sha256();
    private final byte[] length = new byte[Long.BYTES];
    private String longestTag = "";
    private long contigs;
    private long windows;
    private long distinct;
    private long skippedWindows;
    private long bases;
    private long lostBases;
    private long unreadBases;

    WindowTotals(WindowGeometry geometry) {
        this.geometry = geometry;
    }

    /** Takes the next contig and tells how many windows it has. */
    long add(byte[] contigId, long bases) {
        ByteBuffer.wrap(length).putLong(bases);
        hash.add(contigId).add(length);
        long count = geometry.windows(bases);
        contigs++;
        windows += count;
        distinct += count > 0 ? 1 : 0;
        skippedWindows += geometry.candidates(bases) - count;
        this.bases += bases;
        lostBases += bases - covered(geometry, bases, count, geometry.windowSize());
        unreadBases += bases - covered(geometry, bases, count, plainBases());
        return count;
    }

    /** Remembers the longest control tag, for which the fewest bases are left. */
    void tag(String contigId) {
        int end = contigId.indexOf("__");
        int points = contigId.codePointCount(0, end < 0 ? contigId.length() : end);
        if (points > longestTag.codePointCount(0, longestTag.length())) {
            longestTag = end < 0 ? contigId : contigId.substring(0, end);
        }
    }

    /**
     * Bases of a contig that lie in its first {@code windows} windows, if a window takes {@code span} bases of those it spans.
     * Only the last window of a contig can begin elsewhere than a stride after the one before.
     */
    static long covered(WindowGeometry geometry, long length, long windows, int span) {
        if (windows == 0) {
            return 0;
        }
        long last = windows - 1;
        long start = geometry.start(length, last);
        long end = start + Math.min(span, geometry.bases(length, last));
        if (last == 0) {
            return end;
        }
        long step = Math.min(span, geometry.stride());
        long before = (last - 1) * step + span;
        long endBefore = (last - 1) * geometry.stride() + span;
        return before + Math.max(0, end - Math.max(start, endBefore));
    }

    private int plainBases() {
        return Math.max(0, geometry.windowSize() - PLAIN_TOKENS);
    }

    /** The first eight bytes of a hash of all contigs and lengths. */
    long fingerprint() {
        return ByteBuffer.wrap(hash.digest()).getLong();
    }

    long windows() {
        return windows;
    }

    long distinct() {
        return distinct;
    }

    WindowIndexReport report(String output, String split, boolean upToDate, long startNanos) {
        int tagged = geometry.windowSize()
                - TOKENS_BESIDE_TAG
                - TAG_CHARACTERS
                - longestTag.codePointCount(0, longestTag.length());
        return new WindowIndexReport(
                output,
                split,
                geometry,
                contigs,
                windows,
                distinct,
                skippedWindows,
                contigs - distinct,
                bases,
                lostBases,
                unreadBases,
                Math.max(0, geometry.stride() - plainBases()),
                longestTag,
                Math.max(0, geometry.stride() - Math.max(0, tagged)),
                upToDate,
                (System.nanoTime() - startNanos) / 1e9);
    }
}
