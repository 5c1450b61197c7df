package dev.millrace.cli;

import dev.millrace.central.CentralSettings;
import dev.millrace.cli.ConfigBinder.Between;
import dev.millrace.cli.ConfigBinder.Fallback;
import dev.millrace.monitor.MonitorSettings;
import dev.millrace.sqlite.WriteQueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code metrics} of a configuration: what a run reports about itself. Immutable.
 *
 * @param enabled whether there is a metrics file at all
 * @param monitor whether machine and processes are watched
 * @param monitorIntervalSeconds time between two samples
 * @param tags words to find the run by
 * @param bufferSize records that start a write before {@code flushSeconds} are over
 * @param flushSeconds longest time that a record waits to be written
 * @param centralUrl a PostgreSQL database to copy to while training; null for none
 * @param centralPasswordEnv the environment variable with its password
 */
record MetricsSection(
        @Fallback("true") boolean enabled,
        @Fallback("true") boolean monitor,
        @Fallback("1") @Between(min = 0.05, max = 3600) double monitorIntervalSeconds,
        @Nullable List<String> tags,
        @Fallback("4096") @Between(min = 1, max = 65_536) int bufferSize,

        @Fallback("1") @Between(min = 0, max = 3600, openMin = true)
        double flushSeconds,

        @Nullable String centralUrl,
        @Fallback("PGPASSWORD") String centralPasswordEnv) {
    private static final int LONGEST_TAG = 500;

    /** How records are written. */
    WriteQueueSettings queue() {
        return WriteQueueSettings.defaults().withFlush(bufferSize, seconds(flushSeconds));
    }

    /** How the machine is watched. */
    MonitorSettings monitorOf(Path folder) {
        return MonitorSettings.defaults()
                .withInterval(seconds(monitorIntervalSeconds))
                .withFolder(folder);
    }

    /** Where to copy to; null for nowhere. */
    @Nullable
    CentralSettings central() {
        return centralUrl == null ? null : MetricsPushCommand.settings(centralUrl, null, centralPasswordEnv);
    }

    void check(ConfigBinder binder) {
        try {
            central();
        } catch (UsageException e) {
            binder.fault("metrics.central_url", "cannot be used: " + e.getMessage());
        }
        for (int i = 0; tags != null && i < tags.size(); i++) {
            if (tags.get(i).isBlank() || tags.get(i).length() > LONGEST_TAG) {
                binder.fault("metrics.tags[" + i + "]", "must be a text of 1.." + LONGEST_TAG + " characters");
            }
        }
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.max(1, Math.round(seconds * 1e9)));
    }
}
