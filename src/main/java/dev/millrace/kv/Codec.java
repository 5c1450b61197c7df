package dev.millrace.kv;

/**
 * How values of one type are stored as bytes. The codec of every value is stored beside it, so that it is never read as
 * something else. Codecs never name Java classes in the file: reading cannot run code.
 *
 * <p>Immutable and thread-safe.
 *
 * @param <V> type of the values
 * @see Codecs
 */
public interface Codec<V> {
    /** The kind of bytes, as stored beside the value. */
    Codecs.Format format();

    /**
     * The bytes of a value, not shared with it: neither side changes when the other is written to.
     *
     * @throws IllegalArgumentException if the value cannot be stored, saying why
     */
    byte[] encode(V value);

    /**
     * The value of bytes, which are not changed and, unless the value cannot be changed either, not shared with it.
     *
     * @throws IllegalArgumentException if the bytes are not of this codec, saying why
     */
    V decode(byte[] bytes);
}
