package dev.millrace.training;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to compute, as people write it: {@code cpu}, {@code gpu} (the first one), {@code gpu:N}, or {@code auto}: the first GPU
 * if the engine can use one, else the CPU. Immutable.
 *
 * @param kind what was asked for
 * @param number of the GPU, from 0; 0 for the others
 */
public record DeviceChoice(Kind kind, int number) {
    /** What can be asked for. */
    public enum Kind {
        AUTO,
        CPU,
        GPU
    }

    /** What {@link #parse} accepts. */
    public static final String EXPECTED = "auto, cpu, gpu or gpu:N";

    private static final Pattern GPU = Pattern.compile("gpu(?::(\\d{1,3}))?");
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");

    /** Checks the number. */
    public DeviceChoice {
        if (number < 0 || (kind != Kind.GPU && number != 0)) {
            throw new IllegalArgumentException("Expected a GPU number ≥ 0, found " + number + " for " + kind + ".");
        }
    }

    /**
     * Reads a choice.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static DeviceChoice parse(String text) {
        Matcher gpu = GPU.matcher(text);
        if (gpu.matches()) {
            return new DeviceChoice(Kind.GPU, gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
        }
        return switch (text) {
            case "auto" -> new DeviceChoice(Kind.AUTO, 0);
            case "cpu" -> new DeviceChoice(Kind.CPU, 0);
            default -> throw new IllegalArgumentException("Expected a device " + EXPECTED + ", found '" + text + "'.");
        };
    }

    /**
     * The device on this machine. Loads the engine, which a foreign libtorch could later kill: see docs/gpu.md.
     *
     * @throws DeviceUnavailableException if there is no such GPU that the engine can use, or if the libtorch that
     *     {@code PYTORCH_LIBRARY_PATH} names does not fit
     */
    public Device resolve() {
        Libtorch.requireFitting();
        Engine engine = Engine.getInstance();
        int gpus = engine.getGpuCount();
        return switch (kind) {
            case CPU -> Device.cpu();
            case AUTO -> gpus > 0 ? Device.gpu(0) : Device.cpu();
            case GPU -> {
                if (number >= gpus) {
                    throw new DeviceUnavailableException(missing(engine, gpus));
                }
                yield Device.gpu(number);
            }
        };
    }

    private String missing(Engine engine, int gpus) {
        String start = "Cannot compute on " + this + ": expected a GPU that the engine can use, found ";
        if (gpus > 0) {
            return start + "gpu:0" + (gpus > 1 ? " … gpu:" + (gpus - 1) : " only") + ". Choose one of them.";
        }
        String driver = Files.exists(DRIVER) ? "an NVIDIA driver" : "no NVIDIA driver";
        boolean cuda = engine.hasCapability("CUDA");
        return start + engine.getEngineName() + " " + engine.getVersion() + (cuda ? " with CUDA" : " for the CPU only")
                + " and " + driver + ". "
                + (cuda
                        ? "Look at the driver, and at CUDA_VISIBLE_DEVICES; libcudart must be on LD_LIBRARY_PATH."
                        : "It needs a CUDA libtorch of that release, named by PYTORCH_LIBRARY_PATH, and"
                                + " PYTORCH_FLAVOR=cu128 (docs/gpu.md).")
                + " Or choose the device cpu or auto.";
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return switch (kind) {
            case AUTO -> "auto";
            case CPU -> "cpu";
            case GPU -> "gpu:" + number;
        };
    }
}
