package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.tensor.Compression;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/kv.md, which is to compile and to do what it says. */
final class KvDocumentationTest {
    @TempDir
    private Path folder;

    @Test
    void firstExample_readsWhatItPut() {
        TensorBlob embedding = TensorCodec.ofFloats(new float[] {1, 2}, Compression.NONE, 2);
        Path file = folder.resolve("features.db");
        TensorBlob one;
        List<@Nullable TensorBlob> many;
        // @start region="first"
        try (KvStore store =
                KvStore.builder().setFile(file).optPersistMode(PersistMode.LAZY).build()) {
            KvNamespace<TensorBlob> embeddings = store.namespace("embeddings", Codecs.TENSOR);
            embeddings.put("CCO", embedding);
            one = embeddings.get("CCO"); // null if absent
            many = embeddings.batchGet(List.of("CCO", "CCN")); // one query for what is not in memory
            ConcurrentMap<String, TensorBlob> map = embeddings.asMap();
            map.putIfAbsent("CCC", embedding);
        }
        // @end
        assertThat(one).isNotNull();
        assertThat(one.toBytes()).isEqualTo(embedding.toBytes());
        assertThat(many).hasSize(2).endsWith((TensorBlob) null);
    }

    @Test
    void transactionExample_countsFromAnAbsentKeyOn() {
        try (KvStore store = KvTests.writeThrough(folder.resolve("store.db"))) {
            KvNamespace<Integer> counters = store.namespace("counters", Codecs.json(Integer.class));
            KvNamespace<String> names = store.namespace("names", Codecs.TEXT);
            String key = "key";
            String name = "name";
            for (int expected = 1; expected <= 3; expected++) {
                // @start region="transaction"
                // Other writers wait meanwhile, readers do not.
                int counted = store.transaction(tx -> {
                    Integer seen = tx.get(counters, "seen");
                    int count = seen == null ? 1 : seen + 1;
                    tx.put(counters, "seen", count);
                    tx.put(names, key, name);
                    return count;
                });
                // @end
                assertThat(counted).isEqualTo(expected);
            }
            assertThat(names.get(key)).isEqualTo(name);
        }
    }

    @Test
    void encryptionExample_staysOpenWhenTheSecretIsClosed() throws Exception {
        Path file = folder.resolve("secrets.db");
        char[] password = "correct horse".toCharArray();
        KvStore store;
        // @start region="encryption"
        try (KvSecret secret = KvSecret.password(password)) { // or KvSecret.keyFile(path): 32 bytes, mode 0600
            store = KvStore.builder().setFile(file).optSecret(secret).build();
        }
        // @end
        try (store) {
            KvNamespace<String> texts = store.namespace("texts", Codecs.TEXT);
            texts.put("key", "nobody reads this");
            assertThat(texts.get("key")).isEqualTo("nobody reads this");
        }
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .doesNotContain("nobody reads this");
    }
}
