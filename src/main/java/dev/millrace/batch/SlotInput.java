package dev.millrace.batch;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link SlotTransform} computes from: the values of the slot's columns in one row. Columns are counted from 0 in the
 * order of the slot. Immutable but for the bytes of BLOBs, which are not to be changed.
 */
public final class SlotInput {
    private final @Nullable Object[] values;

    /** @param values as SQLite has them: Long, Double, String, byte[] or null */
    SlotInput(@Nullable Object[] values) {
        this.values = values;
    }

    /** Number of columns. */
    public int size() {
        return values.length;
    }

    /** Whether the column is NULL. */
    public boolean isNull(int column) {
        return values[column] == null;
    }

    /** The value as it is stored: a Long, a Double, a String, a {@code byte[]}, or null for NULL. */
    public @Nullable Object value(int column) {
        return values[column];
    }

    /**
     * A TEXT.
     *
     * @throws IllegalArgumentException if it is something else, saying what
     */
    public String text(int column) {
        if (values[column] instanceof String text) {
            return text;
        }
        throw misfit(column, "TEXT");
    }

    /**
     * A BLOB.
     *
     * @throws IllegalArgumentException if it is something else, saying what
     */
    public byte[] bytes(int column) {
        if (values[column] instanceof byte[] bytes) {
            return bytes;
        }
        throw misfit(column, "a BLOB");
    }

    /**
     * An INTEGER.
     *
     * @throws IllegalArgumentException if it is something else, saying what
     */
    public long integer(int column) {
        if (values[column] instanceof Long number) {
            return number;
        }
        throw misfit(column, "an INTEGER");
    }

    /**
     * A REAL, or an INTEGER as the nearest double.
     *
     * @throws IllegalArgumentException if it is something else, saying what
     */
    public double real(int column) {
        if (values[column] instanceof Number number) {
            return number.doubleValue();
        }
        throw misfit(column, "a number");
    }

    private SlotMisfitException misfit(int column, String expected) {
        Object value = values[column];
        String found = value == null
                ? "NULL; give the slot a 'fill' or exclude the row from ids"
                : value instanceof byte[] bytes
                        ? "a BLOB of " + bytes.length + " bytes"
                        : value instanceof String ? "TEXT" : value.toString();
        return new SlotMisfitException("expected " + expected + " in column " + column + ", found " + found);
    }
}
