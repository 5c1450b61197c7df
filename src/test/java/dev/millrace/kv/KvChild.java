package dev.millrace.kv;

import static dev.millrace.kv.KvTests.bytes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Writes to a store until it is killed and prints what the store has promised, a line each. What it does follows from its
 * arguments, so that {@link KvKillTest} knows it too.
 */
final class KvChild {
    static final int THREADS = 4;
    static final int KEYS = 50;
    static final int BATCH = 7;

    private KvChild() {}

    /** What the child does. */
    enum Work {
        /** Four threads, each with its own keys, put and remove; "thread n" when the n-th returned. */
        PUT(PersistMode.WRITE_THROUGH),
        /** One thread that does not wait; "0 n" when the n-th future is completed. */
        ASYNC(PersistMode.WRITE_THROUGH),
        /** One thread in lazy mode; "0 n" when a flush after the n-th returned. */
        LAZY(PersistMode.LAZY),
        /** Two threads of transactions and two of batches, each over all keys of its own; "thread n" when the n-th returned. */
        TOGETHER(PersistMode.WRITE_THROUGH);

        final PersistMode mode;

        Work(PersistMode mode) {
            this.mode = mode;
        }
    }

    /**
     * The n-th thing that a thread does to one key.
     *
     * @param value null to remove it
     */
    record Step(String key, String value) {
        static Step of(long seed, int thread, long n) {
            Random random = new Random(seed * 1_000_003 + thread * 7_919L + n * 104_729);
            random.nextInt();
            String key = "key " + random.nextInt(KEYS);
            boolean removes = random.nextInt(5) == 0;
            return new Step(key, removes ? null : KvChild.value(thread, n, random.nextInt(300)));
        }
    }

    static String value(int thread, long n, int padding) {
        return thread + ":" + n + ":" + "x".repeat(padding);
    }

    /** Namespace of what a thread writes. */
    static String namespace(int thread) {
        return "thread " + thread;
    }

    public static void main(String[] arguments) throws InterruptedException {
        Work work = Work.valueOf(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        KvStore store = KvStore.builder()
                .setFile(Path.of(arguments[0]))
                .optPersistMode(work.mode)
                .optBufferSize(20)
                .optFlushInterval(Duration.ofMillis(50))
                .optHotEntries(seed % 2 == 0 ? 5 : 1_000)
                .build();
        int threads = work == Work.PUT || work == Work.TOGETHER ? THREADS : 1;
        for (int i = 0; i < threads; i++) {
            int thread = i;
            Thread writer = new Thread(() -> {
                KvNamespace<byte[]> entries = store.namespace(namespace(thread));
                for (long n = 1; ; n++) {
                    switch (work) {
                        case PUT -> put(entries, seed, thread, n);
                        case ASYNC -> putAsync(entries, seed, n);
                        case LAZY -> putLazily(store, entries, seed, n);
                        case TOGETHER -> putTogether(store, entries, thread, n);
                    }
                }
            });
            writer.start();
        }
        Thread.sleep(60_000);
        System.exit(1);
    }

    private static void put(KvNamespace<byte[]> entries, long seed, int thread, long n) {
        Step step = Step.of(seed, thread, n);
        if (step.value() == null) {
            entries.remove(step.key());
        } else {
            entries.put(step.key(), bytes(step.value()));
        }
        acknowledge(thread, n);
    }

    private static void putAsync(KvNamespace<byte[]> entries, long seed, long n) {
        Step step = Step.of(seed, 0, n);
        CompletableFuture<?> done = step.value() == null
                ? entries.removeAsync(step.key())
                : entries.putAsync(step.key(), bytes(step.value()));
        // A removal of what is not there has nothing to wait for.
        CompletableFuture<Void> told = done.thenAccept(result -> {
            if (!Boolean.FALSE.equals(result)) {
                acknowledge(0, n);
            }
        });
        if (n % 100 == 0) {
            told.join();
        }
    }

    private static void putLazily(KvStore store, KvNamespace<byte[]> entries, long seed, long n) {
        Step step = Step.of(seed, 0, n);
        if (step.value() == null) {
            entries.remove(step.key());
        } else {
            entries.put(step.key(), bytes(step.value()));
        }
        if (n % 251 == 0) {
            store.flushWriteBuffer();
            acknowledge(0, n);
        }
    }

    private static void putTogether(KvStore store, KvNamespace<byte[]> entries, int thread, long n) {
        Map<String, byte[]> batch = new LinkedHashMap<>();
        for (int i = 0; i < BATCH; i++) {
            batch.put("key " + i, bytes(value(thread, n, i * 100)));
        }
        if (thread % 2 == 0) {
            entries.batchPut(batch);
        } else {
            store.<Object>transaction(transaction -> {
                // Every second one of them is taken away and put again, all in one.
                transaction.remove(entries, "key 3");
                batch.forEach((key, value) -> transaction.put(entries, key, value));
                return "";
            });
        }
        acknowledge(thread, n);
    }

    private static void acknowledge(int thread, long n) {
        System.out.println(thread + " " + n);
    }
}
