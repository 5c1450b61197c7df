package dev.millrace.genome;

import java.util.Locale;

/** What becomes of the bases of a contig after its last whole window. */
public enum Tail {
    /** They are in no window, as in the original. */
    DROP,
    /** One more window at the next stride, shorter than the others. */
    KEEP,
    /** One more whole window that ends where the contig ends, nearer to the one before than a stride. */
    SHIFT;

    /** As written in files and on command lines. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
