package dev.millrace.batch;

import java.util.ArrayList;
import java.util.List;

/** One row after another. */
record PerRowTransform(String fingerprint, RowTransform transform) implements SlotTransform {
    @Override
    public List<byte[]> apply(SlotRows rows) {
        List<byte[]> arrays = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            SlotOutput out = rows.newOutput();
            try {
                transform.apply(rows.get(i), out);
                arrays.add(out.bytes());
            } catch (SlotMisfitException e) {
                throw rows.fault(i, e.reason(), e);
            } catch (RuntimeException e) {
                throw rows.fault(i, "the transform failed: " + e, e);
            }
        }
        return arrays;
    }
}
