package dev.millrace.genome;

import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which number stands for which character: one token per character, and five that stand for none.
 *
 * <p>By default as in the original: {@code <EOS>} 0, {@code <PAD>} 1, {@code <BOS>} 2, {@code <SEP>} 3, {@code <UNK>} 4, any other
 * character its code point (A 65, C 67, G 71, T 84, N 78), and characters beyond the vocabulary {@code <UNK>}. Immutable,
 * thread-safe.
 */
public final class TokenIds {
    private static final int EOS = 0;
    private static final int PAD = 1;
    private static final int BOS = 2;
    private static final int SEP = 3;
    private static final int UNK = 4;

    /** The original's vocabulary of 256 tokens. */
    public static final TokenIds BYTES = codePoints(256);

    /** The original's vocabulary of 512 tokens. */
    public static final TokenIds CODE_POINTS_512 = codePoints(512);

    private final int eos;
    private final int pad;
    private final int bos;
    private final int sep;
    private final int unk;
    private final int size;
    private final int[] byCodePoint;

    private TokenIds(int eos, int pad, int bos, int sep, int unk, int size, int[] byCodePoint) {
        this.eos = eos;
        this.pad = pad;
        this.bos = bos;
        this.sep = sep;
        this.unk = unk;
        this.size = size;
        this.byCodePoint = byCodePoint;
    }

    /** The original's numbers with code points below {@code limit}; the others are unknown. */
    public static TokenIds codePoints(int limit) {
        if (limit <= UNK || limit > Character.MAX_CODE_POINT + 1) {
            throw new IllegalArgumentException("Expected a vocabulary of " + (UNK + 1) + " to "
                    + (Character.MAX_CODE_POINT + 1) + " tokens, found " + limit + ".");
        }
        int[] ids = new int[limit];
        Arrays.setAll(ids, codePoint -> codePoint);
        return new TokenIds(EOS, PAD, BOS, SEP, UNK, limit, ids);
    }

    /**
     * Any numbers.
     *
     * @param pad padding; null takes {@code eos}, as the original does
     * @param sep separator after a control tag; null takes {@code eos}, as the original does
     * @param byCodePoint the number of the character with each code point from 0; characters beyond are unknown
     * @throws IllegalArgumentException if a number is negative
     */
    public static TokenIds of(
            int eos, @Nullable Integer pad, int bos, @Nullable Integer sep, int unk, int... byCodePoint) {
        int padId = pad == null ? eos : pad;
        int sepId = sep == null ? eos : sep;
        int[] ids = byCodePoint.clone();
        int least = Math.min(Math.min(Math.min(eos, padId), Math.min(bos, sepId)), unk);
        int most = Math.max(Math.max(Math.max(eos, padId), Math.max(bos, sepId)), unk);
        for (int id : ids) {
            least = Math.min(least, id);
            most = Math.max(most, id);
        }
        if (least < 0 || most == Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Expected token ids from 0 to " + (Integer.MAX_VALUE - 1) + ", found "
                    + (least < 0 ? least : most) + ".");
        }
        return new TokenIds(eos, padId, bos, sepId, unk, most + 1, ids);
    }

    /**
     * Reads the {@code tokenizer.json} of a character tokenizer, as it is shipped with the original in two sizes.
     *
     * @throws TokenizerFileException if the file cannot be read, or is of another kind of tokenizer
     */
    public static TokenIds read(Path file) {
        return TokenizerFile.read(file);
    }

    /** Number of the character; {@link #unk()} if it has none. */
    public int of(int codePoint) {
        return codePoint < byCodePoint.length ? byCodePoint[codePoint] : unk;
    }

    /** One number per character. */
    public int[] of(String text) {
        return text.codePoints().map(this::of).toArray();
    }

    /** After the last base of a window. */
    public int eos() {
        return eos;
    }

    /** Fills a window up. */
    public int pad() {
        return pad;
    }

    /** Before the first token of a window. */
    public int bos() {
        return bos;
    }

    /** Between a control tag and the bases. */
    public int sep() {
        return sep;
    }

    /** Stands for every character that has no number. */
    public int unk() {
        return unk;
    }

    /** Size of the vocabulary: all numbers are below it. */
    public int size() {
        return size;
    }

    /** What tokens stand for: characters, special tokens by their names, and a run of padding as {@code <PAD>×125}. */
    public String text(long[] tokens) {
        StringBuilder text = new StringBuilder(tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            int start = i;
            while (tokens[i] == pad && i + 1 < tokens.length && tokens[i + 1] == pad) {
                i++;
            }
            append(text, tokens[i]);
            if (i > start) {
                text.append('×').append(i - start + 1);
            }
        }
        return text.toString();
    }

    private void append(StringBuilder text, long id) {
        if (id == eos) {
            text.append("<EOS>");
        } else if (id == pad) {
            text.append("<PAD>");
        } else if (id == bos) {
            text.append("<BOS>");
        } else if (id == sep) {
            text.append("<SEP>");
        } else if (id == unk) {
            text.append("<UNK>");
        } else {
            int codePoint = 0;
            while (codePoint < byCodePoint.length && byCodePoint[codePoint] != id) {
                codePoint++;
            }
            if (codePoint < byCodePoint.length && !Character.isISOControl(codePoint)) {
                text.appendCodePoint(codePoint);
            } else {
                text.append('<').append(id).append('>');
            }
        }
    }

    /** What the numbers depend on, for a digest. */
    @Override
    public String toString() {
        return "eos=" + eos + " pad=" + pad + " bos=" + bos + " sep=" + sep + " unk=" + unk + " size=" + size
                + " characters=" + byCodePoint.length + "/" + Integer.toHexString(Arrays.hashCode(byCodePoint));
    }
}
