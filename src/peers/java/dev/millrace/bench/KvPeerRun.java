package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** One store measured once, in a process of its own. Every entry is read back and compared, or there is no figure. */
final class KvPeerRun {
    /** What is measured, in the order of the table. */
    enum Measure {
        SINGLE("put one by one, /s"),
        BATCH("batches of 1,000, entries/s"),
        THREADS("16 threads, /s"),
        COLD_GET("get, cold, /s"),
        WARM_GET("get, warm, /s"),
        GET_MANY("get of 1,000, keys/s"),
        FILE_MB("file, MB"),
        HEAP_MB("heap, MB");

        private final String title;

        Measure(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        /** Whether less is better, of the figures that are no rate. */
        boolean lessIsBetter() {
            return this == FILE_MB || this == HEAP_MB;
        }
    }

    private static final int BATCH = 1_000;
    private static final int THREADS = 16;
    private static final int COLD_GETS = 10_000;
    private static final int WARM_UP_ENTRIES = 5_000;
    private static final double WARM_UP_SECONDS = 1;
    private static final double MEGABYTE = 1e6;

    private final KvPeerKind kind;
    private final Path folder;
    private final double mostSeconds;
    private final Map<Measure, Double> figures = new EnumMap<>(Measure.class);

    private KvPeerRun(KvPeerKind kind, Path folder, double mostSeconds) {
        this.kind = kind;
        this.folder = folder;
        this.mostSeconds = mostSeconds;
    }

    /**
     * All figures of one store; those that it has no use for are absent.
     *
     * @param seconds after which puts that are each waited for are ended; the rate is that of those made
     */
    static Map<Measure, Double> measure(KvPeerKind kind, Path folder, int entries, int valueBytes, double seconds)
            throws Exception {
        // The first thousands of calls are interpreted; they are made on a small store that is thrown away.
        new KvPeerRun(kind, folder.resolve("warm-up"), Math.min(seconds, WARM_UP_SECONDS))
                .run(KvPeerData.of(Math.min(entries, WARM_UP_ENTRIES), valueBytes));
        KvPeerRun run = new KvPeerRun(kind, folder.resolve("run"), seconds);
        run.run(KvPeerData.of(entries, valueBytes));
        return run.figures;
    }

    private void run(KvPeerData data) throws Exception {
        KvPeerData reading = data.shuffled();
        write(Measure.SINGLE, "single", data, this::putOneByOne);
        write(Measure.THREADS, "threads", data, this::putFromThreads);
        Path store = write(Measure.BATCH, "batch", data, this::putBatches);
        long before = usedHeap();
        if (kind.hasFile() && PageCache.drop(store)) {
            try (KvPeer peer = kind.open(store)) {
                figures.put(Measure.COLD_GET, get(peer, reading.part(0, Math.min(COLD_GETS, reading.size()))));
            }
        }
        try (KvPeer peer = kind.open(store)) {
            if (!kind.hasFile()) {
                putBatches(peer, data);
            }
            requireAll(peer, reading);
            figures.put(Measure.WARM_GET, get(peer, reading));
            figures.put(Measure.GET_MANY, getMany(peer, reading));
            figures.put(Measure.HEAP_MB, Math.max(0, usedHeap() - before) / MEGABYTE);
        }
        if (kind.hasFile()) {
            figures.put(Measure.FILE_MB, sizeOf(store) / MEGABYTE);
        }
        BenchParts.remove(folder);
    }

    /** Time until all of it is on the disk, whatever a single put promises: so all stores end in the same state. */
    private Path write(Measure measure, String name, KvPeerData data, Writing writing) throws Exception {
        Path store = Files.createDirectories(folder.resolve(name));
        KvPeerData written;
        try (KvPeer peer = kind.open(store)) {
            long start = System.nanoTime();
            written = data.part(0, writing.write(peer, data));
            peer.sync();
            figures.put(measure, perSecond(written.size(), start));
            requireAll(peer, written);
        }
        if (kind.hasFile()) {
            try (KvPeer again = kind.open(store)) {
                requireAll(again, written);
            }
        }
        return store;
    }

    private int putOneByOne(KvPeer peer, KvPeerData data) throws Exception {
        long start = System.nanoTime();
        int made = 0;
        while (made < data.size() && MetricsWriteBench.seconds(start) < mostSeconds) {
            peer.put(data.key(made), data.value(made));
            made++;
        }
        return made;
    }

    private int putBatches(KvPeer peer, KvPeerData data) throws Exception {
        for (int from = 0; from < data.size(); from += BATCH) {
            KvPeerData batch = data.part(from, Math.min(data.size(), from + BATCH));
            peer.putAll(batch.keys(), batch.values());
        }
        return data.size();
    }

    private int putFromThreads(KvPeer peer, KvPeerData data) throws Exception {
        AtomicReference<Exception> failed = new AtomicReference<>();
        AtomicInteger next = new AtomicInteger();
        long start = System.nanoTime();
        MetricsWriteBench.onThreads(THREADS, thread -> {
            try {
                while (MetricsWriteBench.seconds(start) < mostSeconds) {
                    int taken = next.getAndIncrement();
                    if (taken >= data.size()) {
                        return;
                    }
                    peer.put(data.key(taken), data.value(taken));
                }
            } catch (Exception e) {
                failed.compareAndSet(null, e);
            }
        });
        if (failed.get() != null) {
            throw new IllegalStateException("A thread could not put into " + kind.title(), failed.get());
        }
        return Math.min(next.get(), data.size());
    }

    private double get(KvPeer peer, KvPeerData data) throws Exception {
        long start = System.nanoTime();
        requireAll(peer, data);
        return perSecond(data.size(), start);
    }

    private double getMany(KvPeer peer, KvPeerData data) throws Exception {
        List<KvPeerData> batches = new ArrayList<>();
        for (int from = 0; from < data.size(); from += BATCH) {
            batches.add(data.part(from, Math.min(data.size(), from + BATCH)));
        }
        long start = 0;
        for (int pass = 0; pass < 2; pass++) {
            // The first pass warms up.
            start = System.nanoTime();
            for (KvPeerData batch : batches) {
                List<byte[]> found = peer.getAll(batch.keys());
                for (int i = 0; i < batch.size(); i++) {
                    require(batch, i, found.get(i));
                }
            }
        }
        return perSecond(data.size(), start);
    }

    private void requireAll(KvPeer peer, KvPeerData data) throws Exception {
        for (int i = 0; i < data.size(); i++) {
            require(data, i, peer.get(data.key(i)));
        }
    }

    private void require(KvPeerData data, int i, byte[] found) {
        if (!Arrays.equals(data.value(i), found)) {
            throw new IllegalStateException("The benchmark is void: expected of " + kind.title() + " the value put as "
                    + data.key(i) + ", found " + (found == null ? "none" : "another") + ".");
        }
    }

    private static double perSecond(int count, long sinceNanos) {
        return count / MetricsWriteBench.seconds(sinceNanos);
    }

    private static long usedHeap() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
            // Caches do their cleaning up on threads of their own.
            Thread.sleep(50);
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long sizeOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }

    private interface Writing {
        /** How many of the entries were put, from the first on. */
        int write(KvPeer peer, KvPeerData data) throws Exception;
    }
}
