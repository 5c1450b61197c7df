package dev.millrace.kv;

/** What a put promises when it returns. */
public enum PersistMode {
    /** Nothing is stored in a file: a bounded cache that forgets what has no room. */
    MEMORY,
    /**
     * Put returns at once; a background writer stores what waits: {@code bufferSize} entries, or what has waited for the flush
     * interval. Killed, the file holds a prefix of what was put. {@link KvStore#flushWriteBuffer} and closing store the rest.
     */
    LAZY,
    /** Put returns when the entry is committed, together with those of other threads that wait at the same time. */
    WRITE_THROUGH
}
