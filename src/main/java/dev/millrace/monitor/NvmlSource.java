package dev.millrace.monitor;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Readings from NVIDIA's driver itself. A value that a device does not support is left out and told of once. */
final class NvmlSource implements GpuSource {
    private static final Logger LOG = LoggerFactory.getLogger(NvmlSource.class);

    private final Nvml nvml;
    private final List<Device> devices;
    private final Set<String> told = new HashSet<>();

    private NvmlSource(Nvml nvml, List<Device> devices) {
        this.nvml = nvml;
        this.devices = devices;
    }

    /** One device; the handle is valid until the library is shut down. */
    private record Device(int index, String name, Pointer handle) {}

    /** One call that fills a value and returns a code. */
    private interface Call {
        int to(Pointer device, double[] value);
    }

    /** Null where there is no such library, no driver or no device. */
    static @Nullable NvmlSource open(List<String> libraries) {
        Nvml nvml = Nvml.load(libraries);
        if (nvml == null) {
            return null;
        }
        int code = nvml.begin();
        if (code != Nvml.SUCCESS) {
            LOG.info("NVML cannot be used: {}.", nvml.describe(code));
            return null;
        }
        List<Device> devices = devices(nvml);
        if (devices.isEmpty()) {
            nvml.end();
            return null;
        }
        return new NvmlSource(nvml, devices);
    }

    private static List<Device> devices(Nvml nvml) {
        int[] count = new int[1];
        int code = nvml.count(count);
        if (code != Nvml.SUCCESS) {
            LOG.info("NVML does not count devices: {}.", nvml.describe(code));
            return List.of();
        }
        List<Device> devices = new ArrayList<>();
        for (int index = 0; index < count[0]; index++) {
            Pointer[] handle = new Pointer[1];
            code = nvml.device(index, handle);
            if (code != Nvml.SUCCESS) {
                LOG.warn("GPU {} is not watched: {}.", index, nvml.describe(code));
                continue;
            }
            String[] name = {""};
            boolean named = nvml.name(handle[0], name) == Nvml.SUCCESS;
            devices.add(new Device(index, named ? name[0] : "GPU", handle[0]));
        }
        return devices;
    }

    @Override
    public String name() {
        return "NVML";
    }

    @Override
    public List<GpuReading> read() throws IOException {
        List<GpuReading> readings = new ArrayList<>();
        for (Device device : devices) {
            readings.add(new GpuReading(
                    device.index,
                    device.name,
                    value(device, "utilization", nvml::utilization),
                    value(device, "memory", nvml::memory),
                    value(device, "temperature", nvml::temperature),
                    value(device, "power", nvml::power)));
        }
        return readings;
    }

    private double value(Device device, String what, Call call) {
        double[] value = new double[1];
        int code = call.to(device.handle, value);
        if (code == Nvml.SUCCESS) {
            return value[0];
        }
        if (told.add(device.index + what)) {
            String reason = nvml.describe(code);
            LOG.info("GPU {} ({}) does not tell its {}: {}.", device.index, device.name, what, reason);
        }
        return Double.NaN;
    }

    @Override
    public boolean paces() {
        return false;
    }

    @Override
    public void close() {
        nvml.end();
    }
}
