package dev.millrace.batch;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes one slot of a batch: takes the columns of its rows as they come from the file, then has them computed together. One
 * thread at a time.
 */
final class SlotComputer {
    private final QueryDefinition definition;
    private final QuerySlot slot;
    private final SlotTransform transform;
    private final int index;
    private final int[] places;
    private final SlotDecoder decoder;
    private long[] ids = new long[0];
    private @Nullable SlotInput[] inputs = new @Nullable SlotInput[0];

    /**
     * Describes the slot.
     *
     * @param index the slot's place in a sample
     * @param places the slot's columns in the result, counted from 1
     */
    SlotComputer(
            QueryDefinition definition,
            QuerySlot slot,
            SlotTransform transform,
            int index,
            int[] places,
            SlotDecoder decoder) {
        this.definition = definition;
        this.slot = slot;
        this.transform = transform;
        this.index = index;
        this.places = places;
        this.decoder = decoder;
    }

    /** Starts a batch of these samples. */
    void begin(long[] samples) {
        ids = samples;
        inputs = new @Nullable SlotInput[samples.length];
    }

    /** Takes the row of the sample at a position of the batch; it is left to the fill if it has a NULL and there is one. */
    void take(ResultSet row, int position) throws SQLException {
        @Nullable Object[] values = new @Nullable Object[places.length];
        boolean complete = true;
        for (int i = 0; i < places.length; i++) {
            Object value = row.getObject(places[i]);
            // The driver gives an INTEGER as the narrowest class that holds it.
            values[i] = value instanceof Integer number ? Long.valueOf(number) : value;
            complete &= value != null;
        }
        inputs[position] = complete || slot.fill() == null ? new SlotInput(values) : null;
    }

    /** Completes the samples, all of whose rows have been taken. */
    void compute(byte[][][] samples) {
        int[] positions = new int[inputs.length];
        List<SlotInput> chosen = new ArrayList<>(inputs.length);
        for (int i = 0; i < inputs.length; i++) {
            SlotInput input = inputs[i];
            if (input == null) {
                samples[i][index] = decoder.filled();
            } else {
                positions[chosen.size()] = i;
                chosen.add(input);
            }
        }
        inputs = new @Nullable SlotInput[0];
        if (chosen.isEmpty()) {
            return;
        }
        long[] chosenIds = new long[chosen.size()];
        for (int i = 0; i < chosenIds.length; i++) {
            chosenIds[i] = ids[positions[i]];
        }
        SlotRows rows = new SlotRows(definition, slot, chosenIds, chosen);
        List<byte[]> arrays = transform.apply(rows);
        if (arrays.size() != rows.size()) {
            throw rows.fault(0, "expected " + rows.size() + " arrays from this row on, found " + arrays.size(), null);
        }
        for (int i = 0; i < chosenIds.length; i++) {
            samples[positions[i]][index] = checked(rows, i, arrays.get(i));
        }
    }

    private byte[] checked(SlotRows rows, int row, byte @Nullable [] array) {
        if (array == null || array.length != rows.arrayBytes()) {
            throw rows.fault(
                    row,
                    "expected " + rows.arrayBytes() + " bytes for " + rows.type() + rows.shape() + ", found "
                            + (array == null ? "null" : array.length),
                    null);
        }
        try {
            SlotOutput.checkBooleans(slot, array);
        } catch (SlotMisfitException e) {
            throw rows.fault(row, e.reason(), e);
        }
        return array;
    }
}
