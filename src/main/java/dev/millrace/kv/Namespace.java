package dev.millrace.kv;

/** One namespace of an open store: its name, and the number that stands for it. */
record Namespace(int id, String name) {
    /** Of a namespace that another process writes to: looked up with each reading. */
    static final int ABSENT = 0;

    EntryKey entry(String key) {
        return new EntryKey(id, key);
    }
}
