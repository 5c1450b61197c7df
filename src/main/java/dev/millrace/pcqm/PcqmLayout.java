package dev.millrace.pcqm;

import java.util.Arrays;
import java.util.Locale;

/** How the graphs lie in a PCQM4Mv2 database. */
public enum PcqmLayout {
    /** One row per graph: any order of reading costs the same while the file is in memory. */
    ROWS,
    /** Many graphs of a split in one row: several times faster, and made for disks; shuffled by groups of blocks. */
    BLOCKS;

    /**
     * Reads a name, {@code rows} or {@code blocks}.
     *
     * @throws IllegalArgumentException naming both
     */
    public static PcqmLayout parse(String name) {
        for (PcqmLayout layout : values()) {
            if (layout.id().equals(name.strip().toLowerCase(Locale.ROOT))) {
                return layout;
            }
        }
        throw new IllegalArgumentException("Unknown layout: expected one of "
                + Arrays.stream(values()).map(PcqmLayout::id).toList() + ", found '" + name + "'.");
    }

    /** Name in files and configurations. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
