package dev.millrace.bench;

import dev.millrace.kv.KvNamespace;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** This project's store. */
final class MillracePeer implements KvPeer {
    /** When the caller waits for the disk. */
    enum Waits {
        EACH_PUT,
        AT_SYNC
    }

    private final KvStore store;
    private final KvNamespace<byte[]> entries;
    private final Waits waits;
    private final Queue<CompletableFuture<Void>> open = new ConcurrentLinkedQueue<>();

    private MillracePeer(KvStore store, Waits waits) {
        this.store = store;
        this.entries = store.namespace(KvStore.DEFAULT_NAMESPACE);
        this.waits = waits;
    }

    static MillracePeer open(Path folder, PersistMode mode, Waits waits) {
        return new MillracePeer(
                KvStore.builder().setFile(file(folder)).optPersistMode(mode).build(), waits);
    }

    static MillracePeer openEncrypted(Path folder) throws IOException {
        // A key file: to derive a key from a password takes a while at each opening, and nothing after.
        Path keyFile = folder.resolve("store.key");
        if (Files.notExists(keyFile)) {
            KvSecret.newKeyFile(keyFile);
        }
        try (KvSecret secret = KvSecret.keyFile(keyFile)) {
            return new MillracePeer(
                    KvStore.builder().setFile(file(folder)).optSecret(secret).build(), Waits.EACH_PUT);
        }
    }

    static MillracePeer openWithoutHotTier(Path folder) {
        return new MillracePeer(
                KvStore.builder().setFile(file(folder)).optHotEntries(1).build(), Waits.EACH_PUT);
    }

    private static Path file(Path folder) {
        return folder.resolve("store.db");
    }

    @Override
    public void put(String key, byte[] value) {
        if (waits == Waits.AT_SYNC) {
            open.add(entries.putAsync(key, value));
        } else {
            entries.put(key, value);
        }
    }

    @Override
    public void putAll(List<String> keys, List<byte[]> values) {
        Map<String, byte[]> batch = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            batch.put(keys.get(i), values.get(i));
        }
        if (waits == Waits.AT_SYNC) {
            open.add(entries.batchPutAsync(batch));
        } else {
            entries.batchPut(batch);
        }
    }

    @Override
    public byte[] get(String key) {
        return entries.get(key);
    }

    @Override
    public List<byte[]> getAll(List<String> keys) {
        return entries.batchGet(keys);
    }

    @Override
    public void sync() {
        for (CompletableFuture<Void> put = open.poll(); put != null; put = open.poll()) {
            put.join();
        }
        store.flushWriteBuffer();
    }

    @Override
    public void close() {
        store.close();
    }
}
