package dev.millrace.metrics;

import dev.millrace.sqlite.SchemaUpgrade;
import java.nio.file.Path;

/** Upgrades a file; killed meanwhile by a test. */
final class UpgradeChild {
    private UpgradeChild() {}

    public static void main(String[] arguments) {
        System.out.println("begin");
        SchemaUpgrade.run(Path.of(arguments[0]), MetricsSchema.SCHEMA);
        System.out.println("done");
    }
}
