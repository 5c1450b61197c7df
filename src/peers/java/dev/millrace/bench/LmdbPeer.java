package dev.millrace.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/** LMDB: one write transaction at a time, each synced by itself, and reads straight from the mapped file. */
final class LmdbPeer implements KvPeer {
    private static final long LARGEST_FILE = 8L << 30;
    private static final int READERS = 64;

    private final Env<ByteBuffer> store;
    private final Dbi<ByteBuffer> entries;

    LmdbPeer(Path folder, boolean synced) {
        this.store = Env.create()
                .setMapSize(LARGEST_FILE)
                .setMaxDbs(1)
                .setMaxReaders(READERS)
                .open(folder.toFile(), synced ? new EnvFlags[0] : new EnvFlags[] {EnvFlags.MDB_NOSYNC});
        this.entries = store.openDbi("entry", DbiFlags.MDB_CREATE);
    }

    @Override
    public void put(String key, byte[] value) {
        putAll(List.of(key), List.of(value));
    }

    @Override
    public void putAll(List<String> keys, List<byte[]> values) {
        ByteBuffer key = ByteBuffer.allocateDirect(store.getMaxKeySize());
        try (Txn<ByteBuffer> transaction = store.txnWrite()) {
            for (int i = 0; i < keys.size(); i++) {
                byte[] value = values.get(i);
                // The room for the value is in the mapped file itself.
                entries.reserve(transaction, filled(key, keys.get(i)), value.length)
                        .put(value);
            }
            transaction.commit();
        }
    }

    @Override
    public byte[] get(String key) {
        return getAll(List.of(key)).get(0);
    }

    @Override
    public List<byte[]> getAll(List<String> keys) {
        List<byte[]> values = new ArrayList<>(keys.size());
        ByteBuffer key = ByteBuffer.allocateDirect(store.getMaxKeySize());
        try (Txn<ByteBuffer> transaction = store.txnRead()) {
            for (String each : keys) {
                ByteBuffer found = entries.get(transaction, filled(key, each));
                byte[] value = found == null ? null : new byte[found.remaining()];
                if (value != null) {
                    found.get(value);
                }
                values.add(value);
            }
        }
        return values;
    }

    @Override
    public void sync() {
        store.sync(true);
    }

    @Override
    public void close() {
        store.close();
    }

    private static ByteBuffer filled(ByteBuffer room, String key) {
        return room.clear().put(key.getBytes(StandardCharsets.UTF_8)).flip();
    }
}
