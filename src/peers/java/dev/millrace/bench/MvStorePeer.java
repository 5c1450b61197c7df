package dev.millrace.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** H2's store without its SQL. */
final class MvStorePeer implements KvPeer {
    private final MVStore store;
    private final MVMap<String, byte[]> entries;
    private final boolean synced;

    MvStorePeer(Path folder, boolean synced) {
        MVStore.Builder builder =
                new MVStore.Builder().fileName(folder.resolve("h2.mv.db").toString());
        this.store = (synced ? builder.autoCommitDisabled() : builder).open();
        this.entries = store.openMap("entry");
        this.synced = synced;
    }

    @Override
    public void put(String key, byte[] value) {
        entries.put(key, value);
        if (synced) {
            sync();
        }
    }

    @Override
    public void putAll(List<String> keys, List<byte[]> values) {
        for (int i = 0; i < keys.size(); i++) {
            entries.put(keys.get(i), values.get(i));
        }
        if (synced) {
            sync();
        }
    }

    @Override
    public byte[] get(String key) {
        return entries.get(key);
    }

    @Override
    public List<byte[]> getAll(List<String> keys) {
        List<byte[]> values = new ArrayList<>(keys.size());
        for (String key : keys) {
            values.add(entries.get(key));
        }
        return values;
    }

    @Override
    public void sync() {
        store.commit();
        store.sync();
    }

    @Override
    public void close() {
        store.close();
    }
}
