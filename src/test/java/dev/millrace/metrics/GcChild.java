package dev.millrace.metrics;

import java.nio.file.Path;

/** Removes all but the latest run of a file and vacuums it; killed meanwhile by a test. */
final class GcChild {
    private GcChild() {}

    public static void main(String[] arguments) {
        System.out.println("begin");
        new MetricsRetention(1, null, true, true).apply(Path.of(arguments[0]));
        System.out.println("done");
    }
}
