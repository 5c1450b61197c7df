package dev.millrace.metrics;

import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A run whose four metrics grow as fast as they can. Prints {@code ack n}: the first n steps were logged before a flush that
 * returned true.
 */
final class MetricsChild {
    private MetricsChild() {}

    public static void main(String[] arguments) {
        MetricsStore store = MetricsStore.open(
                Path.of(arguments[0]),
                WriteQueueSettings.defaults()
                        .withFlush(300, Duration.ofSeconds(1))
                        .withOverload(WriteQueueSettings.Overload.DROP, Duration.ofMinutes(1)));
        Run run = store.startRun("killed", Map.of("round", arguments[1]));
        AtomicLong logged = new AtomicLong();
        Thread producer = new Thread(() -> log(run, logged));
        producer.setDaemon(true);
        producer.start();
        while (true) {
            long before = logged.get();
            if (store.flush(Duration.ofSeconds(30))) {
                System.out.println("ack " + before);
            }
        }
    }

    private static void log(Run run, AtomicLong logged) {
        for (long step = 0; ; step++) {
            run.logAll(step, Map.of("loss", 1.0 / (step + 1), "cosine", step, "learning_rate", Double.NaN));
            run.epochMetric("loss", (double) step, 0, (int) step, "train");
            logged.set(step + 1);
            if (step % 200 == 0) {
                // Leaves the writer some of the machine.
                LockSupport.parkNanos(2_000_000);
            }
        }
    }
}
