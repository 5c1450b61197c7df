package dev.millrace.batch;

/** What becomes of samples that cannot be divided equally between the ranks of a distributed training. */
public enum Remainder {
    /** The last ones of an epoch, fewer than there are ranks, are left out. */
    DROP,
    /** The first ones of the epoch come again, fewer than there are ranks. */
    PAD
}
