package dev.millrace.monitor;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/** What NVIDIA's driver calls the GPUs of this machine. */
public final class GpuNames {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private GpuNames() {}

    /**
     * The names in the driver's order, whatever {@code CUDA_VISIBLE_DEVICES} says. Empty where there are none, or where the driver does
     * not answer within two seconds. Thread-safe.
     */
    public static List<String> ofThisMachine() {
        AtomicReference<List<String>> names = new AtomicReference<>(List.of());
        // In a thread of its own, because a driver may hang in a call.
        Thread asking = new Thread(() -> names.set(ask()), "millrace-gpu-names");
        asking.setDaemon(true);
        asking.start();
        MonitorThread.join(asking, PATIENCE);
        return Objects.requireNonNullElse(names.get(), List.of());
    }

    private static List<String> ask() {
        Map<Integer, String> names = new TreeMap<>();
        try (GpuSource source = GpuWatch.ofThisMachine(PATIENCE).get()) {
            if (source != null) {
                for (GpuReading reading : source.read()) {
                    names.put(reading.index(), reading.name());
                }
            }
        } catch (IOException | RuntimeException | LinkageError none) {
            // A machine whose driver cannot be asked is one without a GPU, for who reads this.
            return List.of();
        }
        return new ArrayList<>(names.values());
    }
}
