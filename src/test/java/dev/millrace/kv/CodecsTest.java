package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class CodecsTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    record Point(double x, double y) {}

    record Holder(JsonNode tree) {}

    record Raw(@JsonRawValue String text) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
    interface Named {}

    record NamedPoint(int x) implements Named {}

    record AnyNamed(
            @JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS)
            Object any) {}

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    @ParameterizedTest
    @EnumSource(Codecs.Format.class)
    void of_everyFormat_isItsCodec(Codecs.Format format) {
        assertThat(Codecs.of(format).format()).isEqualTo(format);
        assertThat(Codecs.Format.byCode(format.code())).isEqualTo(format);
    }

    @Test
    void text_halfASurrogatePair_isRefusedWithItsPlace() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.TEXT.encode("ab\uD83Dx"))
                .withMessageContaining("index 2");
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.TEXT.encode("\uDE00\uD83D"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"61C0AF", "61EDA080", "61F5808080", "61E282", "6180", "61F08080AF", "61FF"})
    void text_bytesThatAreNoUtf8_areRefusedWithTheirPlace(String digits) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.TEXT.decode(hex(digits)))
                .withMessageContaining("offset 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.decode(hex("22" + digits + "22")))
                .withMessageContaining("offset 2");
    }

    @Test
    void text_longAndMalformedAtTheEnd_isRefusedWithItsPlace() {
        byte[] bytes = utf8("ö".repeat(50_000));
        bytes[99_999] = 'x';

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.TEXT.decode(bytes))
                .withMessageContaining("offset 99998");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\":1,\"a\":2}",
                "[{\"a\":1,\"b\":{\"c\":0,\"c\":0}}]",
                "1 2",
                "1}",
                "01",
                "+1",
                "1.",
                ".5",
                "NaN",
                "-Infinity",
                "'a'",
                "nul",
                "truefalse",
                "{a:1}",
                "[1]//",
                "/**/1",
                "\"\t\"",
                "\"\\x\"",
                "\uFEFF1",
                "1\0",
                "1e99999999999"
            })
    void json_textThatIsNoDocument_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.decode(utf8(text)))
                .withMessageStartingWith("Cannot read a value as json: ");
        assertThatIllegalArgumentException().isThrownBy(() -> check(Codecs.JSON, utf8(text)));
    }

    private static void check(Codec<JsonNode> codec, byte[] bytes) {
        ((TreeCodec) codec).check(bytes);
    }

    @Test
    void json_otherEncodings_areRefused() {
        for (String charset : List.of("UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Codecs.JSON.decode("[1]".getBytes(java.nio.charset.Charset.forName(charset))));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void json_numberThatJsonDoesNotHave_isRefusedAndCborKeepsIt(double value) {
        Codec<Point> json = Codecs.json(Point.class);
        Codec<Point> cbor = Codecs.cbor(Point.class);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.encode(NODES.arrayNode().add(value)))
                .withMessageContaining("expected a finite number, found " + value);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.encode(NODES.arrayNode().add((float) value)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> json.encode(new Point(1, value)))
                .withMessageContaining("Point")
                .withMessageContaining(String.valueOf(value));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(double[].class).encode(new double[] {1, value}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(float[].class).encode(new float[] {(float) value}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(List.class).encode(List.of(value)));
        assertThat(cbor.decode(cbor.encode(new Point(1, value)))).isEqualTo(new Point(1, value));
    }

    @Test
    void json_numbers_keepTheirValues() {
        for (String digits : List.of(
                "0.1",
                "1.10",
                "-0.0",
                "1e400",
                "1e-400",
                "123456789012345678901234567890",
                "0.30000000000000004",
                "3.141592653589793238462643383279",
                "9007199254740993.0",
                "4.9E-324",
                "2e-324",
                "1.7976931348623157E308")) {
            JsonNode node = Codecs.JSON.decode(utf8(digits));
            String back = new String(Codecs.JSON.encode(node), StandardCharsets.UTF_8);

            assertThat(new BigDecimal(back)).as(digits).isEqualByComparingTo(digits);
            assertThat(Codecs.JSON.decode(utf8(back))).isEqualTo(node);
        }
        assertThat(Codecs.JSON.decode(utf8("0.1")).isDouble()).isTrue();
        assertThat(Codecs.JSON.decode(utf8("-0.0")).doubleValue()).isEqualTo(-0.0);
        assertThat(Codecs.JSON.decode(utf8("0.30000000000000004")).isDouble()).isTrue();
    }

    @Test
    void json_doublesOfAnyKind_comeBackAsTheSameNodes() {
        java.util.SplittableRandom random = new java.util.SplittableRandom(3);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                JsonNode node = NODES.numberNode(value);
                assertThat(Codecs.JSON.decode(Codecs.JSON.encode(node))).isEqualTo(node);
            }
        }
    }

    @Test
    void json_treeInARecord_keepsItsNumbers() {
        Codec<Holder> codec = Codecs.json(Holder.class);
        Holder holder = new Holder(NODES.objectNode()
                .put("exact", new BigDecimal("0.12345678901234567890123"))
                .put("plain", 0.5));

        assertThat(codec.decode(codec.encode(holder))).isEqualTo(holder);
        assertThat(codec.decode(utf8("{\"tree\":null}"))).isEqualTo(new Holder(NODES.nullNode()));
    }

    @Test
    void json_numbersLongerThanAreRead_areRefusedOnBothWays() {
        BigInteger thousand = BigInteger.TEN.pow(999);
        assertThat(Codecs.JSON
                        .decode(Codecs.JSON.encode(NODES.numberNode(thousand)))
                        .bigIntegerValue())
                .isEqualTo(thousand);
        assertThat(Codecs.CBOR
                        .decode(Codecs.CBOR.encode(NODES.numberNode(thousand)))
                        .bigIntegerValue())
                .isEqualTo(thousand);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.encode(NODES.numberNode(thousand.multiply(BigInteger.TEN))));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Codecs.JSON.encode(NODES.numberNode(new BigDecimal(BigInteger.TEN.pow(2_000), 1_999))));
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.JSON.decode(utf8("1".repeat(1_001))));
        assertThatIllegalArgumentException().isThrownBy(() -> check(Codecs.JSON, utf8("1".repeat(1_001))));
    }

    @Test
    void json_deeperThanAThousand_isRefusedOnBothWays() {
        for (Codec<JsonNode> codec : List.of(Codecs.JSON, Codecs.CBOR)) {
            assertThatIllegalArgumentException().isThrownBy(() -> codec.encode(CodecContractTest.deep(1_001)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.decode(utf8("[".repeat(1_001) + "]".repeat(1_001))));
        byte[] cbor = new byte[1_002];
        java.util.Arrays.fill(cbor, (byte) 0x81);
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.CBOR.decode(cbor));
        ObjectNode circle = NODES.objectNode();
        circle.set("self", circle);
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.JSON.encode(circle));
    }

    @Test
    void json_nodesThatAreNoValues_areRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.encode(NODES.pojoNode(Thread.currentThread())))
                .withMessageContaining("POJONode");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.CBOR.encode(NODES.missingNode()))
                .withMessageContaining("MissingNode");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.JSON.encode(NODES.binaryNode(new byte[3])))
                .withMessageContaining("CBOR has them");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\uD83D", "\uDE00b", "\uDE00\uD83D", "\uD83D\uD83D"})
    void json_halfASurrogatePair_isNotStored(String text) {
        for (Codec<JsonNode> codec : List.of(Codecs.JSON, Codecs.CBOR)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> codec.encode(NODES.stringNode(text)))
                    .withMessageContaining("half of a surrogate pair");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> codec.encode(NODES.objectNode().put(text, 1)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Map.class).encode(Map.of(text, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(String[].class).encode(new String[] {text}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(char[].class).encode(text.toCharArray()));
    }

    @Test
    void json_typeThatCannotBeStored_isRefusedByName() {
        Object plain = new Object();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Object.class).encode(plain))
                .withMessageContaining("java.lang.Object");
        Map<String, Object> circle = new java.util.HashMap<>();
        circle.put("self", circle);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Map.class).encode(circle))
                .withMessageContaining("HashMap");
    }

    @Test
    void json_annotationsThatStoreClasses_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Named.class).encode(new NamedPoint(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(NamedPoint.class).encode(new NamedPoint(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.cbor(AnyNamed.class).encode(new AnyNamed(new NamedPoint(1))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Named.class)
                        .decode(utf8("{\"@class\":\"dev.millrace.kv.CodecsTest$NamedPoint\",\"x\":1}")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Raw.class).encode(new Raw("{\"a\":1,\"a\":")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"x\":1,\"y\":2,\"z\":3}",
                "{\"x\":1,\"x\":1,\"y\":2}",
                "{\"x\":\"1\",\"y\":2}",
                "{\"x\":null,\"y\":2}",
                "null",
                "[]",
                "{\"x\":1,\"y\":2} {}",
                "",
                "{\"x\":true,\"y\":0}"
            })
    void json_documentThatDoesNotFitTheRecord_isRefusedByName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(Point.class).decode(utf8(text)))
                .withMessageContaining("Point");
    }

    @Test
    void json_fractionForAnInteger_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(int[].class).decode(utf8("[1.5]")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(int[].class).decode(utf8("[2147483648]")));
    }

    @Test
    void cbor_duplicateNames_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.CBOR.decode(hex("A2616101616102")));
        assertThatIllegalArgumentException().isThrownBy(() -> check(Codecs.CBOR, hex("A2616101616102")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.cbor(Map.class).decode(hex("A2616101616102")));
    }

    @Test
    void cbor_lengthThatIsNotThere_isRefusedWithoutMemoryForIt() {
        for (String digits : List.of(
                "5A7FFFFFFF00",
                "7A7FFFFFFF61",
                "9A7FFFFFFF00",
                "BA7FFFFFFF6161",
                "5B7FFFFFFFFFFFFFFF00",
                "C25A7FFFFFFF01",
                "5F5A7FFFFFFF00",
                "7F7A7FFFFFFF61")) {
            assertThatIllegalArgumentException().isThrownBy(() -> Codecs.CBOR.decode(hex(digits)));
        }
    }

    @Test
    void tensor_damagedPayload_isFoundWhenItIsRead() {
        byte[] bytes =
                Codecs.TENSOR.encode(TensorCodec.ofDoubles(new double[64], dev.millrace.tensor.Compression.LZ4, 64));
        bytes[bytes.length - 1] ^= 0x7F;
        bytes[bytes.length / 2] ^= 0x7F;
        TensorBlob blob = Codecs.TENSOR.decode(bytes);

        assertThatThrownBy(blob::toDoubles).isInstanceOf(dev.millrace.tensor.CorruptTensorException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntryLine.check(new StoredValue(Codecs.Format.TENSOR, bytes)));
    }

    @Test
    void tensor_viewOfALargerArray_isStoredAlone() {
        byte[] blob = TensorCodec.ofUnsignedBytes(new byte[] {1, 2}, 2).toBytes();
        byte[] larger = new byte[blob.length + 20];
        System.arraycopy(blob, 0, larger, 7, blob.length);

        assertThat(Codecs.TENSOR.encode(TensorBlob.parse(larger, 7, larger.length)))
                .isEqualTo(blob);
    }

    @Test
    void anyCodec_moreThanTheLimit_isRefused() {
        byte[] tooLarge = new byte[KvStore.LARGEST_VALUE_BYTES + 1];

        for (Codecs.Format format : Codecs.Format.values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Codecs.of(format).decode(tooLarge))
                    .withMessageContaining("67,108,864");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.BYTES.encode(tooLarge));
        String text = "x".repeat(KvStore.LARGEST_VALUE_BYTES);
        assertThat(Codecs.TEXT.encode(text)).hasSize(KvStore.LARGEST_VALUE_BYTES);
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.TEXT.encode(text + "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.JSON.encode(NODES.stringNode(text)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.json(String.class).encode(text));
        assertThatIllegalArgumentException().isThrownBy(() -> Codecs.CBOR.encode(NODES.stringNode(text)));
    }

    @Test
    void json_valueOfTheLimit_isReadAgain() {
        JsonNode node = NODES.objectNode().put("n".repeat(100_000), "x".repeat(KvStore.LARGEST_VALUE_BYTES - 100_007));
        byte[] bytes = Codecs.JSON.encode(node);

        assertThat(bytes).hasSize(KvStore.LARGEST_VALUE_BYTES);
        assertThat(Codecs.JSON.decode(bytes).equals(node)).isTrue();
        check(Codecs.JSON, bytes);
    }
}
