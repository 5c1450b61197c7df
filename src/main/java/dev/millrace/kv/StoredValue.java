package dev.millrace.kv;

/**
 * A value as bytes and what they are: neither compressed nor encrypted.
 *
 * @param bytes not to be changed
 */
record StoredValue(Codecs.Format format, byte[] bytes) {}
