package dev.millrace.bench;

import dev.millrace.kv.PersistMode;
import dev.millrace.sqlite.Access;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The stores compared, and what a put of each promises when it returns. */
enum KvPeerKind {
    MILLRACE("Millrace, WRITE_THROUGH", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) {
            return MillracePeer.open(folder, PersistMode.WRITE_THROUGH, MillracePeer.Waits.EACH_PUT);
        }
    },
    MILLRACE_ASYNC("Millrace, WRITE_THROUGH, putAsync", "promised by a future: synced when that is done") {
        @Override
        KvPeer open(Path folder) {
            return MillracePeer.open(folder, PersistMode.WRITE_THROUGH, MillracePeer.Waits.AT_SYNC);
        }
    },
    MILLRACE_LAZY("Millrace, LAZY", "in memory, synced within 1 s: a kill loses the newest") {
        @Override
        KvPeer open(Path folder) {
            return MillracePeer.open(folder, PersistMode.LAZY, MillracePeer.Waits.EACH_PUT);
        }
    },
    MILLRACE_ENCRYPTED("Millrace, WRITE_THROUGH, encrypted", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) throws Exception {
            return MillracePeer.openEncrypted(folder);
        }
    },
    MILLRACE_COLD("Millrace, WRITE_THROUGH, hot tier of one entry", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) {
            return MillracePeer.openWithoutHotTier(folder);
        }
    },
    SQLITE("SQLite by JDBC, WAL, synchronous=FULL", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) {
            return new SqlitePeer(folder, Access.LIVE);
        }
    },
    SQLITE_NORMAL("SQLite by JDBC, WAL, synchronous=NORMAL", KvPeerKind.WRITTEN) {
        @Override
        KvPeer open(Path folder) {
            return new SqlitePeer(folder, Access.LIVE_FAST);
        }
    },
    MVSTORE("H2 MVStore, commit and sync", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) {
            return new MvStorePeer(folder, true);
        }
    },
    MVSTORE_LAZY("H2 MVStore, its own background commits", "in memory, written within 1 s: a kill loses the newest") {
        @Override
        KvPeer open(Path folder) {
            return new MvStorePeer(folder, false);
        }
    },
    ROCKSDB("RocksDB, sync=true", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) throws Exception {
            return new RocksPeer(folder, true);
        }
    },
    ROCKSDB_UNSYNCED("RocksDB, sync=false", KvPeerKind.WRITTEN) {
        @Override
        KvPeer open(Path folder) throws Exception {
            return new RocksPeer(folder, false);
        }
    },
    LMDB("LMDB", KvPeerKind.SYNCED) {
        @Override
        KvPeer open(Path folder) {
            return new LmdbPeer(folder, true);
        }
    },
    LMDB_NOSYNC("LMDB, NOSYNC", "written, not synced: a loss of power may break the file") {
        @Override
        KvPeer open(Path folder) {
            return new LmdbPeer(folder, false);
        }
    },
    CAFFEINE("Caffeine, no file", KvPeerKind.NOTHING) {
        @Override
        KvPeer open(Path folder) {
            return MapPeer.caffeine();
        }
    },
    HASHMAP("HashMap with a lock, no file", KvPeerKind.NOTHING) {
        @Override
        KvPeer open(Path folder) {
            return MapPeer.hashMap();
        }
    };

    private static final String SYNCED = "synced";
    private static final String WRITTEN = "written, not synced: a loss of power loses the newest";
    private static final String NOTHING = "none";

    private final String title;
    private final String durability;

    KvPeerKind(String title, String durability) {
        this.title = title;
        this.durability = durability;
    }

    /** Opens the store in a folder, which exists; what is in it already is found again. */
    abstract KvPeer open(Path folder) throws Exception;

    String title() {
        return title;
    }

    /** What a put promises when it returns. */
    String durability() {
        return durability;
    }

    boolean hasFile() {
        return this != CAFFEINE && this != HASHMAP;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static KvPeerKind byId(String id) {
        List<KvPeerKind> all = Arrays.asList(values());
        return all.stream()
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Unknown store: expected one of "
                        + all.stream().map(KvPeerKind::id).toList() + ", found " + id + "."));
    }
}
