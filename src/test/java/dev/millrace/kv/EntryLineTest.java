package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.kv.Codecs.Format;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;

final class EntryLineTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static StoredValue json(String text) {
        return new StoredValue(Format.JSON, utf8(text));
    }

    private static StoredValue text(String text) {
        return new StoredValue(Format.TEXT, utf8(text));
    }

    private static String line(EntryLine entry) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        entry.writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static EntryLine parse(String line) {
        byte[] bytes = utf8(line);
        // The buffer of the reader is longer than the line.
        return EntryLine.parse(Arrays.copyOf(bytes, bytes.length + 9), bytes.length);
    }

    static Stream<StoredValue> values() {
        return Stream.of(
                text(""),
                text("a\"\\\n\r\t\0\u001f\u007f\u2028 ö 𝕏"),
                json("1"),
                json("-0.0"),
                json("1.500e+05"),
                json("123456789012345678901234567890.10"),
                json("\"ö \\u00e4 \\ud83d\\ude00 \\/\""),
                json("\"\\ud800\""),
                json("null"),
                json("true"),
                json("[ ]"),
                json("{\"a\" : [1.0, {\"b\":\"}\"}], \"c\":false}"),
                json("{\n  \"a\": 1\n}\n"),
                json("\r1"),
                json(" 1"),
                json("{}\t"),
                new StoredValue(Format.JSON, Codecs.JSON.encode(CodecContractTest.deep(1_000))),
                new StoredValue(Format.BYTES, new byte[0]),
                new StoredValue(Format.BYTES, new byte[] {0, -1, 10, 13}),
                new StoredValue(Format.CBOR, Codecs.CBOR.encode(JsonNodeFactory.instance.numberNode(Double.NaN))),
                new StoredValue(
                        Format.TENSOR,
                        Codecs.TENSOR.encode(TensorCodec.ofFloats(new float[100], Compression.LZ4, 10, 10))));
    }

    @ParameterizedTest
    @MethodSource("values")
    void line_valueOfAnyKind_comesBackWithTheSameBytes(StoredValue value) {
        for (String name : List.of("", "main", "a:b \"\n\0 ö 𝕏")) {
            String line = line(new EntryLine(name, name, value));
            EntryLine back = parse(line.substring(0, line.length() - 1));

            assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
            assertThat(back.namespace()).isEqualTo(name);
            assertThat(back.key()).isEqualTo(name);
            assertThat(back.value().format()).isEqualTo(value.format());
            assertThat(back.value().bytes()).isEqualTo(value.bytes());
        }
    }

    @Test
    void line_ofEachFormat_readsAsDocumented() {
        assertThat(line(new EntryLine("n", "k", text("ö"))))
                .isEqualTo("{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"ö\"}\n");
        assertThat(line(new EntryLine("n", "k", json("{\"a\": 1.50}"))))
                .isEqualTo("{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"value\":{\"a\": 1.50}}\n");
        assertThat(line(new EntryLine("n", "k", json("[1,\n2]"))))
                .isEqualTo("{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"json_text\":\"[1,\\n2]\"}\n");
        assertThat(line(new EntryLine("n", "k", new StoredValue(Format.BYTES, new byte[] {0, 1, 2, 3}))))
                .isEqualTo("{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"bytes\",\"base64\":\"AAECAw==\"}\n");
    }

    @Test
    void parse_propertiesInAnyOrderWithBlanks_isRead() {
        EntryLine entry =
                parse(" { \"value\" : 1.0e5 , \"key\":\"k\" ,\"format\":\"json\", \"namespace\": \"\\u006e\" } \r");

        assertThat(entry.namespace()).isEqualTo("n");
        assertThat(entry.value().bytes()).isEqualTo(utf8("1.0e5"));
        assertThat(parse("{\"value\":\"\\u0061\",\"namespace\":\"n\",\"key\":\"\",\"format\":\"text\"}")
                        .value()
                        .bytes())
                .isEqualTo(utf8("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "{}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"value\":\"v\"}",
                "{\"namespace\":\"n\",\"format\":\"text\",\"value\":\"v\"}",
                "{\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"}",
                "{\"namespace\":1,\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"}",
                "{\"namespace\":null,\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"}",
                "{\"namespace\":\"n\",\"key\":\"\\ud800\",\"format\":\"text\",\"value\":\"v\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"\\ud800\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":5}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":null}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"base64\":\"AA==\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\",\"base64\":\"AA==\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"value\":1,\"json_text\":\"1\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"json_text\":\"1 2\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"json_text\":1}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"value\":{\"a\":1,\"a\":1}}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"value\":NaN}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"value\":}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"yaml\",\"value\":1}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"TEXT\",\"value\":\"v\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"bytes\",\"value\":\"AA==\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"bytes\",\"base64\":\"AA=\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"bytes\",\"base64\":\"A_==\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"tensor\",\"base64\":\"AAAA\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"cbor\",\"base64\":\"gg==\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"cbor\",\"base64\":\"AAA=\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\",\"ttl\":\"5\"}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"}}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"} {}",
                "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\",}",
                "\uFEFF{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"text\",\"value\":\"v\"}"
            })
    void parse_lineThatIsNoEntry_isRefused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(line)).withMessageMatching("(?s).*[Ee]xpected .*");
    }

    @Test
    void parse_valueDeeperThanADocumentMayBe_isRefused() {
        String start = "{\"namespace\":\"n\",\"key\":\"k\",\"format\":\"json\",\"value\":";

        assertThat(parse(start + "[".repeat(1_000) + "]".repeat(1_000) + "}")
                        .value()
                        .bytes())
                .hasSize(2_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(start + "[".repeat(1_001) + "]".repeat(1_001) + "}"));
    }

    @Test
    void parse_bytesThatAreNoUtf8_areRefusedWithTheirPlace() {
        byte[] line = utf8("{\"namespace\":\"n\",\"key\":\"?\",\"format\":\"text\",\"value\":\"v\"}");
        line[24] = (byte) 0xFF;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntryLine.parse(line, line.length))
                .withMessageContaining("column 25");
    }

    @Test
    void writeTo_valueThatIsNotOfItsFormat_isRefusedBeforeAnythingIsWritten() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Format format : List.of(Format.TEXT, Format.JSON, Format.CBOR, Format.TENSOR)) {
            StoredValue value = new StoredValue(format, HexFormat.of().parseHex("FFFF"));

            assertThatIllegalArgumentException().isThrownBy(() -> new EntryLine("n", "k", value).writeTo(out));
        }
        assertThat(out.size()).isZero();
    }

    @Test
    void parse_damagedLines_areReadOrRefusedInOneWay() {
        SplittableRandom random = new SplittableRandom(11);
        List<byte[]> lines = values().map(value -> utf8(line(new EntryLine("n", "k", value))))
                .toList();
        for (int i = 0; i < 20_000; i++) {
            byte[] line = lines.get(random.nextInt(lines.size())).clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                int at = random.nextInt(line.length);
                line[at] = (byte) (random.nextBoolean() ? line[at] ^ 1 << random.nextInt(8) : random.nextInt());
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(line.length) : line.length;
            try {
                EntryLine.check(EntryLine.parse(line, length).value());
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage().length()).isGreaterThan(10);
            }
        }
    }
}
