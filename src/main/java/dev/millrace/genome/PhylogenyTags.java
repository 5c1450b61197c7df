package dev.millrace.genome;

import java.util.BitSet;

/**
 * Finds phylogenetic tags, {@code |d__Bacteria;p__…;…;s__…|}, among bases, as Evo 2 does when it leaves them out of its loss.
 *
 * <p>Bars separate tags from bases in turn. Which comes first is told by what follows the first bar: a letter and {@code _}, or
 * {@code ;}, begins a tag, so bases come before; anything else is bases, so a tag that was cut by the window comes before. What is
 * {@value #LONGEST} long or longer is no tag. Bars, and characters that can be no bases, are masked wherever they are.
 */
final class PhylogenyTags {
    /** A tag is shorter. */
    static final int LONGEST = 2048;

    /* IUPAC codes, gap, and the two marks of Evo 2: windows of one transcript, and pieces of one contig. */
    private static final boolean[] IS_BASE = new boolean[128];

    static {
        "ACGTURYSWKMBDHVNacgturyswkmbdhvn-@#".chars().forEach(base -> IS_BASE[base] = true);
    }

    private final byte[] bases;
    private final int offset;
    private final int length;
    private final BitSet masked = new BitSet();

    private PhylogenyTags(Window window) {
        this.bases = window.bases();
        this.offset = window.offset();
        this.length = window.length();
    }

    /** The places of a window, from 0, that are no bases; empty for nearly all. */
    static BitSet of(Window window) {
        PhylogenyTags tags = new PhylogenyTags(window);
        for (int place = 0; place < tags.length; place++) {
            if (!tags.isBase(place)) {
                tags.masked.set(place);
            }
        }
        if (!tags.masked.isEmpty()) {
            tags.maskRegions();
        }
        return tags.masked;
    }

    private void maskRegions() {
        int first = nextBar(0);
        if (first == length || first == length - 1) {
            if (first < LONGEST && masked.nextSetBit(0) < first) {
                masked.set(0, first);
            }
            return;
        }
        boolean tag = !beginsTag(first + 1);
        int start = 0;
        for (int bar = first; start < length; bar = nextBar(start)) {
            boolean couldBeTag = bar - start < LONGEST;
            if (tag && couldBeTag) {
                masked.set(start, bar);
            }
            // Bases where a tag was due: the bar that was lost is made up for. At the end nothing follows.
            tag = !tag || !couldBeTag;
            start = bar + 1;
        }
    }

    private boolean beginsTag(int place) {
        if (place + 1 < length) {
            return at(place + 1) == '_' || at(place) == ';';
        }
        return "DdRr;".indexOf(at(place)) >= 0;
    }

    private int nextBar(int from) {
        int place = from;
        while (place < length && at(place) != '|') {
            place++;
        }
        return place;
    }

    private boolean isBase(int place) {
        return IS_BASE[at(place) & (IS_BASE.length - 1)];
    }

    private int at(int place) {
        return bases[offset + place];
    }
}
