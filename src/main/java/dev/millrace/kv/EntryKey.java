package dev.millrace.kv;

/**
 * What an entry is found by in memory.
 *
 * @param namespaceId never used again for another namespace while the store is open
 */
record EntryKey(int namespaceId, String key) {}
