package dev.millrace.batch;

import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.TensorBlob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/** Turns the columns of one slot in one result row into the little-endian bytes of its array. One thread at a time. */
final class SlotDecoder {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int LONGEST_SHOWN = 40;

    private final QuerySlot slot;
    private final int[] places;
    private final int elementCount;

    /** @param places the slot's columns in the result, counted from 1 */
    SlotDecoder(QuerySlot slot, int[] places) {
        this.slot = slot;
        this.places = places;
        this.elementCount = slot.elementCount();
    }

    /** @throws SlotMisfitException if a value does not fit the slot */
    byte[] decode(ResultSet row) throws SQLException {
        if (slot.encoding() == QuerySlot.Encoding.NUMBER) {
            SlotOutput out = new SlotOutput(slot);
            for (int i = 0; i < places.length; i++) {
                try {
                    putNumber(out, row.getObject(places[i]));
                } catch (SlotMisfitException e) {
                    throw e.in(slot.columns().get(i));
                }
            }
            return out.bytes();
        }
        Object value = row.getObject(places[0]);
        if (value == null) {
            return filled();
        }
        return switch (slot.encoding()) {
            case RAW_LE -> raw(value);
            case TENSOR -> tensor(value);
            case JSON -> json(value);
            case NUMBER, COMPUTED -> throw new AssertionError(slot);
        };
    }

    private byte[] raw(Object value) {
        int expected = elementCount * slot.type().sizeBytes();
        if (value instanceof byte[] bytes && bytes.length == expected) {
            SlotOutput.checkBooleans(slot, bytes);
            return bytes;
        }
        throw new SlotMisfitException("expected a BLOB of " + expected + " bytes, found " + describe(value)
                + (value instanceof byte[] bytes && PictureTransform.isPicture(bytes)
                        ? " that begins as a picture does; 'encoding: picture' decodes it"
                        : ""));
    }

    private byte[] tensor(Object value) {
        if (!(value instanceof byte[] bytes)) {
            throw new SlotMisfitException("expected a tensor BLOB, found " + describe(value));
        }
        try {
            TensorBlob tensor = TensorBlob.parse(bytes);
            List<Integer> shape =
                    java.util.Arrays.stream(tensor.shape()).boxed().toList();
            if (!shape.equals(slot.shape())) {
                throw new SlotMisfitException("expected a tensor of shape " + slot.shape() + ", found " + tensor);
            }
            SlotOutput out = new SlotOutput(slot);
            if (tensor.type() == slot.type()) {
                tensor.putRaw(out.buffer());
            } else if (tensor.type().isFloating()) {
                for (double element : tensor.toDoubles()) {
                    out.put(element);
                }
            } else {
                for (long element : tensor.toLongs()) {
                    out.put(element);
                }
            }
            return out.bytes();
        } catch (CorruptTensorException e) {
            throw new SlotMisfitException(e.reason());
        }
    }

    private byte[] json(Object value) {
        if (!(value instanceof String text)) {
            throw new SlotMisfitException("expected JSON TEXT, found " + describe(value));
        }
        SlotOutput out = new SlotOutput(slot);
        int count = 0;
        try (JsonParser parser = JSON.createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isStructEnd() || token == JsonToken.START_ARRAY) {
                    continue;
                }
                if (++count > elementCount) {
                    break;
                }
                if (token == JsonToken.VALUE_NUMBER_INT) {
                    out.put(parser.getLongValue());
                } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
                    out.put(parser.getDoubleValue());
                } else if (token.isBoolean()) {
                    out.put(token == JsonToken.VALUE_TRUE ? 1L : 0L);
                } else {
                    throw new SlotMisfitException("expected an array of numbers, found " + token);
                }
            }
        } catch (JacksonException e) {
            throw new SlotMisfitException("expected a JSON array: " + e.getOriginalMessage());
        }
        if (count != elementCount) {
            throw new SlotMisfitException("expected " + elementCount + " numbers for shape " + slot.shape() + ", found "
                    + (count > elementCount ? "more" : count));
        }
        return out.bytes();
    }

    /** What stands in for an array that is NULL. */
    byte[] filled() {
        SlotOutput out = new SlotOutput(slot);
        for (int i = 0; i < elementCount; i++) {
            out.put(fill());
        }
        return out.bytes();
    }

    private void putNumber(SlotOutput out, @Nullable Object value) {
        if (value == null) {
            out.put(fill());
        } else if (value instanceof Double number) {
            out.put(number);
        } else if (value instanceof Integer || value instanceof Long) {
            out.put(((Number) value).longValue());
        } else {
            throw new SlotMisfitException("expected a number, found " + describe(value)
                    + (value instanceof String ? "; CAST(column AS REAL) in rows makes a number of digits" : ""));
        }
    }

    private double fill() {
        Double fill = slot.fill();
        if (fill == null) {
            throw new SlotMisfitException(
                    "expected a value, found NULL; give the slot a 'fill' or exclude the row from ids");
        }
        return fill;
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }

    private static String describe(Object value) {
        return value instanceof byte[] bytes
                ? "a BLOB of " + bytes.length + " bytes"
                : value instanceof String text ? "TEXT '" + shortened(text) + "'" : value.toString();
    }
}
