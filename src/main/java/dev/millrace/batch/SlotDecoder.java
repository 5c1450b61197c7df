package dev.millrace.batch;

import dev.millrace.tensor.CorruptTensorException;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    /** The value does not fit the slot; the message says how. */
    static final class MisfitException extends Exception {
        MisfitException(String message) {
            super(message);
        }
    }

    private static final JsonFactory JSON = new JsonFactory();

    private final QuerySlot slot;
    private final int[] places;
    private final int elementCount;

    /** @param places the slot's columns in the result, counted from 1 */
    SlotDecoder(QuerySlot slot, int[] places) {
        this.slot = slot;
        this.places = places;
        this.elementCount = slot.elementCount();
    }

    byte[] decode(ResultSet row) throws SQLException, MisfitException {
        if (slot.encoding() == QuerySlot.Encoding.NUMBER) {
            ByteBuffer out = allocate();
            for (int place : places) {
                putNumber(out, row.getObject(place));
            }
            return out.array();
        }
        Object value = row.getObject(places[0]);
        if (value == null) {
            ByteBuffer out = allocate();
            for (int i = 0; i < elementCount; i++) {
                put(out, fill());
            }
            return out.array();
        }
        return switch (slot.encoding()) {
            case RAW_LE -> raw(value);
            case TENSOR -> tensor(value);
            case JSON -> json(value);
            case NUMBER -> throw new AssertionError();
        };
    }

    private byte[] raw(Object value) throws MisfitException {
        int expected = elementCount * slot.type().sizeBytes();
        if (value instanceof byte[] bytes && bytes.length == expected) {
            return checked(bytes);
        }
        throw new MisfitException("expected a BLOB of " + expected + " bytes, found " + describe(value));
    }

    private byte[] tensor(Object value) throws MisfitException {
        if (!(value instanceof byte[] bytes)) {
            throw new MisfitException("expected a tensor BLOB, found " + describe(value));
        }
        try {
            TensorBlob tensor = TensorBlob.parse(bytes);
            List<Integer> shape =
                    java.util.Arrays.stream(tensor.shape()).boxed().toList();
            if (!shape.equals(slot.shape())) {
                throw new MisfitException("expected a tensor of shape " + slot.shape() + ", found " + tensor);
            }
            ByteBuffer out = allocate();
            if (tensor.type() == slot.type()) {
                tensor.putRaw(out);
            } else if (tensor.type().isFloating()) {
                for (double element : tensor.toDoubles()) {
                    put(out, element);
                }
            } else {
                for (long element : tensor.toLongs()) {
                    put(out, element);
                }
            }
            return checked(out.array());
        } catch (CorruptTensorException e) {
            throw new MisfitException(e.reason());
        }
    }

    private byte[] json(Object value) throws MisfitException {
        if (!(value instanceof String text)) {
            throw new MisfitException("expected JSON TEXT, found " + describe(value));
        }
        ByteBuffer out = allocate();
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
                    put(out, parser.getLongValue());
                } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
                    put(out, parser.getDoubleValue());
                } else if (token.isBoolean()) {
                    put(out, token == JsonToken.VALUE_TRUE ? 1L : 0L);
                } else {
                    throw new MisfitException("expected an array of numbers, found " + token);
                }
            }
        } catch (JacksonException e) {
            throw new MisfitException("expected a JSON array: " + e.getOriginalMessage());
        }
        if (count != elementCount) {
            throw new MisfitException("expected " + elementCount + " numbers for shape " + slot.shape() + ", found "
                    + (count > elementCount ? "more" : count));
        }
        return out.array();
    }

    private void putNumber(ByteBuffer out, @Nullable Object value) throws MisfitException {
        if (value == null) {
            put(out, fill());
        } else if (value instanceof Double number) {
            put(out, number);
        } else if (value instanceof Integer || value instanceof Long) {
            put(out, ((Number) value).longValue());
        } else {
            throw new MisfitException("expected a number, found " + describe(value));
        }
    }

    private double fill() throws MisfitException {
        Double fill = slot.fill();
        if (fill == null) {
            throw new MisfitException(
                    "expected a value, found NULL; give the slot a 'fill' or exclude the row from ids");
        }
        return fill;
    }

    private void put(ByteBuffer out, double value) throws MisfitException {
        switch (slot.type()) {
            case FLOAT32 -> {
                if (Double.isFinite(value) && Math.abs(value) > Float.MAX_VALUE) {
                    throw new MisfitException("expected a value within the range of FLOAT32, found " + value);
                }
                out.putFloat((float) value);
            }
            case FLOAT64 -> out.putDouble(value);
            default -> {
                if (value != Math.rint(value) || Math.abs(value) > 1L << 53) {
                    throw new MisfitException("expected an integer for " + slot.type() + ", found " + value);
                }
                put(out, (long) value);
            }
        }
    }

    private void put(ByteBuffer out, long value) throws MisfitException {
        switch (slot.type()) {
            case FLOAT32 -> out.putFloat((float) value);
            case FLOAT64 -> out.putDouble((double) value);
            case INT64 -> out.putLong(value);
            case INT32 -> out.putInt((int) inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT8 -> out.put((byte) inRange(value, 0, 255));
            case INT8 -> out.put((byte) inRange(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case BOOLEAN -> out.put((byte) inRange(value, 0, 1));
            case UINT16, FLOAT16 -> throw new AssertionError(slot.type());
        }
    }

    /** The engine takes a byte of a boolean for 0 or 1 without looking. */
    private byte[] checked(byte[] raw) throws MisfitException {
        if (slot.type() == DType.BOOLEAN) {
            for (byte element : raw) {
                inRange(element & 0xFF, 0, 1);
            }
        }
        return raw;
    }

    private long inRange(long value, long least, long most) throws MisfitException {
        if (value < least || value > most) {
            throw new MisfitException("expected " + least + ".." + most + " for " + slot.type() + ", found " + value);
        }
        return value;
    }

    private ByteBuffer allocate() {
        return ByteBuffer.allocate(elementCount * slot.type().sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String describe(Object value) {
        return value instanceof byte[] bytes
                ? "a BLOB of " + bytes.length + " bytes"
                : value instanceof String ? "TEXT" : value.toString();
    }
}
