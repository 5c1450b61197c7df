package dev.millrace.kv;

/**
 * What a store has done since it was opened, and what waits. Immutable.
 *
 * @param hits reads answered from memory, pending writes among them
 * @param misses reads that went to the file
 * @param hotEntries entries in the hot tier
 * @param hotBytes their keys and values, estimated
 * @param evictions entries that left the hot tier for want of room
 * @param dirty keys whose newest value is not committed
 * @param pending writes that wait to be committed
 * @param pendingBytes memory that they take
 * @param flushes transactions committed
 * @param written writes committed
 * @param refused writes that the file took under no circumstances, told to who waited for them or by the next flush
 * @param failedFlushes transactions that failed and were tried again
 */
public record KvStatistics(
        long hits,
        long misses,
        long hotEntries,
        long hotBytes,
        long evictions,
        long dirty,
        long pending,
        long pendingBytes,
        long flushes,
        long written,
        long refused,
        long failedFlushes) {}
