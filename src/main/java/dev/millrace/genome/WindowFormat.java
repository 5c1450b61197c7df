package dev.millrace.genome;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How the bases of a window become tokens, labels and a loss mask: the settings, and the encoder.
 *
 * <pre>
 *                                header                  footer                  bases of a window of 8,192
 *   default                      BOS                     EOS                     8,190
 *   legacyHeader                 BOS SEP                 EOS                     8,189
 *   controlTags                  BOS &lt;ctrl_bcr&gt; SEP      EOS                     8,179 (one token per character of the tag)
 * </pre>
 *
 * <p>BOS (not with control tags) and EOS can be left out. Bases are upper-cased, then complemented, then numbered; PAD fills the
 * window up. {@code labels[j] = tokens[j + 1]}, and PAD at the end. As in {@code ShardedEdenDataset} of NVIDIA's
 * bionemo-framework, number for number.
 *
 * <p>Immutable, thread-safe.
 */
public final class WindowFormat {
    /* A tag is the prefix of a contig id, of which there are few; ids without one are tags of their own, of which there may be
    millions, so not all layouts are kept. */
    private static final int KEPT_LAYOUTS = 1024;

    private final Builder settings;
    private final ByteBuffer ones;
    private final WindowLayout untagged;
    private final ConcurrentHashMap<String, WindowLayout> tagged = new ConcurrentHashMap<>();

    private WindowFormat(Builder settings) {
        this.settings = settings;
        this.ones = ByteBuffer.allocate(settings.windowSize * Float.BYTES).order(ByteOrder.nativeOrder());
        for (int place = 0; place < settings.windowSize; place++) {
            ones.putFloat(place * Float.BYTES, 1);
        }
        this.untagged = new WindowLayout(settings, null, ones);
    }

    /** Settings of the original, to be changed. */
    public static Builder builder(int windowSize) {
        return new Builder(windowSize);
    }

    /** Tokens of a window, W. */
    public int windowSize() {
        return settings.windowSize;
    }

    /** The numbers of the tokens. */
    public TokenIds tokenIds() {
        return settings.tokenIds;
    }

    /** Which tokens are predicted. */
    public LossPolicy lossPolicy() {
        return settings.lossPolicy;
    }

    /**
     * The bases of a contig that a window takes: W less header and footer.
     *
     * @throws IllegalArgumentException if none fits
     */
    public int effectiveBases(String contigId) {
        WindowLayout layout = layout(contigId);
        if (layout.bases < 1) {
            throw new IllegalArgumentException(
                    "Cannot make windows of contig " + contigId + ": expected a window size above the "
                            + (settings.windowSize - layout.bases) + " tokens of header and footer, found "
                            + settings.windowSize
                            + ". Take a larger window size" + (settings.controlTags ? " or no control tags." : "."));
        }
        return layout.bases;
    }

    /** Whether the window is read from the other strand in its epoch. */
    public boolean isReversed(Window window) {
        return switch (settings.rcMode) {
            case NEVER -> false;
            case ALWAYS -> true;
            case RANDOM -> WindowHash.bit(settings.seed, window.epoch(), window.index());
        };
    }

