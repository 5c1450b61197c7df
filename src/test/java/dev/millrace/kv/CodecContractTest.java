package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorCodec;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What every codec promises, by {@link Codec}. */
final class CodecContractTest {
    private static final int DAMAGED = 20_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /**
     * A codec and some of its values.
     *
     * @param comparable makes values of the kind comparable by equals
     */
    record Subject<V>(String name, Codec<V> codec, List<V> values, Function<V, Object> comparable) {
        @Override
        public String toString() {
            return name;
        }

        Object plain(V value) {
            return comparable.apply(value);
        }
    }

    /** Bound by Jackson. */
    record Sample(String name, long count, double share, List<Integer> parts, Map<String, Boolean> flags, byte[] raw) {
        Sample(String name, long count, double share) {
            this(name, count, share, List.of(1, 2), Map.of("a", true), new byte[] {1, -1});
        }

        /** Arrays are equal to themselves only. */
        List<Object> plain() {
            return List.of(name, count, share, parts, flags, Arrays.toString(raw));
        }
    }

    static Stream<Subject<?>> subjects() {
        List<Sample> samples =
                List.of(new Sample("ö", Long.MIN_VALUE, Double.MIN_VALUE), new Sample("", Long.MAX_VALUE, -0.0));
        return Stream.of(
                new Subject<>(
                        "bytes", Codecs.BYTES, List.of(new byte[0], new byte[] {0}, allBytes()), Arrays::toString),
                new Subject<>(
                        "text",
                        Codecs.TEXT,
                        List.of("", "a\0b", "Grüße 𝕏 \u200b\ufffd\ufeff", "x".repeat(9_999)),
                        v -> v),
                new Subject<>("json", Codecs.JSON, trees(), v -> v),
                new Subject<>("cbor", Codecs.CBOR, cborTrees(), v -> v),
                new Subject<>("json record", Codecs.json(Sample.class), samples, Sample::plain),
                new Subject<>("cbor record", Codecs.cbor(Sample.class), samples, Sample::plain),
                new Subject<>(
                        "json list",
                        Codecs.json(new TypeReference<Map<String, List<Double>>>() {}),
                        List.of(Map.of(), Map.of("", List.of(), "a", List.of(0.1, Double.MAX_VALUE))),
                        v -> v),
                new Subject<>(
                        "tensor",
                        Codecs.TENSOR,
                        List.of(
                                TensorCodec.ofFloats(new float[0], Compression.NONE, 0),
                                TensorCodec.ofIndices(new int[] {1, 70_000}, 2, 1),
                                TensorCodec.ofDoubles(new double[512], Compression.LZ4, 2, 256)),
                        v -> v + Arrays.toString(v.toDoubles())));
    }

    private static byte[] allBytes() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static List<JsonNode> trees() {
        ObjectNode numbers = NODES.objectNode();
        numbers.put("int", Integer.MIN_VALUE).put("long", Long.MAX_VALUE).put("least", Long.MIN_VALUE);
        numbers.put("big", BigInteger.ONE.shiftLeft(64)).put("tenth", 0.1).put("negative", -0.0);
        numbers.put("tiny", Double.MIN_VALUE).put("huge", -Double.MAX_VALUE).put("third", 1 / 3.0);
        numbers.put("exact", new BigDecimal("0.10000000000000000000000000000000000001"));
        numbers.put("beyond", new BigDecimal("1e400"));
        ObjectNode nested = NODES.objectNode();
        nested.put("", "").put("text", "a\"\\\n\0 ö 𝕏 \u2028").putNull("null").put("yes", true);
        nested.putArray("list").add(1).add(false).add(NODES.arrayNode()).add(numbers.deepCopy());
        return List.of(
                numbers,
                nested,
                NODES.nullNode(),
                NODES.stringNode("only"),
                NODES.numberNode(7),
                NODES.arrayNode(),
                deep(1_000));
    }

    private static List<JsonNode> cborTrees() {
        List<JsonNode> trees = new ArrayList<>(trees());
        trees.add(NODES.arrayNode()
                .add(Double.NaN)
                .add(Double.NEGATIVE_INFINITY)
                .add(Float.NaN)
                .add(0.1f));
        trees.add(NODES.objectNode().put("bytes", allBytes()));
        return trees;
    }

