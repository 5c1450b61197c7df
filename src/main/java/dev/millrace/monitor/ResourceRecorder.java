package dev.millrace.monitor;

/** Takes what a {@link ResourceMonitor} measures, such as {@code run::resource}. Called by several threads at once. */
@FunctionalInterface
public interface ResourceRecorder {
    /**
     * Takes one value, measured just now.
     *
     * @param type part of the machine: {@code cpu}, {@code ram}, {@code jvm}, {@code disk}, {@code gpu}
     * @param name what is measured: {@code system_total}
     * @param unit of the value: {@code percent}, {@code MiB}, {@code GiB}, {@code °C}, {@code W}
     * @param value finite
     */
    void resource(String type, String name, String unit, double value);
}
