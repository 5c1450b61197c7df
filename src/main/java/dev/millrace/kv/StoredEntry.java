package dev.millrace.kv;

/** An entry of a namespace, its value as bytes. */
record StoredEntry(String key, StoredValue value) {}
