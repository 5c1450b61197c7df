package dev.millrace.monitor;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's management library, which comes with the driver: the few calls that are needed (NVML API Reference). The only class
 * that touches JNA. One thread at a time.
 */
final class Nvml {
    /** The library that the driver installs on Linux, its name for developers, and that on Windows. */
    static final List<String> LIBRARIES = List.of("libnvidia-ml.so.1", "nvidia-ml", "nvml");

    static final int SUCCESS = 0;
    static final int NOT_SUPPORTED = 3;

    private static final int NAME_BYTES = 96;
    private static final int GPU_DIE = 0;

    private final NativeLibrary library;

    private Nvml(NativeLibrary library) {
        this.library = library;
    }

    /** The first library of these that is there; null if none is. */
    static @Nullable Nvml load(List<String> names) {
        for (String name : names) {
            try {
                return new Nvml(NativeLibrary.getInstance(name));
            } catch (LinkageError absent) {
                // No such library, or JNA cannot unpack its own: then no other name helps, and asking costs little.
            }
        }
        return null;
    }

    /** Makes the library ready. Returns a code of NVML, as all calls here. */
    int begin() {
        return call("nvmlInit_v2");
    }

    int end() {
        return call("nvmlShutdown");
    }

    /** What a code means. */
    String describe(int code) {
        try {
            Object text = library.getFunction("nvmlErrorString").invoke(String.class, new Object[] {code});
            return text + " (NVML code " + code + ")";
        } catch (LinkageError | RuntimeException unknown) {
            return "NVML code " + code;
        }
    }

    int count(int[] devices) {
        IntByReference count = new IntByReference();
        int code = call("nvmlDeviceGetCount_v2", count);
        devices[0] = count.getValue();
        return code;
    }

    int device(int index, Pointer[] handle) {
        PointerByReference device = new PointerByReference();
        int code = call("nvmlDeviceGetHandleByIndex_v2", index, device);
        handle[0] = device.getValue();
        return code;
    }

    int name(Pointer device, String[] name) {
        try (Memory text = new Memory(NAME_BYTES)) {
            text.clear();
            int code = call("nvmlDeviceGetName", device, text, NAME_BYTES);
            name[0] = text.getString(0, StandardCharsets.UTF_8.name());
            return code;
        }
    }

    /** Percent of time in which a kernel ran. The structure is two unsigned ints: gpu, memory. */
    int utilization(Pointer device, double[] percent) {
        try (Memory rates = new Memory(2L * Integer.BYTES)) {
            int code = call("nvmlDeviceGetUtilizationRates", device, rates);
            percent[0] = Integer.toUnsignedLong(rates.getInt(0));
            return code;
        }
    }

    /** Percent of the memory in use. The structure is three unsigned longs: total, free, used. */
    int memory(Pointer device, double[] percent) {
        try (Memory bytes = new Memory(3L * Long.BYTES)) {
            int code = call("nvmlDeviceGetMemoryInfo", device, bytes);
            double total = bytes.getLong(0);
            percent[0] = total > 0 ? 100 * bytes.getLong(2L * Long.BYTES) / total : Double.NaN;
            return code;
        }
    }

    /** °C of the chip. */
    int temperature(Pointer device, double[] celsius) {
        IntByReference degrees = new IntByReference();
        int code = call("nvmlDeviceGetTemperature", device, GPU_DIE, degrees);
        celsius[0] = degrees.getValue();
        return code;
    }

    /** Watts of the board; NVML says milliwatts. */
    int power(Pointer device, double[] watts) {
        IntByReference milliwatts = new IntByReference();
        int code = call("nvmlDeviceGetPowerUsage", device, milliwatts);
        watts[0] = Integer.toUnsignedLong(milliwatts.getValue()) / 1000.0;
        return code;
    }

    /** A driver too old for a function is like a device that does not support it. */
    private int call(String function, Object... arguments) {
        Function found;
        try {
            found = library.getFunction(function);
        } catch (UnsatisfiedLinkError absent) {
            return NOT_SUPPORTED;
        }
        return found.invokeInt(arguments);
    }
}
