package dev.millrace.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB with its default settings. */
final class RocksPeer implements KvPeer {
    private final Options options;
    private final WriteOptions write;
    private final RocksDB store;

    RocksPeer(Path folder, boolean synced) throws RocksDBException {
        RocksDB.loadLibrary();
        this.options = new Options().setCreateIfMissing(true);
        this.write = new WriteOptions().setSync(synced);
        this.store = RocksDB.open(options, folder.resolve("rocks").toString());
    }

    @Override
    public void put(String key, byte[] value) throws RocksDBException {
        store.put(write, bytes(key), value);
    }

    @Override
    public void putAll(List<String> keys, List<byte[]> values) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (int i = 0; i < keys.size(); i++) {
                batch.put(bytes(keys.get(i)), values.get(i));
            }
            store.write(write, batch);
        }
    }

    @Override
    public byte[] get(String key) throws RocksDBException {
        return store.get(bytes(key));
    }

    @Override
    public List<byte[]> getAll(List<String> keys) throws RocksDBException {
        List<byte[]> asked = new ArrayList<>(keys.size());
        for (String key : keys) {
            asked.add(bytes(key));
        }
        return store.multiGetAsList(asked);
    }

    @Override
    public void sync() throws RocksDBException {
        store.flushWal(true);
    }

    @Override
    public void close() {
        store.close();
        write.close();
        options.close();
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }
}
