package dev.millrace.kv;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What several threads did to one key, and whether there is an order of it in which every result is right and nothing comes
 * before what had ended when it began (Wing and Gong's search, with the states remembered that were in vain).
 */
final class History {
    /** What a thread may do. */
    enum Kind {
        /** Result: the value. */
        GET,
        /** To {@code value}. */
        PUT,
        /** Result: whether it was there, as "true" or "false". */
        REMOVE,
        /** To {@code value} if absent; result: what was there. */
        PUT_IF_ABSENT,
        /** From {@code expected} to {@code value}; result: whether it was so. */
        REPLACE
    }

    /**
     * One operation.
     *
     * @param invoked its place in the order of all beginnings and ends
     */
    record Op(
            Kind kind,
            @Nullable String expected,
            @Nullable String value,
            @Nullable String result,
            long invoked,
            long returned) {}

    /** Which operations are done, as bits, and the value then. */
    private record State(long done, @Nullable String value) {}

    private final List<Op> operations;
    private final Set<State> vain = new HashSet<>();

    private History(List<Op> operations) {
        this.operations = operations;
    }

    /**
     * Whether the operations could have happened one after the other.
     *
     * @param operations in order of their beginnings
     * @param first the value before all; null for none
     * @return null if so; the reason if not
     */
    static @Nullable String fault(List<Op> operations, @Nullable String first) {
        // Cut where nothing was under way: the values that are possible there are all that the rest depends on.
        Set<String> possible = new HashSet<>();
        possible.add(first);
        int from = 0;
        while (from < operations.size()) {
            int to = from;
            long end = Long.MIN_VALUE;
            while (to < operations.size() && (to == from || operations.get(to).invoked() < end)) {
                end = Math.max(end, operations.get(to).returned());
                to++;
            }
            List<Op> part = operations.subList(from, to);
            if (part.size() > Long.SIZE) {
                throw new IllegalArgumentException("Expected at most " + Long.SIZE
                        + " operations without a moment of rest, found " + part.size() + ".");
            }
            Set<String> next = new HashSet<>();
            for (String value : possible) {
                new History(part).search(new State(0, value), next);
            }
            if (next.isEmpty()) {
                return "No order explains, from one of " + possible + ": " + part;
            }
            possible = next;
            from = to;
        }
        return null;
    }

    /** Adds to {@code ends} every value that can be there after all operations. */
    private void search(State state, Set<String> ends) {
        if (Long.bitCount(state.done()) == operations.size()) {
            ends.add(state.value());
            return;
        }
        if (!vain.add(state)) {
            return;
        }
        long firstEnd = Long.MAX_VALUE;
        for (int i = 0; i < operations.size(); i++) {
            if ((state.done() >> i & 1) == 0) {
                firstEnd = Math.min(firstEnd, operations.get(i).returned());
            }
        }
        for (int i = 0; i < operations.size(); i++) {
            Op op = operations.get(i);
            if ((state.done() >> i & 1) == 0 && op.invoked() <= firstEnd && isRight(op, state.value())) {
                search(new State(state.done() | 1L << i, after(op, state.value())), ends);
            }
        }
    }

    private static boolean isRight(Op op, @Nullable String before) {
        return switch (op.kind()) {
            case PUT -> true;
            case GET, PUT_IF_ABSENT -> Objects.equals(op.result(), before);
            case REMOVE -> op.result() == null || op.result().equals(String.valueOf(before != null));
            case REPLACE ->
                String.valueOf(Objects.equals(op.expected(), before)).equals(op.result());
        };
    }

    private static @Nullable String after(Op op, @Nullable String before) {
        return switch (op.kind()) {
            case GET -> before;
            case PUT -> op.value();
            case REMOVE -> null;
            case PUT_IF_ABSENT -> before == null ? op.value() : before;
            case REPLACE -> Objects.equals(op.expected(), before) ? op.value() : before;
        };
    }

    /** Operations of many keys, each with those of its own in order of their beginnings. */
    static Map<String, List<Op>> byKey(List<Map.Entry<String, Op>> all) {
        Map<String, List<Op>> byKey = new HashMap<>();
        all.stream()
                .sorted((left, right) ->
                        Long.compare(left.getValue().invoked(), right.getValue().invoked()))
                .forEach(entry -> byKey.computeIfAbsent(entry.getKey(), key -> new ArrayList<>())
                        .add(entry.getValue()));
        return byKey;
    }
}
