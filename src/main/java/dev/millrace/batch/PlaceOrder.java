package dev.millrace.batch;

import java.util.function.IntUnaryOperator;

/** Which sample lies at each place of an epoch. Immutable, thread-safe. */
interface PlaceOrder {
    /** Positions of the samples at the places {@code from ≤ i < from + count}. */
    int[] positions(int from, int count);

    /** An order that is told place by place. */
    static PlaceOrder of(IntUnaryOperator positionAt) {
        return (from, count) -> {
            int[] positions = new int[count];
            for (int i = 0; i < count; i++) {
                positions[i] = positionAt.applyAsInt(from + i);
            }
            return positions;
        };
    }

    /** This, where what it gives are places of another order. */
    default PlaceOrder within(int[] other) {
        return (from, count) -> {
            int[] positions = positions(from, count);
            for (int i = 0; i < count; i++) {
                positions[i] = other[positions[i]];
            }
            return positions;
        };
    }
}