    /** Arrays within arrays, so many levels. */
    static JsonNode deep(int levels) {
        JsonNode tree = NODES.arrayNode();
        for (int i = 1; i < levels; i++) {
            tree = NODES.arrayNode().add(tree);
        }
        return tree;
    }

    @ParameterizedTest
    @MethodSource("subjects")
    <V> void encode_valueOfAnyKind_isDecodedAsEqualValue(Subject<V> subject) {
        for (V value : subject.values()) {
            V back = subject.codec().decode(subject.codec().encode(value));

            assertThat(subject.plain(back)).isEqualTo(subject.plain(value));
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    <V> void encode_sameValueTwice_givesEqualBytesThatAreNotShared(Subject<V> subject) {
        for (V value : subject.values()) {
            byte[] first = subject.codec().encode(value);
            byte[] before = first.clone();
            Object plain = subject.plain(value);

            Arrays.fill(first, (byte) 0x55);

            assertThat(subject.codec().encode(value)).isEqualTo(before);
            assertThat(subject.plain(value)).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    <V> void decode_bytesChangedAfterwards_leaveTheValueAlone(Subject<V> subject) {
        for (V value : subject.values()) {
            byte[] bytes = subject.codec().encode(value);
            byte[] before = bytes.clone();

            V back = subject.codec().decode(bytes);

            assertThat(bytes).isEqualTo(before);
            Arrays.fill(bytes, (byte) 0x55);
            assertThat(subject.plain(back)).isEqualTo(subject.plain(value));
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    <V> void decode_trailingByte_isRefused(Subject<V> subject) {
        if (subject.codec().format() == Codecs.Format.BYTES || subject.codec().format() == Codecs.Format.TEXT) {
            return; // theirs are all bytes there are
        }
        for (V value : subject.values()) {
            byte[] bytes = subject.codec().encode(value);
            byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
            longer[bytes.length] = '}';

            assertThatCode(() -> subject.codec().decode(longer)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    <V> void decode_damagedBytes_areReadOrRefusedInOneWay(Subject<V> subject) {
        SplittableRandom random = new SplittableRandom(7);
        List<byte[]> sound =
                subject.values().stream().map(subject.codec()::encode).toList();
        int refused = 0;
        for (int i = 0; i < DAMAGED; i++) {
            byte[] damaged = damaged(sound, random);
            byte[] before = damaged.clone();
            V value;
            try {
                value = subject.codec().decode(damaged);
            } catch (IllegalArgumentException e) {
                refused++;
                assertThat(e.getMessage()).startsWith("Cannot read a value as ").doesNotContain("\n");
                continue;
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("Input " + i + ": " + new String(before, StandardCharsets.ISO_8859_1), e);
            }
            assertThat(Arrays.equals(damaged, before)).isTrue();
            try {
                subject.codec().encode(value);
            } catch (IllegalArgumentException e) {
                // Half a surrogate pair, written as an escape, can be read.
                assertThat(e.getMessage()).startsWith("Cannot store a value as ");
            }
        }
        assertThat(refused > 0).isEqualTo(subject.codec().format() != Codecs.Format.BYTES);
    }

    private static byte[] damaged(List<byte[]> sound, SplittableRandom random) {
        byte[] bytes = sound.get(random.nextInt(sound.size())).clone();
        if (random.nextInt(8) == 0) {
            bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            return bytes;
        }
        for (int change = random.nextInt(1, 4); change > 0; change--) {
            int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 9));
                case 2 -> {
                    byte[] other = sound.get(random.nextInt(sound.size()));
                    int length = Math.min(random.nextInt(16), Math.min(other.length, bytes.length - at));
                    System.arraycopy(other, other.length - length, bytes, at, length);
                }
                default -> {
                    if (bytes.length > 0) {
                        bytes[at] =
                                (byte) (random.nextBoolean() ? bytes[at] ^ 1 << random.nextInt(8) : random.nextInt());
                    }
                }
            }
        }
        return bytes;
    }
}
