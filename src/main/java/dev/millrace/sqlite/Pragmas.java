package dev.millrace.sqlite;

import java.util.List;

/** The settings of each kind of access. They are per connection, so they are applied on every open. */
final class Pragmas {
    private static final long LARGEST_MAP_BYTES = 1L << 40;

    private Pragmas() {}

    static List<String> of(Access access) {
        return switch (access) {
            case READ -> reading(0, true);
            // Mapped pages are not kept, so the check would run over every page at every access: a third of the time.
            case READ_MAPPED -> reading(LARGEST_MAP_BYTES, false);
            case BUILD ->
                List.of(
                        "PRAGMA trusted_schema=0",
                        "PRAGMA journal_mode=OFF",
                        "PRAGMA synchronous=OFF",
                        "PRAGMA locking_mode=EXCLUSIVE",
                        "PRAGMA temp_store=MEMORY",
                        "PRAGMA cache_size=-65536");
            case RESUMABLE_BUILD ->
                List.of(
                        "PRAGMA trusted_schema=0",
                        "PRAGMA locking_mode=EXCLUSIVE",
                        "PRAGMA journal_mode=TRUNCATE",
                        "PRAGMA synchronous=FULL",
                        "PRAGMA temp_store=MEMORY",
                        "PRAGMA cache_size=-65536");
            case AMEND ->
                List.of(
                        "PRAGMA busy_timeout=5000",
                        "PRAGMA trusted_schema=0",
                        "PRAGMA journal_mode=DELETE",
                        "PRAGMA synchronous=FULL",
                        // What is sorted for it may be larger than memory.
                        "PRAGMA temp_store=FILE",
                        "PRAGMA cache_size=-65536");
            case LIVE -> live("FULL");
            case LIVE_FAST -> live("NORMAL");
        };
    }

    private static List<String> live(String synchronous) {
        return List.of(
                "PRAGMA busy_timeout=10000",
                "PRAGMA trusted_schema=0",
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=" + synchronous,
                "PRAGMA wal_autocheckpoint=1000",
                "PRAGMA journal_size_limit=4194304",
                "PRAGMA temp_store=MEMORY");
    }

    private static List<String> reading(long mapBytes, boolean checkCells) {
        return List.of(
                "PRAGMA busy_timeout=5000",
                "PRAGMA query_only=1",
                "PRAGMA trusted_schema=0",
                "PRAGMA cell_size_check=" + checkCells,
                "PRAGMA temp_store=MEMORY",
                "PRAGMA cache_size=-" + (Access.READ_CACHE_BYTES >> 10),
                "PRAGMA mmap_size=" + mapBytes);
    }
}
