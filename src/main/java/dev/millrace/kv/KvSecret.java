package dev.millrace.kv;

/** SKELETON: what opens an encrypted store, a password or the bytes of a key file. */
public final class KvSecret implements AutoCloseable {
    private KvSecret() {}

    @Override
    public void close() {}
}