    /** Encodes into arrays of its own. */
    public WindowItem encode(Window window) {
        int size = settings.windowSize;
        ByteBuffer tokens = ByteBuffer.allocate(size * Long.BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer labels = ByteBuffer.allocate(size * Long.BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer lossMask = ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.nativeOrder());
        int lossTokens = encode(window, tokens, labels, lossMask, false);
        WindowItem item = new WindowItem(new long[size], new long[size], new float[size], lossTokens);
        tokens.flip().asLongBuffer().get(item.tokens());
        labels.flip().asLongBuffer().get(item.labels());
        lossMask.flip().asFloatBuffer().get(item.lossMask());
        return item;
    }

    /**
     * Writes W tokens, labels and values of the loss mask at the positions of three buffers, in the byte order of the machine, and
     * advances them.
     *
     * @param tokens int64, or int32
     * @param labels int64, or int32
     * @param lossMask float32
     * @param int32 whether tokens and labels take 4 bytes each
     * @return how many tokens count in the loss
     * @throws IllegalArgumentException if the window has more bases than fit, or bytes that are no ASCII, or a buffer is of another
     *     byte order or too small
     */
    public int encode(Window window, ByteBuffer tokens, ByteBuffer labels, ByteBuffer lossMask, boolean int32) {
        return encode(window, tokens, labels, lossMask, int32 ? Integer.BYTES : Long.BYTES, settings.windowSize);
    }

    /** Tokens of a window without padding: header, bases, footer. */
    public int tokens(Window window) {
        return layout(window.contigId()).tokens(window);
    }

    /** As the other, with {@code size} tokens of {@code width} bytes instead of W; at least {@link #tokens} of them. */
    int encode(Window window, ByteBuffer tokens, ByteBuffer labels, ByteBuffer lossMask, int width, int size) {
        WindowLayout layout = layout(window.contigId());
        if (window.length() > effectiveBases(window.contigId())) {
            throw new IllegalArgumentException("Cannot encode window " + window.index() + ": expected at most "
                    + layout.bases + " bases, found " + window.length() + " (contig " + window.contigId() + ").");
        }
        ByteBuffer tokenPart = claim(tokens, size * width);
        ByteBuffer labelPart = claim(labels, size * width);
        ByteBuffer lossPart = claim(lossMask, size * Float.BYTES);
        return size == 0 ? 0 : layout.write(window, isReversed(window), tokenPart, labelPart, lossPart, width, size);
    }

    static ByteBuffer claim(ByteBuffer buffer, int bytes) {
        if (buffer.order() != ByteOrder.nativeOrder() || buffer.remaining() < bytes) {
            throw new IllegalArgumentException("Expected a buffer of byte order " + ByteOrder.nativeOrder() + " with "
                    + bytes + " bytes left, found " + buffer.order() + " with " + buffer.remaining() + ".");
        }
        ByteBuffer part = buffer.slice(buffer.position(), bytes).order(ByteOrder.nativeOrder());
        buffer.position(buffer.position() + bytes);
        return part;
    }

    private WindowLayout layout(String contigId) {
        if (!settings.controlTags) {
            return untagged;
        }
        int end = contigId.indexOf("__");
        String name = end < 0 ? contigId : contigId.substring(0, end);
        WindowLayout layout = tagged.get(name);
        if (layout == null) {
            layout = new WindowLayout(settings, "<ctrl_" + name.toLowerCase(Locale.ROOT) + ">", ones);
            if (tagged.size() < KEPT_LAYOUTS) {
                tagged.putIfAbsent(name, layout);
            }
        }
        return layout;
    }

    /** What the tokens depend on, for a digest. */
    @Override
    public String toString() {
        return "window_size=" + settings.windowSize + " bos=" + settings.includeBos + " eos=" + settings.includeEos
                + " control_tags=" + settings.controlTags + " legacy_header=" + settings.legacyHeader + " rc="
                + settings.rcMode.id()
                + "/" + settings.reverseComplement + " keep_case=" + settings.keepCase + " seed=" + settings.seed + " "
                + settings.lossPolicy + " " + settings.tokenIds;
    }

    /** Settings of a format. One thread at a time. */
    public static final class Builder {
        final int windowSize;
        boolean includeBos = true;
        boolean includeEos = true;
        boolean controlTags;
        boolean legacyHeader;
        boolean keepCase;
        TokenIds tokenIds = TokenIds.BYTES;
        RcMode rcMode = RcMode.NEVER;
        ReverseComplement reverseComplement = ReverseComplement.UPSTREAM;
        LossPolicy lossPolicy = LossPolicy.UPSTREAM;
        long seed;

        private Builder(int windowSize) {
            if (windowSize < 1 || windowSize > WindowGeometry.LARGEST) {
                throw new IllegalArgumentException(
                        "Expected a window size from 1 to " + WindowGeometry.LARGEST + ", found " + windowSize + ".");
            }
            this.windowSize = windowSize;
        }

        private Builder(Builder other) {
            this.windowSize = other.windowSize;
            this.includeBos = other.includeBos;
            this.includeEos = other.includeEos;
            this.controlTags = other.controlTags;
            this.legacyHeader = other.legacyHeader;
            this.keepCase = other.keepCase;
            this.tokenIds = other.tokenIds;
            this.rcMode = other.rcMode;
            this.reverseComplement = other.reverseComplement;
            this.lossPolicy = other.lossPolicy;
            this.seed = other.seed;
        }

        /** Whether a window starts with BOS; true unless said otherwise. Has no meaning with control tags, which always do. */
        public Builder optIncludeBos(boolean include) {
            this.includeBos = include;
            return this;
        }

        /** Whether EOS follows the bases; true unless said otherwise. */
        public Builder optIncludeEos(boolean include) {
            this.includeEos = include;
            return this;
        }

        /** Whether a window starts with a tag of its contig: the id up to the first {@code __}, in lower case. */
        public Builder optControlTags(boolean tags) {
            this.controlTags = tags;
            return this;
        }

        /** Whether SEP follows BOS also without control tags, as in the first version of the original. */
        public Builder optLegacyHeader(boolean legacy) {
            this.legacyHeader = legacy;
            return this;
        }

        /** Whether lower-case bases keep tokens of their own; the original upper-cases them all. */
        public Builder optKeepCase(boolean keep) {
            this.keepCase = keep;
            return this;
        }

        /** The numbers of the tokens; {@link TokenIds#BYTES} unless said otherwise. */
        public Builder optTokenIds(TokenIds ids) {
            this.tokenIds = ids;
            return this;
        }

        /** When windows are read from the other strand; never unless said otherwise. */
        public Builder optReverseComplement(RcMode mode) {
            this.rcMode = mode;
            return this;
        }

        /** What is complemented by what; {@link ReverseComplement#UPSTREAM} unless said otherwise. */
        public Builder optRcProfile(ReverseComplement profile) {
            this.reverseComplement = profile;
            return this;
        }

        /** Which tokens are predicted; {@link LossPolicy#UPSTREAM} unless said otherwise. */
        public Builder optLossPolicy(LossPolicy policy) {
            this.lossPolicy = policy;
            return this;
        }

        /** With the epoch and the window it decides {@link RcMode#RANDOM}. */
        public Builder optSeed(long value) {
            this.seed = value;
            return this;
        }

        /**
         * Makes the format.
         *
         * @throws IllegalArgumentException if settings contradict each other
         */
        public WindowFormat build() {
            if (legacyHeader && !includeBos && !controlTags) {
                throw new IllegalArgumentException(
                        "Expected BOS in the legacy header, [BOS, SEP], found it left out. Take one of the two options.");
            }
            return new WindowFormat(new Builder(this));
        }
    }
}
