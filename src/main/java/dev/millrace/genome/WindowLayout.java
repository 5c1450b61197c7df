package dev.millrace.genome;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Where the tokens of a window lie and what each base becomes: the settings of a format for one control tag. Immutable. */
final class WindowLayout {
    private static final int ASCII = 128;

    private final int[] header;
    private final boolean end;
    private final boolean endCounts;
    private final boolean maskPhylogeny;
    private final int eos;
    private final int pad;

    /* By base as stored: its token, or the complement of its bits where it does not count in the loss; one for either strand. */
    private final long[] forward;
    private final long[] reverse;

    /* Values 1.0, W of them; read at absolute positions only. */
    private final ByteBuffer ones;

    /** Bases that fit; below 1 if none does. */
    final int bases;

    /** @param ones W values 1.0 in the byte order of the machine */
    WindowLayout(WindowFormat.Builder settings, @Nullable String tag, ByteBuffer ones) {
        this.ones = ones;
        TokenIds ids = settings.tokenIds;
        int[] tagIds = tag == null ? new int[0] : ids.of(tag);
        this.header = header(settings, tag != null, tagIds);
        this.end = settings.includeEos;
        this.endCounts = settings.lossPolicy.endCounts();
        this.maskPhylogeny = settings.lossPolicy.maskPhylogeny();
        this.eos = ids.eos();
        this.pad = ids.pad();
        this.bases = settings.windowSize - header.length - (end ? 1 : 0);
        Set<Integer> special = new HashSet<>(Set.of(ids.eos()));
        special.addAll(Arrays.asList(ids.bos(), ids.sep(), ids.pad()));
        IntStream.of(tagIds).forEach(special::add);
        this.forward = codes(settings, special, false);
        this.reverse = codes(settings, special, true);
    }

    private static int[] header(WindowFormat.Builder settings, boolean tagged, int[] tag) {
        IntStream.Builder header = IntStream.builder();
        if (tagged || settings.includeBos) {
            header.add(settings.tokenIds.bos());
        }
        IntStream.of(tag).forEach(header::add);
        if (tagged || settings.legacyHeader) {
            header.add(settings.tokenIds.sep());
        }
        return header.build().toArray();
    }

    private static long[] codes(WindowFormat.Builder settings, Set<Integer> special, boolean complemented) {
        return IntStream.range(0, ASCII)
                .mapToLong(stored -> {
                    boolean lower = stored >= 'a' && stored <= 'z';
                    int base = lower && !settings.keepCase ? stored - 32 : stored;
                    int id = settings.tokenIds.of(complemented ? settings.reverseComplement.of(base) : base);
                    boolean counts = !special.contains(id) && !settings.lossPolicy.masks(stored);
                    return counts ? id : ~(long) id;
                })
                .toArray();
    }

    /** Tokens of a window without padding. */
    int tokens(Window window) {
        return header.length + window.length() + (end ? 1 : 0);
    }

    /**
     * Writes the tokens, {@code width} bytes each, the labels and the loss mask; tells how many tokens count.
     *
     * @param size how many tokens to write, padding included; at least {@link #tokens}
     * @throws IllegalArgumentException if a base is no ASCII
     */
    int write(
            Window window,
            boolean reversed,
            ByteBuffer tokens,
            ByteBuffer labels,
            ByteBuffer lossMask,
            int width,
            int size) {
        int at = 0;
        for (int id : header) {
            put(tokens, at++, width, id);
        }
        for (int place = 0; place < at - 1; place++) {
            lossMask.putFloat(place * Float.BYTES, 0);
        }
        int counted = writeBases(window, reversed, tokens, lossMask, width);
        if (maskPhylogeny) {
            counted -= maskTags(window, reversed, lossMask);
        }
        at += window.length();
        int label = Math.max(0, at - 1);
        if (end) {
            put(tokens, at++, width, eos);
            if (endCounts && at > 1) {
                lossMask.putFloat(label++ * Float.BYTES, 1);
                counted++;
            }
        }
        while (at < size) {
            put(tokens, at++, width, pad);
        }
        while (label < size) {
            lossMask.putFloat(label++ * Float.BYTES, 0);
        }
        labels.put(0, tokens, width, (size - 1) * width);
        put(labels, size - 1, width, pad);
        return counted;
    }

    /* The hot loop: one look-up and one store for a base. The loss mask is copied from ones, and masked bases, which are few, are
    put right. */
    private int writeBases(Window window, boolean reversed, ByteBuffer tokens, ByteBuffer lossMask, int width) {
        byte[] bases = window.bases();
        int count = window.length();
        int next = reversed ? window.offset() + count - 1 : window.offset();
        int step = reversed ? -1 : 1;
        long[] codes = reversed ? reverse : forward;
        int firstLabel = Math.max(0, header.length - 1);
        int labels = Math.max(0, header.length + count - 1 - firstLabel);
        lossMask.put(firstLabel * Float.BYTES, ones, 0, labels * Float.BYTES);
        int masked = 0;
        int seen = 0;
        for (int at = header.length; at < header.length + count; at++) {
            byte base = bases[next];
            next += step;
            seen |= base;
            long code = codes[base & (ASCII - 1)];
            if (code < 0) {
                code = ~code;
                if (at > 0) {
                    lossMask.putFloat((at - 1) * Float.BYTES, 0);
                    masked++;
                }
            }
            if (width == Integer.BYTES) {
                tokens.putInt(at * Integer.BYTES, (int) code);
            } else {
                tokens.putLong(at * Long.BYTES, code);
            }
        }
        if (seen < 0) {
            throw new IllegalArgumentException("Cannot encode window " + window.index()
                    + ": expected ASCII bases, found a byte above 127 (contig " + window.contigId() + ").");
        }
        return labels - masked;
    }

    private int maskTags(Window window, boolean reversed, ByteBuffer lossMask) {
        int newly = 0;
        BitSet tags = PhylogenyTags.of(window);
        for (int place = tags.nextSetBit(0); place >= 0; place = tags.nextSetBit(place + 1)) {
            int base = reversed ? window.length() - 1 - place : place;
            int label = (header.length + base - 1) * Float.BYTES;
            if (label >= 0 && lossMask.getFloat(label) > 0) {
                lossMask.putFloat(label, 0);
                newly++;
            }
        }
        return newly;
    }

    private static void put(ByteBuffer tokens, int at, int width, int id) {
        if (width == Integer.BYTES) {
            tokens.putInt(at * width, id);
        } else {
            tokens.putLong(at * width, id);
        }
    }
}
