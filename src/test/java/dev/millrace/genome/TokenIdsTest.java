package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenIdsTest {
    private static final Path SHIPPED = Path.of("../shared/data/genome/tokenizer");
    private static final String VOCABULARY =
            "{\"<EOS>\": 10, \"<PAD>\": 11, \"<BOS>\": 12, \"<SEP>\": 13, \"<UNK>\": 14, \"A\": 0, \"C\": 1}";

    @TempDir
    Path folder;

    @Test
    void bytes_areTheNumbersOfTheOriginal() {
        TokenIds ids = TokenIds.BYTES;

        assertThat(IntStream.of(ids.eos(), ids.pad(), ids.bos(), ids.sep(), ids.unk()))
                .containsExactly(0, 1, 2, 3, 4);
        assertThat(ids.of("ACGTNa")).containsExactly(65, 67, 71, 84, 78, 97);
        assertThat(ids.of("<ctrl_bcr>")).containsExactly(60, 99, 116, 114, 108, 95, 98, 99, 114, 62);
        assertThat(ids.of("\u00ff\u0100\u01ff")).containsExactly(255, 4, 4);
        assertThat(TokenIds.CODE_POINTS_512.of("\u00ff\u0100\u01ff\u0200")).containsExactly(255, 256, 511, 4);
        assertThat(ids.size()).isEqualTo(256);
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 512})
    void read_shippedTokenizers_areTheBuiltInOnes(int size) {
        Path file = SHIPPED.resolve("nucleotide_fast_tokenizer_" + size + ".json");
        assumeTrue(Files.isRegularFile(file), "skipped: " + file + " is not there");

        TokenIds ids = TokenIds.read(file);

        assertThat(ids.size()).isEqualTo(size);
        assertThat(ids.unk()).isEqualTo(4);
        // Below 5 the file has the special tokens only.
        for (int codePoint = 5; codePoint < 600; codePoint++) {
            assertThat(ids.of(codePoint)).isEqualTo(TokenIds.codePoints(size).of(codePoint));
        }
        assertThat(ids.of(0)).isEqualTo(ids.unk());
    }

    @Test
    void read_otherNumbers_areTaken() throws IOException {
        TokenIds ids = TokenIds.read(tokenizer(VOCABULARY));

        assertThat(ids.of("ACG")).containsExactly(0, 1, 14);
        assertThat(ids.size()).isEqualTo(15);
        assertThat(ids.text(new long[] {12, 0, 1, 14, 10, 11, 11})).isEqualTo("<BOS>AC<UNK><EOS><PAD>×2");
    }

    @Test
    void read_withoutPadAndSep_takesEos() throws IOException {
        TokenIds ids = TokenIds.read(tokenizer("{\"<EOS>\": 7, \"<BOS>\": 8, \"<UNK>\": 9, \"A\": 0}"));

        assertThat(ids.pad()).isEqualTo(7);
        assertThat(ids.sep()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WordLevel|BPE|expected model.type \"WordLevel\", found \"BPE\"",
                "\"Split\"|\"ByteLevel\"|pre_tokenizer.type \"Split\"",
                "Isolated|Removed|pre_tokenizer.behavior \"Isolated\"",
                "\"normalizer\": null|\"normalizer\": {\"type\": \"Lowercase\"}|expected no normalizer",
                "\"<EOS>\": 10|\"<eos>\": 10|expected a token <EOS>",
                "\"<UNK>\": 14|\"<unk>\": 14|expected a token <UNK>",
                "\"A\": 0|\"A\": -1|for token A, found -1",
                "\"A\": 0|\"A\": \"x\"|for token A, found \"x\"",
                "\"A\": 0|\"C\": 0|expected JSON"
            })
    void read_otherKindsOfFile_areRefusedAndNamed(String part, String instead, String expected) throws IOException {
        Path file = tokenizer(VOCABULARY);
        Files.writeString(file, Files.readString(file).replace(part, instead));

        assertThatThrownBy(() -> TokenIds.read(file))
                .isInstanceOf(TokenizerFileException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(file.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "null", "{\"model\": 3}", "\u0000\u0001"})
    void read_noTokenizer_isRefusedAndNamed(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("t.json"), text);

        assertThatThrownBy(() -> TokenIds.read(file))
                .isInstanceOf(TokenizerFileException.class)
                .hasMessageContaining("t.json");
        assertThatThrownBy(() -> TokenIds.read(folder))
                .isInstanceOf(TokenizerFileException.class)
                .hasMessageContaining("a folder");
    }

    @Test
    void of_negativeNumbers_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenIds.of(0, 1, 2, 3, -4))
                .withMessageContaining("found -4");
        assertThatIllegalArgumentException().isThrownBy(() -> TokenIds.codePoints(4));
    }

    /** Code points as their own numbers. */
    static int[] letters() {
        return IntStream.range(0, 128).toArray();
    }

    private Path tokenizer(String vocabulary) throws IOException {
        return Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "normalizer": null,
                 "pre_tokenizer": {"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated", "invert": false},
                 "model": {"type": "WordLevel", "unk_token": "<UNK>", "vocab": %s}}
                """.formatted(vocabulary));
    }
}
