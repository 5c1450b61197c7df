package dev.millrace.kv;

/** One namespace of an open store: its name, and the number that stands for it. */
record Namespace(int id, String name) {
    /** Of a namespace that a reader did not find. */
    static final int ABSENT = 0;

    EntryKey entry(String key) {
        return new EntryKey(id, key);
    }
}
