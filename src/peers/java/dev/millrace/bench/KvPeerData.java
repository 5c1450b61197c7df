package dev.millrace.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * The entries that all stores get: keys {@code key-00000000} and so on in a random order, values of random bytes. Immutable.
 */
final class KvPeerData {
    private static final long SEED = 7;

    private final List<String> keys;
    private final List<byte[]> values;

    private KvPeerData(List<String> keys, List<byte[]> values) {
        this.keys = keys;
        this.values = values;
    }

    static KvPeerData of(int entries, int valueBytes) {
        Random random = new Random(SEED);
        List<String> keys = new ArrayList<>(entries);
        List<byte[]> values = new ArrayList<>(entries);
        for (int i = 0; i < entries; i++) {
            keys.add(String.format(Locale.ROOT, "key-%08d", i));
            byte[] value = new byte[valueBytes];
            random.nextBytes(value);
            values.add(value);
        }
        Collections.shuffle(keys, random);
        return new KvPeerData(keys, values);
    }

    int size() {
        return keys.size();
    }

    String key(int i) {
        return keys.get(i);
    }

    byte[] value(int i) {
        return values.get(i);
    }

    /** Entries {@code from} to before {@code to}. */
    KvPeerData part(int from, int to) {
        return new KvPeerData(keys.subList(from, to), values.subList(from, to));
    }

    List<String> keys() {
        return keys;
    }

    List<byte[]> values() {
        return values;
    }

    /** The same entries in another order, that of reading. */
    KvPeerData shuffled() {
        List<Integer> order = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(SEED + 1));
        List<String> otherKeys = new ArrayList<>(size());
        List<byte[]> otherValues = new ArrayList<>(size());
        for (int i : order) {
            otherKeys.add(keys.get(i));
            otherValues.add(values.get(i));
        }
        return new KvPeerData(otherKeys, otherValues);
    }
}
