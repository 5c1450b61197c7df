package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WindowFormatTest {
    private static final String CONTIG = "BCR__EXT-PHAGE1__CT1-1";

    @ParameterizedTest
    @ValueSource(strings = {"plain", "ctrl", "nobos_noeos", "noeos", "rc_always", "ctrl_noeos"})
    void encode_windowsOfTheOriginal_areTheSameBitForBit(String config) throws IOException {
        JsonNode reference = ReferenceWindows.json("windows_W128_S100_items.json");
        assertSameItems(reference.get("windows").get(config), format(128, config), 100, 24);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "ctrl"})
    void encode_windowsOf8192_areTheSameBitForBit(String config) throws IOException {
        JsonNode reference = ReferenceWindows.json("windows_W8192_S7992_items.json.gz");
        JsonNode windows = reference.path("windows").has(config) ? reference.get("windows") : reference;
        assertSameItems(windows.get(config), format(8192, config), 7992, 1);
    }

    private static WindowFormat format(int windowSize, String config) {
        return WindowFormat.builder(windowSize)
                .optControlTags(config.startsWith("ctrl"))
                .optIncludeBos(!config.equals("nobos_noeos"))
                .optIncludeEos(!config.endsWith("noeos"))
                .optReverseComplement(config.equals("rc_always") ? RcMode.ALWAYS : RcMode.NEVER)
                .build();
    }

    private static void assertSameItems(JsonNode items, WindowFormat format, int stride, int least) throws IOException {
        JsonNode sequences = ReferenceWindows.json("sequences.json.gz");
        assertThat(items).hasSizeGreaterThanOrEqualTo(least);
        for (JsonNode item : items) {
            WindowItem ours = format.encode(ReferenceWindows.window(sequences, item, stride, format));
            String name = "window " + item.get("window_idx");
            assertThat(ours.tokens()).as(name).isEqualTo(ReferenceWindows.longs(item.get("tokens")));
            assertThat(ours.labels()).as(name).isEqualTo(ReferenceWindows.longs(item.get("labels")));
            long[] mask = ReferenceWindows.longs(item.get("loss_mask"));
            assertThat(IntStream.range(0, mask.length)
                            .mapToLong(i -> (long) ours.lossMask()[i])
                            .toArray())
                    .as(name)
                    .isEqualTo(mask);
            assertThat(ours.lossTokens()).as(name).isEqualTo((int)
                    Arrays.stream(mask).sum());
        }
    }

    @Test
    void encode_modes_haveTheHeadersAndFootersOfTheOriginal() {
        assertThat(text(WindowFormat.builder(12), "acgtn")).isEqualTo("<BOS>ACGTN<EOS><PAD>×5");
        assertThat(text(WindowFormat.builder(12).optLegacyHeader(true), "ACG")).isEqualTo("<BOS><SEP>ACG<EOS><PAD>×6");
        assertThat(text(WindowFormat.builder(16).optControlTags(true).optIncludeBos(false), "AC"))
                .isEqualTo("<BOS><ctrl_bcr><SEP>AC<EOS><PAD>");
        assertThat(text(WindowFormat.builder(4).optIncludeBos(false).optIncludeEos(false), "ACGT"))
                .isEqualTo("ACGT");
        assertThat(text(WindowFormat.builder(12).optKeepCase(true), "aCgT")).isEqualTo("<BOS>aCgT<EOS><PAD>×6");
    }

    @ParameterizedTest
    @CsvSource({
        "false, true, true, false, 8190",
        "false, true, true, true, 8189",
        "true, true, true, false, 8179",
        "true, false, true, true, 8179",
        "true, true, false, false, 8180",
        "false, false, false, false, 8192"
    })
    void effectiveBases_ofEachMode_areTheWindowLessSpecialTokens(
            boolean tags, boolean bos, boolean eos, boolean legacy, int expected) {
        WindowFormat format = WindowFormat.builder(8192)
                .optControlTags(tags)
                .optIncludeBos(bos)
                .optIncludeEos(eos)
                .optLegacyHeader(legacy)
                .build();

        assertThat(format.effectiveBases(CONTIG)).isEqualTo(expected);
    }

    @Test
    void effectiveBases_windowSmallerThanItsTag_namesContigAndSizes() {
        WindowFormat format = WindowFormat.builder(13).optControlTags(true).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.effectiveBases(CONTIG))
                .withMessageContaining(CONTIG)
                .withMessageContaining("above the 13 tokens")
                .withMessageContaining("found 13");
    }

    @Test
    void build_contradictingSettings_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WindowFormat.builder(9)
                        .optLegacyHeader(true)
                        .optIncludeBos(false)
                        .build())
                .withMessageContaining("legacy header");
        assertThatIllegalArgumentException().isThrownBy(() -> WindowFormat.builder(0));
    }

    /* The prefix of a contig may be a tag of bases: they are masked where they are the tag's characters, as in the original. */
    @Test
    void encode_basesThatAreCharactersOfTheirTag_areMaskedAsInTheOriginal() {
        WindowFormat format =
                WindowFormat.builder(24).optControlTags(true).optKeepCase(true).build();
        WindowItem item = format.encode(window(CONTIG, "bcrtla-ACG"));

        assertThat(item.lossTokens()).isEqualTo(5); // a, -, A, C, G
    }

    @Test
    void encode_int32_isTheSameNumbers() {
        WindowFormat format = WindowFormat.builder(20).build();
        Window window = window(CONTIG, "ACGTNNACGT");
        WindowItem wide = format.encode(window);
        ByteBuffer tokens = buffer(3 + 20 * 4).position(3);
        ByteBuffer labels = buffer(20 * 4);
        ByteBuffer mask = buffer(20 * 4);

        int lossTokens = format.encode(window, tokens, labels, mask, true);

        assertThat(lossTokens).isEqualTo(wide.lossTokens()).isEqualTo(10);
        assertThat(tokens.remaining()).isZero();
        for (int i = 0; i < 20; i++) {
            assertThat(tokens.getInt(3 + i * 4)).isEqualTo((int) wide.tokens()[i]);
            assertThat(labels.getInt(i * 4)).isEqualTo((int) wide.labels()[i]);
            assertThat(mask.getFloat(i * 4)).isEqualTo(wide.lossMask()[i]);
        }
    }

    @Test
    void encode_usedBuffers_areWrittenWhole() {
        WindowFormat format = WindowFormat.builder(8).build();
        ByteBuffer[] buffers = {buffer(8 * 8), buffer(8 * 8), buffer(8 * 4)};
        for (ByteBuffer buffer : buffers) {
            Arrays.fill(buffer.array(), (byte) 0x55);
        }
        format.encode(window(CONTIG, "AC"), buffers[0], buffers[1], buffers[2], false);
        WindowItem fresh = format.encode(window(CONTIG, "AC"));

        for (int i = 0; i < 8; i++) {
            assertThat(buffers[0].getLong(i * 8)).isEqualTo(fresh.tokens()[i]);
            assertThat(buffers[1].getLong(i * 8)).isEqualTo(fresh.labels()[i]);
            assertThat(buffers[2].getFloat(i * 4)).isEqualTo(fresh.lossMask()[i]);
        }
    }

    @Test
    void encode_whatCannotBeEncoded_isRefusedAndNamed() {
        WindowFormat format = WindowFormat.builder(8).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.encode(window(CONTIG, "ACGTACG")))
                .withMessageContaining("at most 6 bases, found 7");
        byte[] latin = {'A', (byte) 0xE9};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.encode(new Window(4, CONTIG, 0, latin, 0, 2, 0)))
                .withMessageContaining("ASCII")
                .withMessageContaining(CONTIG);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        format.encode(window(CONTIG, "A"), buffer(8 * 8), buffer(8 * 8 - 1), buffer(8 * 4), false))
                .withMessageContaining("64 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.encode(
                        window(CONTIG, "A"),
                        ByteBuffer.allocate(64).order(other(ByteOrder.nativeOrder())),
                        buffer(64),
                        buffer(32),
                        false))
                .withMessageContaining("byte order");
    }

    @Test
    void isReversed_random_isAFunctionOfSeedEpochAndWindow() {
        WindowFormat format = WindowFormat.builder(8)
                .optReverseComplement(RcMode.RANDOM)
                .optSeed(42)
                .build();
        WindowFormat same = WindowFormat.builder(8)
                .optReverseComplement(RcMode.RANDOM)
                .optSeed(42)
                .build();
        WindowFormat other = WindowFormat.builder(8)
                .optReverseComplement(RcMode.RANDOM)
                .optSeed(43)
                .build();
        int reversed = 0;
        int otherEpoch = 0;
        int otherSeed = 0;
        for (int index = 0; index < 10_000; index++) {
            Window window = new Window(index, CONTIG, 0, new byte[0], 0, 0, 5);
            Window next = new Window(index, CONTIG, 0, new byte[0], 0, 0, 6);
            boolean is = format.isReversed(window);
            assertThat(same.isReversed(window)).isEqualTo(is);
            reversed += is ? 1 : 0;
            otherEpoch += is == format.isReversed(next) ? 1 : 0;
            otherSeed += is == other.isReversed(window) ? 1 : 0;
        }
        // Six standard deviations of 50.
        assertThat(reversed).isBetween(4700, 5300);
        assertThat(otherEpoch).isBetween(4700, 5300);
        assertThat(otherSeed).isBetween(4700, 5300);
        // What training runs were made with must stay.
        assertThat(WindowHash.of(42, 5, 7)).isEqualTo(6763414135521754833L);
    }

    @Test
    void encode_otherStrand_isTheComplementOfTheBasesFromTheirEnd() {
        String bases = "ACGTNRYSWKMBDHVU-acgtr";
        WindowFormat.Builder upstream = WindowFormat.builder(bases.length() + 2).optReverseComplement(RcMode.ALWAYS);

        assertThat(text(upstream, bases)).isEqualTo("<BOS>RACGT-UVHDBMKWSYRNACGT<EOS>");
        assertThat(text(upstream.optRcProfile(ReverseComplement.IUPAC), bases))
                .isEqualTo("<BOS>YACGT-ABDHVKMWSRYNACGT<EOS>");
        assertThat(text(upstream.optKeepCase(true), bases)).isEqualTo("<BOS>yacgt-ABDHVKMWSRYNACGT<EOS>");
    }

    @Test
    void reverseComplement_twice_isTheSameExceptForU() {
        byte[] bases = "ACGTNRYSWKMBDHV-*acgtnryswkmbdhv.".getBytes(StandardCharsets.US_ASCII);

        for (ReverseComplement profile : ReverseComplement.values()) {
            assertThat(profile.of(profile.of(bases))).isEqualTo(bases);
        }
        byte[] rna = "AUGu".getBytes(StandardCharsets.US_ASCII);
        assertThat(new String(ReverseComplement.IUPAC.of(rna), StandardCharsets.US_ASCII))
                .isEqualTo("aCAT");
        assertThat(ReverseComplement.UPSTREAM.of("ATCG".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo("CGAT".getBytes(StandardCharsets.US_ASCII));
        assertThat(ReverseComplement.UPSTREAM.of("ATCN".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo("NGAT".getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteOrder other(ByteOrder order) {
        return order == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    private static String text(WindowFormat.Builder settings, String bases) {
        WindowFormat format = settings.build();
        return format.tokenIds().text(format.encode(window(CONTIG, bases)).tokens());
    }

    private static Window window(String contig, String bases) {
        byte[] bytes = ("xx" + bases).getBytes(StandardCharsets.US_ASCII);
        return new Window(0, contig, 0, bytes, 2, bases.length(), 0);
    }
}
