package dev.millrace.metrics;

import dev.millrace.sqlite.ShutdownHold;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Processes to be killed. {@code worker}: reports steps 0, 1, … of its threads and prints {@code ack n…}: these were reported
 * before. {@code store}: the same into the file itself, where a flush that returned true says that they are there, and it
 * imports from the workers meanwhile. {@code burst}: reports so many steps and ends. {@code stepping}: a training that is
 * asked to end while it is in a step.
 */
final class SpoolChild {
    private static final int THREADS = 4;

    private SpoolChild() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path path = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "worker" -> worker(WorkerMetrics.open(path, UUID.fromString(arguments[2]), arguments[3]));
            case "store" -> store(path, arguments[2]);
            case "burst" -> burst(path, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            case "stepping" -> stepping(path);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void worker(WorkerMetrics worker) {
        AtomicLongArray reported = report(worker, 2);
        while (true) {
            System.out.println("ack " + reported.get(0) + " " + reported.get(1));
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void store(Path file, String name) {
        MetricsStore store =
                MetricsStore.open(file, WriteQueueSettings.defaults().withFlush(500, Duration.ofMillis(20)));
        AtomicLongArray reported = report(store.startRun(name, Map.of()), THREADS);
        while (true) {
            StringBuilder line = new StringBuilder("ack");
            for (int i = 0; i < THREADS; i++) {
                line.append(' ').append(reported.get(i));
            }
            if (store.flush(Duration.ofSeconds(30))) {
                System.out.println(line);
            }
        }
    }

    private static AtomicLongArray report(Recorder recorder, int threads) {
        AtomicLongArray reported = new AtomicLongArray(threads);
        for (int i = 0; i < threads; i++) {
            int own = i;
            Thread thread = new Thread(() -> {
                for (long step = 0; ; step++) {
                    recorder.log(step, "loss" + own, (double) step);
                    reported.set(own, step + 1);
                    if (step % 50 == 0) {
                        // Leaves others some of the machine.
                        LockSupport.parkNanos(2_000_000);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        return reported;
    }

    private static void burst(Path spool, int producers, int steps) throws InterruptedException {
        Thread[] threads = new Thread[producers];
        for (int i = 0; i < producers; i++) {
            UUID run = UUID.randomUUID();
            threads[i] = new Thread(() -> {
                try (WorkerMetrics worker = WorkerMetrics.open(spool, run, "burst")) {
                    for (int step = 0; step < steps; step++) {
                        worker.log(step, "loss", step);
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("done");
    }

    private static void stepping(Path file) throws InterruptedException {
        Thread training = Thread.currentThread();
        ShutdownHold hold = ShutdownHold.take();
        Runtime.getRuntime().addShutdownHook(new Thread(training::interrupt));
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("stepping", Map.of());
            run.log(1, "loss", 1);
            store.flush(Duration.ofSeconds(30));
            System.out.println("stepping");
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException asked) {
                // The step goes on for a while, longer than any grace; then come its metrics and those of the end.
                Thread.sleep(1_500);
                training.interrupt();
                for (int step = 2; step <= 9; step++) {
                    run.log(step, "loss", step);
                }
                run.finish(RunStatus.INTERRUPTED);
            }
        }
        hold.close();
    }
}
