package dev.millrace.genome;

import java.util.Locale;

/** When a window is read from the other strand. */
public enum RcMode {
    /** As it is stored. */
    NEVER,
    /** Every window. */
    ALWAYS,
    /** Half of the windows, others in each epoch: a function of seed, epoch and index of the window alone. */
    RANDOM;

    /** As written on command lines and in configurations. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
