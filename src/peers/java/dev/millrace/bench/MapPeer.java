package dev.millrace.bench;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What memory alone can do: the ceiling of every store, which keeps nothing. */
final class MapPeer implements KvPeer {
    private final Map<String, byte[]> entries;

    private MapPeer(Map<String, byte[]> entries) {
        this.entries = entries;
    }

    static MapPeer caffeine() {
        return new MapPeer(Caffeine.newBuilder()
                .maximumSize(Integer.MAX_VALUE)
                .<String, byte[]>build()
                .asMap());
    }

    static MapPeer hashMap() {
        return new MapPeer(Collections.synchronizedMap(new HashMap<>()));
    }

    @Override
    public void put(String key, byte[] value) {
        // A copy, as a store has one: else the heap would not show what the entries take.
        entries.put(key, value.clone());
    }

    @Override
    public void putAll(List<String> keys, List<byte[]> values) {
        for (int i = 0; i < keys.size(); i++) {
            put(keys.get(i), values.get(i));
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
    public void sync() {}

    @Override
    public void close() {}
}
