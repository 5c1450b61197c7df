package dev.millrace.monitor;

/**
 * What a GPU does at a moment; NaN for what it does not tell. Immutable.
 *
 * @param index of the device, as the driver counts, whatever {@code CUDA_VISIBLE_DEVICES} says
 * @param name of the model
 * @param utilization share of time in which it computed, percent
 * @param memory share of its memory in use, percent
 * @param temperature °C
 * @param power W
 */
record GpuReading(int index, String name, double utilization, double memory, double temperature, double power) {
    private static final int LONGEST_NAME = 60;

    /** Records what is known, under a name that a metric can have. */
    void record(ResourceRecorder into) {
        String device = metricName(name) + ":" + index;
        into.resource("gpu", device + "_utilization", "percent", utilization);
        into.resource("gpu", device + "_memory", "percent", memory);
        into.resource("gpu", device + "_temperature", "°C", temperature);
        into.resource("gpu", device + "_power", "W", power);
    }

    /** Letters, digits, dots and hyphens of a device's name, the rest as underscores. */
    static String metricName(String device) {
        String plain = device.strip().replaceAll("[^A-Za-z0-9.-]+", "_").replaceAll("^_+|_+$", "");
        return plain.isEmpty() ? "GPU" : plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
    }
}
