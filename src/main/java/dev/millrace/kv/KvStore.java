package dev.millrace.kv;

import dev.millrace.sqlite.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** SKELETON: signatures are fixed, bodies follow. */
public final class KvStore implements AutoCloseable {
    /** The namespace of those who name none. */
    public static final String DEFAULT_NAMESPACE = "main";

    private KvStore() {}

    public static Builder builder() {
        return new Builder();
    }

    public KvNamespace<byte[]> namespace(String name) {
        throw new UnsupportedOperationException();
    }

    public <V> KvNamespace<V> namespace(String name, Codec<V> codec) {
        throw new UnsupportedOperationException();
    }

    /** Those with entries, in order of their names. */
    public List<String> namespaces() {
        throw new UnsupportedOperationException();
    }

    public boolean dropNamespace(String name) {
        throw new UnsupportedOperationException();
    }

    public void flushWriteBuffer() {
        throw new UnsupportedOperationException();
    }

    public <R> R transaction(Function<KvTransaction, R> body) {
        throw new UnsupportedOperationException();
    }

    public KvStatistics statistics() {
        throw new UnsupportedOperationException();
    }

    /** For who moves entries without knowing their types: export, import, migration. As put, in this store's mode. */
    void putStored(String namespace, String key, StoredValue value) {
        throw new UnsupportedOperationException();
    }

    /** As they are when asked for, in order of keys; to be closed. Null if the key is absent. */
    @org.jspecify.annotations.Nullable
    StoredValue getStored(String namespace, String key) {
        throw new UnsupportedOperationException();
    }

    /** Entries whose keys begin with a prefix, in order of keys; to be closed. */
    Stream<StoredEntry> storedEntries(String namespace, String prefix) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** SKELETON. */
    public static final class Builder {
        private Builder() {}

        /** Required but for MEMORY. Created if absent, unless read-only. */
        public Builder setFile(Path value) {
            return this;
        }

        /** WRITE_THROUGH by default. */
        public Builder optPersistMode(PersistMode value) {
            return this;
        }

        /** Waiting writes that make a LAZY store write them; 100 by default. */
        public Builder optBufferSize(int entries) {
            return this;
        }

        /** Longest time that a LAZY write waits; 1 s by default. */
        public Builder optFlushInterval(Duration value) {
            return this;
        }

        /** 64 MiB by default. */
        public Builder optHotBytes(long bytes) {
            return this;
        }

        /** Bounds the hot tier by entries instead. */
        public Builder optHotEntries(long entries) {
            return this;
        }

        /** Most bytes of accepted writes that are not committed; 256 MiB by default. Who puts more waits. */
        public Builder optPendingBytes(long bytes) {
            return this;
        }

        /** FULL by default. */
        public Builder optDurability(Durability value) {
            return this;
        }

        /** New values are compressed where that makes them smaller. Off by default. */
        public Builder optCompression(boolean value) {
            return this;
        }

        /** Needed to create or open an encrypted store. The caller closes it, after build at the earliest. */
        public Builder optSecret(KvSecret value) {
            return this;
        }

        /** Opens an existing file beside whoever writes to it. Writes are refused. */
        public Builder optReadOnly(boolean value) {
            return this;
        }

        public KvStore build() {
            throw new UnsupportedOperationException();
        }
    }
}
