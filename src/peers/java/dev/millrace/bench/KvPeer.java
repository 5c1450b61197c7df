package dev.millrace.bench;

import java.util.List;

/**
 * One key-value store, opened by {@link KvPeerKind#open}. Puts and gets may come from several threads.
 *
 * <p>How durable a put is when it returns is the kind's; after {@link #sync} all stores have everything on the disk.
 */
interface KvPeer extends AutoCloseable {
    void put(String key, byte[] value) throws Exception;

    /** One batch: in one transaction where the store has them. */
    void putAll(List<String> keys, List<byte[]> values) throws Exception;

    /** Null if the key is absent. */
    byte[] get(String key) throws Exception;

    /** The values in the order of the keys, by the store's own way to ask for many. */
    List<byte[]> getAll(List<String> keys) throws Exception;

    /** Everything put so far is on the disk, as far as the store has one. */
    void sync() throws Exception;

    @Override
    void close();
}
