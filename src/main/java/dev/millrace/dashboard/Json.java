package dev.millrace.dashboard;

import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** Writes JSON that any browser reads: a number that JSON does not have is null. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    /** Up to here every whole number is one of JavaScript's. */
    private static final double LARGEST_WHOLE = 1L << 53;

    private Json() {}

    static byte[] bytes(Consumer<JsonGenerator> content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 12);
        try (JsonGenerator json = MAPPER.createGenerator(bytes)) {
            content.accept(json);
        }
        return bytes.toByteArray();
    }

    static void number(JsonGenerator json, String name, double value) {
        json.writeName(name);
        number(json, value);
    }

    static void column(JsonGenerator json, String name, double[] values) {
        json.writeArrayPropertyStart(name);
        for (double value : values) {
            number(json, value);
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, double value) {
        if (!Double.isFinite(value)) {
            json.writeNull();
        } else if (value == Math.rint(value) && Math.abs(value) < LARGEST_WHOLE) {
            json.writeNumber((long) value);
        } else {
            json.writeNumber(value);
        }
    }
}
