package dev.millrace.cli;

import dev.millrace.chart.Notation;
import dev.millrace.kv.Codecs;
import dev.millrace.kv.StoredValue;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keys and values as text, and back. */
final class KvText {
    private static final int PREVIEW_BYTES = 32;
    private static final int PREVIEW_VALUES = 8;

    private KvText() {}

    /**
     * A key on a line of its own: what could move the cursor, end the line or turn the text around is written as in Java, <code>
     * &#92;u001b</code>. A backslash stays one, so that keys read as they were put; {@code --json} is exact.
     */
    static String key(String key) {
        return escaped(key, false);
    }

    /** A text on a line of its own, from which it can be told again: backslashes are doubled. */
    static String line(String text) {
        return escaped(text, true);
    }

    private static String escaped(String text, boolean exactly) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            int type = Character.getType(point);
            if (point == '\n' || point == '\t' || point == '\r') {
                line.append(point == '\n' ? "\\n" : point == '\t' ? "\\t" : "\\r");
            } else if (point == '\\' && exactly) {
                line.append("\\\\");
            } else if (type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR) {
                for (char unit : Character.toChars(point)) {
                    line.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
            } else {
                line.appendCodePoint(point);
            }
        });
        return line.toString();
    }

    /** Text for a terminal: lines stay lines, what could do harm there is escaped. */
    static String harmless(String text) {
        return text.lines()
                .map(line ->
                        Arrays.stream(line.split("\t", -1)).map(KvText::key).collect(Collectors.joining("\t")))
                .collect(Collectors.joining("\n"));
    }

    /** The text of a value that is text, JSON or CBOR, which is shown as JSON. */
    static String text(StoredValue value) {
        return switch (value.format()) {
            case TEXT, JSON -> new String(value.bytes(), StandardCharsets.UTF_8);
            case CBOR -> cbor(value);
            case BYTES, TENSOR -> throw new IllegalArgumentException(value.toString());
        };
    }

    private static String cbor(StoredValue value) {
        return JsonMapper.shared().writeValueAsString(Codecs.CBOR.decode(value.bytes()));
    }

    /** A value on one line, whatever it is. */
    static String oneLine(StoredValue value) {
        return switch (value.format()) {
            case TEXT -> line(text(value));
            case JSON -> {
                String document = text(value);
                yield document.indexOf('\n') < 0 && document.indexOf('\r') < 0
                        ? document
                        : JsonMapper.shared().writeValueAsString(Codecs.JSON.decode(value.bytes()));
            }
            case CBOR -> cbor(value);
            case TENSOR -> tensor(Codecs.TENSOR.decode(value.bytes()));
            case BYTES -> Base64.getEncoder().encodeToString(value.bytes());
        };
    }

    /** The first bytes of a value, for people. */
    static String preview(byte[] bytes) {
        int shown = Math.min(bytes.length, PREVIEW_BYTES);
        return HexFormat.ofDelimiter(" ").formatHex(bytes, 0, shown) + (shown < bytes.length ? " …" : "");
    }

    /** {@code float32[2, 3]: 0.1 0.2 …}. */
    static String tensor(TensorBlob tensor) {
        List<Object> values = values(tensor, PREVIEW_VALUES);
        String dots = values.size() < tensor.elementCount() ? " …" : "";
        return dtype(tensor) + Arrays.toString(tensor.shape()) + ": "
                + values.stream().map(String::valueOf).collect(Collectors.joining(" ")) + dots;
    }

    private static String dtype(TensorBlob tensor) {
        return tensor.type().name().toLowerCase(Locale.ROOT);
    }

    private static List<Object> values(TensorBlob tensor, int most) {
        int count = Math.min(most, tensor.elementCount());
        if (!tensor.type().isFloating()) {
            long[] all = tensor.toLongs();
            return IntStream.range(0, count).<Object>mapToObj(i -> all[i]).toList();
        }
        List<Object> values = new ArrayList<>(count);
        if (tensor.type() == DType.FLOAT64) {
            double[] all = tensor.toDoubles();
            IntStream.range(0, count).forEach(i -> values.add(finite(all[i], all[i])));
        } else {
            // As few digits as tell the float: 0.1, not the double nearest to it.
            float[] all = tensor.toFloats();
            IntStream.range(0, count).forEach(i -> values.add(finite(all[i], all[i])));
        }
        return values;
    }

    /** JSON has no NaN and no infinity: they become the words of Java and Python. */
    private static Object finite(double value, Object number) {
        return Double.isFinite(value) ? number : Double.toString(value);
    }

    /** An entry as a program reads it. */
    static Map<String, Object> fields(String key, StoredValue value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("key", key);
        fields.put("format", value.format().toString());
        switch (value.format()) {
            case TEXT -> fields.put("value", text(value));
            case JSON -> fields.put("value", Codecs.JSON.decode(value.bytes()));
            case CBOR -> fields.put("value", Codecs.CBOR.decode(value.bytes()));
            case BYTES -> fields.put("base64", Base64.getEncoder().encodeToString(value.bytes()));
            case TENSOR -> {
                TensorBlob tensor = Codecs.TENSOR.decode(value.bytes());
                fields.put("dtype", dtype(tensor));
                fields.put("shape", tensor.shape());
                fields.put("value", values(tensor, Integer.MAX_VALUE));
            }
        }
        return fields;
    }

    /**
     * The value that a text on the command line means.
     *
     * @throws UsageException if it is none of that format
     */
    static StoredValue parse(String text, Codecs.Format format) {
        return switch (format) {
            case TEXT, JSON, BYTES -> new StoredValue(format, text.getBytes(StandardCharsets.UTF_8));
            case CBOR -> new StoredValue(format, Codecs.CBOR.encode(json(text, "cbor")));
            case TENSOR -> new StoredValue(format, tensor(text).toBytes());
        };
    }

    private static JsonNode json(String text, String format) {
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException e) {
            throw new UsageException("Expected JSON as the text of a value of format " + format + ", found other text: "
                    + e.getOriginalMessage() + ".");
        }
    }

    private static TensorBlob tensor(String text) {
        JsonNode root = json(text, "tensor");
        List<Integer> shape = new ArrayList<>();
        for (JsonNode inner = root; inner != null && inner.isArray(); inner = inner.get(0)) {
            shape.add(inner.size());
        }
        List<Float> values = new ArrayList<>();
        collect(root, shape, 0, values);
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return Inputs.checked(() -> TensorCodec.ofFloats(
                floats,
                Compression.NONE,
                shape.stream().mapToInt(Integer::intValue).toArray()));
    }

    private static void collect(JsonNode node, List<Integer> shape, int depth, List<Float> values) {
        boolean inner = depth < shape.size();
        if (inner ? !node.isArray() || node.size() != shape.get(depth) : !node.isNumber()) {
            throw new UsageException(
                    "Expected numbers in arrays of one shape, such as [[1, 2], [3, 4]], as the text of a"
                            + " value of format tensor, found another. Tensors of other types are read with --file.");
        }
        if (inner) {
            node.forEach(child -> collect(child, shape, depth + 1, values));
        } else {
            values.add(new BigDecimal(node.asString()).floatValue());
        }
    }

    /** {@code 1,234 bytes}. */
    static String bytes(long count) {
        return Notation.count(count) + (count == 1 ? " byte" : " bytes");
    }

    /** {@code 1 entry}, {@code 12,345 entries}. */
    static String entries(long count) {
        return Notation.count(count) + (count == 1 ? " entry" : " entries");
    }
}
