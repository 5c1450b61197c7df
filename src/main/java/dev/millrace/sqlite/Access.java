package dev.millrace.sqlite;

import dev.millrace.Internal;

/** What a connection is for. Decides how the file is opened and which pragmas are applied, on every open. */
@Internal
public enum Access {
    /**
     * Reads a finished file; cannot write to it or create it. Page copies instead of mmap, so a cut file is an error. What a
     * process that died left half done is undone first, as SQLite's journal says; that alone needs permission to write.
     */
    READ,
    /** As {@link #READ}, through mmap: faster, but the JVM dies if somebody truncates the file while it is read. */
    READ_MAPPED,
    /** Fills a new file that nobody else sees yet: no journal, no sync. A crash leaves rubbish; see {@link DatabaseBuild}. */
    BUILD,
    /**
     * As {@link #BUILD}, but with a rollback journal and a sync at every commit: after a crash or a power cut the file is what
     * it was at the last commit, so that the build can go on. Rows are mostly added at the end, where the journal is short.
     */
    RESUMABLE_BUILD,
    /**
     * Adds to a finished file in place, which must exist: rollback journal, every commit synced. Killed at any moment, the next
     * reader finds the file before the transaction or after it. Waits some seconds for those who read it, then fails.
     */
    AMEND,
    /** Reads and writes a file that others read meanwhile: WAL, every commit synced to disk. Metrics and key-value stores. */
    LIVE,
    /** As {@link #LIVE}, but synced only at checkpoints: a loss of power may undo the last commits, all or none of each. */
    LIVE_FAST;

    /** SQLite's own page cache of each reading connection. */
    public static final int READ_CACHE_BYTES = 16 << 20;

    boolean reads() {
        return this == READ || this == READ_MAPPED;
    }

    /** Whether an absent file is an error. */
    boolean needsFile() {
        return reads() || this == AMEND;
    }

    boolean builds() {
        return this == BUILD || this == RESUMABLE_BUILD;
    }
}
