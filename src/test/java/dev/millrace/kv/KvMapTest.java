package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;
import static dev.millrace.kv.KvTests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A namespace as a ConcurrentMap. */
@ParameterizedClass
@EnumSource
final class KvMapTest {
    @TempDir
    private Path folder;

    @Parameter
    private PersistMode mode;

    private KvStore store;
    private ConcurrentMap<String, byte[]> map;

    @BeforeEach
    void open() {
        KvStoreBuilder builder = KvStore.builder().optPersistMode(mode).optFlushInterval(Duration.ofMillis(5));
        store = (mode == PersistMode.MEMORY ? builder : builder.setFile(folder.resolve("store.db"))).build();
        map = store.namespace("entries").asMap();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    @SuppressWarnings("CollectionIncompatibleType") // what a map answers to that
    void put_andRemove_tellWhatWasThere() {
        assertThat(map).isEmpty();
        assertThat(map.put("a", bytes("1"))).isNull();
        assertThat(text(map.put("a", bytes("2")))).isEqualTo("1");
        assertThat(map.containsKey("a")).isTrue();
        assertThat(map.size()).isEqualTo(1);
        assertThat(text(map.getOrDefault("a", bytes("x")))).isEqualTo("2");
        assertThat(text(map.getOrDefault("b", bytes("x")))).isEqualTo("x");
        assertThat(text(map.remove("a"))).isEqualTo("2");
        assertThat(map.remove("a")).isNull();
        assertThat(map.isEmpty()).isTrue();
        assertThat(map.get(7)).as("no key").isNull();
        assertThat(map.remove((Object) 7)).isNull();
        assertThat(map.containsKey(7)).isFalse();
        assertThatThrownBy(() -> map.put("a", null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void conditionalOnes_compareBytes() {
        assertThat(map.putIfAbsent("a", bytes("1"))).isNull();
        assertThat(text(map.putIfAbsent("a", bytes("2")))).isEqualTo("1");
        assertThat(map.replace("a", bytes("2"), bytes("3"))).isFalse();
        assertThat(map.replace("a", bytes("1"), bytes("3"))).isTrue();
        assertThat(map.replace("a", bytes("3"), bytes("3")))
                .as("the same again")
                .isTrue();
        assertThat(text(map.replace("a", bytes("4")))).isEqualTo("3");
        assertThat(map.replace("b", bytes("4"))).isNull();
        assertThat(map.replace("b", bytes("4"), bytes("5"))).isFalse();
        assertThat(map.containsKey("b")).isFalse();
        assertThat(map.remove("a", bytes("x"))).isFalse();
        assertThat(map.remove("a", "no bytes")).isFalse();
        assertThat(map.remove("b", bytes("x"))).isFalse();
        assertThat(map.remove("a", bytes("4"))).isTrue();
        assertThat(map).isEmpty();
    }

    @Test
    void computingOnes_putReplaceAndRemove() {
        assertThat(text(map.computeIfAbsent("a", key -> bytes(key + "1")))).isEqualTo("a1");
        assertThat(text(map.computeIfAbsent("a", key -> bytes("never")))).isEqualTo("a1");
        assertThat(map.computeIfAbsent("none", key -> null)).isNull();
        assertThat(map.computeIfPresent("b", (key, before) -> bytes("never"))).isNull();
        assertThat(text(map.computeIfPresent("a", (key, before) -> bytes(text(before) + "2"))))
                .isEqualTo("a12");
        assertThat(text(map.compute("c", (key, before) -> bytes(before == null ? "new" : "old"))))
                .isEqualTo("new");
        assertThat(map.compute("c", (key, before) -> null)).isNull();
        assertThat(map.compute("c", (key, before) -> null)).isNull();
        assertThat(text(map.merge("d", bytes("1"), (left, right) -> bytes("never"))))
                .isEqualTo("1");
        assertThat(text(map.merge("d", bytes("2"), (left, right) -> bytes(text(left) + text(right)))))
                .isEqualTo("12");
        assertThat(map.merge("d", bytes("2"), (left, right) -> null)).isNull();
        assertThat(map.computeIfPresent("a", (key, before) -> null)).isNull();
        assertThat(map).isEmpty();
        assertThatThrownBy(() -> map.compute("a", (key, before) -> {
                    throw new UnsupportedOperationException();
                }))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void compute_fromFourThreads_losesNoIncrement() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int n = 0; n < 250; n++) {
                    map.compute(
                            "count",
                            (key, before) ->
                                    bytes(Integer.toString(before == null ? 1 : Integer.parseInt(text(before)) + 1)));
                    map.merge("merged", bytes("x"), (left, right) -> bytes(text(left) + text(right)));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(text(map.get("count"))).isEqualTo("1000");
        assertThat(map.get("merged")).hasSize(1_000);
    }

    @Test
    @SuppressWarnings("CollectionIncompatibleType") // what a map answers to that
    void views_compareValuesByTheirBytes() {
        map.putAll(Map.of("a", bytes("1"), "b", bytes("2")));
        assertThat(map.containsValue(bytes("1"))).isTrue();
        assertThat(map.containsValue(bytes("3"))).isFalse();
        assertThat(map.containsValue("1")).isFalse();
        assertThat(map.values().contains(bytes("2"))).isTrue();
        assertThat(map.entrySet().contains(Map.entry("a", bytes("1")))).isTrue();
        assertThat(map.entrySet().contains(Map.entry("a", bytes("2")))).isFalse();
        assertThat(map.entrySet().contains(Map.entry(1, bytes("1")))).isFalse();
        assertThat(map.equals(Map.of("a", bytes("1"), "b", bytes("2")))).isTrue();
        assertThat(map.equals(Map.of("a", bytes("1"), "b", bytes("1")))).isFalse();
        assertThat(map.equals(Map.of("a", bytes("1"), "c", bytes("2")))).isFalse();
        assertThat(map.equals(Map.of("a", bytes("1")))).isFalse();
        ConcurrentMap<String, byte[]> same = store.namespace("entries").asMap();
        assertThat(map.equals(same)).isTrue();
        assertThat(map.hashCode()).isEqualTo(same.hashCode());
        assertThat(store.namespace("texts", Codecs.TEXT).asMap().hashCode()).isZero();
        assertThat(map.entrySet().remove(Map.entry("a", bytes("2")))).isFalse();
        assertThat(map.entrySet().remove(Map.entry("a", bytes("1")))).isTrue();
        assertThat(map.values().remove(bytes("1"))).isFalse();
        assertThat(map.values().remove(bytes("2"))).isTrue();
        assertThat(map.isEmpty()).isTrue();
        Map<String, String> texts = Map.of("a", "1", "b", "2");
        ConcurrentMap<String, String> stored =
                store.namespace("texts", Codecs.TEXT).asMap();
        stored.putAll(texts);
        assertThat(stored.equals(texts) && texts.equals(stored)).isTrue();
        assertThat(stored.hashCode()).isEqualTo(texts.hashCode());
    }

    @Test
    void iterators_removeAndSetValue_writeThrough() {
        map.putAll(Map.of("a", bytes("1"), "b", bytes("2"), "c", bytes("3")));
        Iterator<Map.Entry<String, byte[]>> iterator = map.entrySet().iterator();
        assertThatThrownBy(iterator::remove).isInstanceOf(IllegalStateException.class);
        Map.Entry<String, byte[]> first = iterator.next();
        assertThat(text(first.setValue(bytes("changed")))).isEqualTo("1");
        assertThat(text(first.getValue())).isEqualTo("changed");
        assertThat(text(map.get("a"))).isEqualTo("changed");
        assertThat(iterator.next().getKey()).isEqualTo("b");
        assertThat(iterator.hasNext()).isTrue();
        iterator.remove();
        assertThatThrownBy(iterator::remove).isInstanceOf(IllegalStateException.class);
        assertThat(iterator.next().getKey()).isEqualTo("c");
        assertThat(iterator.hasNext()).isFalse();
        assertThat(map.keySet()).containsExactly("a", "c");
        assertThat(map.keySet().remove("c")).isTrue();
        assertThat(map.values()).hasSize(1);
        map.replaceAll((key, value) -> bytes(key + text(value)));
        assertThat(text(map.get("a"))).isEqualTo("achanged");
        map.entrySet().clear();
        assertThat(map.size()).isZero();
        map.put("a", bytes("1"));
        map.clear();
        assertThat(map.keySet()).isEmpty();
    }
}
