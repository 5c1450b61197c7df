package dev.millrace.batch;

/** Writes ids as the JSON array that {@code json_each} takes. Reused batch after batch; one thread at a time. */
final class IdText {
    private final StringBuilder text = new StringBuilder();

    String of(long[] ids) {
        return of(ids, ids.length);
    }

    String of(long[] ids, int count) {
        text.setLength(0);
        text.append('[');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                text.append(',');
            }
            text.append(ids[i]);
        }
        return text.append(']').toString();
    }
}
