package dev.millrace.kv;

import java.math.BigDecimal;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trees of JSON without loss: Jackson's own reader makes every number with a point a double, whatever its digits. The depth
 * of the recursion is bounded by what the parser and the generator allow.
 */
final class JsonTree extends ValueDeserializer<JsonNode> {
    /** A decimal number of so many characters has at most 15 digits, which a double gives back. */
    private static final int SHORT_NUMBER = 16;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @Override
    public JsonNode deserialize(JsonParser parser, DeserializationContext context) {
        return read(parser);
    }

    @Override
    public JsonNode getNullValue(DeserializationContext context) {
        return NullNode.instance;
    }

    /** The tree that begins at the parser's token. */
    static JsonNode read(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> {
                ObjectNode object = NODES.objectNode();
                while (next(parser) != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    next(parser);
                    object.set(name, read(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                ArrayNode array = NODES.arrayNode();
                while (next(parser) != JsonToken.END_ARRAY) {
                    array.add(read(parser));
                }
                yield array;
            }
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NullNode.instance;
            case VALUE_EMBEDDED_OBJECT -> embedded(parser);
            default -> throw new StreamReadException(parser, "expected a value, found " + token);
        };
    }

    static JsonToken next(JsonParser parser) {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new StreamReadException(parser, "expected a value, found the end");
        }
        return token;
    }

    static void requireEnd(JsonParser parser) {
        JsonToken token = parser.nextToken();
        if (token != null) {
            throw new StreamReadException(parser, "expected the end after one value, found " + token);
        }
    }

    static JsonNode number(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return switch (parser.getNumberType()) {
                case INT -> NODES.numberNode(parser.getIntValue());
                case LONG -> NODES.numberNode(parser.getLongValue());
                default -> NODES.numberNode(parser.getBigIntegerValue());
            };
        }
        return switch (parser.getNumberTypeFP()) {
            case FLOAT16, FLOAT32 -> NODES.numberNode(parser.getFloatValue());
            case DOUBLE64 -> NODES.numberNode(parser.getDoubleValue());
            case BIG_DECIMAL -> NODES.numberNode(parser.getDecimalValue());
            case UNKNOWN -> decimal(parser);
        };
    }

    /** A double if it gives back the value of the digits, else all digits. */
    private static JsonNode decimal(JsonParser parser) {
        String text = parser.getString();
        double nearest = parser.getDoubleValue();
        boolean normal = Math.abs(nearest) >= Double.MIN_NORMAL && Math.abs(nearest) <= Double.MAX_VALUE;
        if (normal && text.length() <= SHORT_NUMBER) {
            return NODES.numberNode(nearest);
        }
        BigDecimal exact = parser.getDecimalValue();
        boolean same = Double.isFinite(nearest) && exact.compareTo(new BigDecimal(Double.toString(nearest))) == 0;
        return same ? NODES.numberNode(nearest) : NODES.numberNode(exact);
    }

    private static JsonNode embedded(JsonParser parser) {
        Object value = parser.getEmbeddedObject();
        if (value instanceof byte[] bytes) {
            return NODES.binaryNode(bytes);
        }
        throw new StreamReadException(
                parser,
                "expected a value, found "
                        + (value == null ? "none" : value.getClass().getSimpleName()));
    }

    /** @throws JacksonException if the tree has nodes that would come back as something else */
    static void write(JsonNode node, JsonGenerator out) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                out.writeStartObject();
                for (Map.Entry<String, JsonNode> property : node.properties()) {
                    out.writeName(property.getKey());
                    write(property.getValue(), out);
                }
                out.writeEndObject();
            }
            case ARRAY -> {
                out.writeStartArray();
                for (JsonNode element : node.values()) {
                    write(element, out);
                }
                out.writeEndArray();
            }
            case STRING -> out.writeString(node.stringValue());
            case NUMBER -> writeNumber(node, out);
            case BOOLEAN -> out.writeBoolean(node.booleanValue());
            case NULL -> out.writeNull();
            case BINARY -> out.writeEmbeddedObject(node.binaryValue());
            case POJO, MISSING ->
                throw new StreamWriteException(
                        out,
                        "expected a tree of values, found a " + node.getClass().getSimpleName());
        }
    }

    private static void writeNumber(JsonNode node, JsonGenerator out) {
        switch (node.numberType()) {
            case INT -> out.writeNumber(node.intValue());
            case LONG -> out.writeNumber(node.longValue());
            case BIG_INTEGER -> out.writeNumber(node.bigIntegerValue());
            case FLOAT -> out.writeNumber(node.floatValue());
            case DOUBLE -> out.writeNumber(node.doubleValue());
            case BIG_DECIMAL -> out.writeNumber(node.decimalValue());
        }
    }
}
