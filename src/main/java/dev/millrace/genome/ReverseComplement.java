package dev.millrace.genome;

import java.util.Locale;

/** What the other strand reads, from its end. */
public enum ReverseComplement {
    /** The original's: A↔T, C↔G, and every other character stays. */
    UPSTREAM("", ""),
    /**
     * All codes of IUPAC (NC-IUB 1984): also R↔Y, K↔M, B↔V, D↔H; S, W, N and whatever is no code stay. U becomes A; A becomes T, so
     * only U does not come back.
     */
    IUPAC("RYKMBVDHU", "YRMKVBHDA");

    private final String from;
    private final String to;

    ReverseComplement(String from, String to) {
        this.from = "ACGTacgt" + from + from.toLowerCase(Locale.ROOT);
        this.to = "TGCAtgca" + to + to.toLowerCase(Locale.ROOT);
    }

    /** The complement of one character, in the same case. */
    int of(int base) {
        int place = from.indexOf(base);
        return place < 0 ? base : to.charAt(place);
    }

    /** The reverse complement of ASCII bases; case is kept. */
    public byte[] of(byte[] bases) {
        byte[] other = new byte[bases.length];
        for (int i = 0; i < bases.length; i++) {
            other[i] = (byte) of(bases[bases.length - 1 - i]);
        }
        return other;
    }
}
