package dev.millrace.training;

import ai.djl.engine.Engine;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.util.Objects;

/**
 * DJL and the PyTorch that it would load, found without loading it. Immutable.
 *
 * @param djl version of DJL
 * @param pytorch version of libtorch, {@code unknown} if a folder does not tell
 * @param flavor what it computes on: {@code cpu}, or {@code cu} and digits for CUDA
 * @param origin a class path's classifier such as {@code linux-x86_64}, or the folder that {@code PYTORCH_LIBRARY_PATH} names
 */
public record EngineBuild(String djl, String pytorch, String flavor, String origin) {
    /**
     * Looks at the environment and the class path.
     *
     * @throws DeviceUnavailableException if a libtorch is named that cannot work, or if there is none at all
     */
    public static EngineBuild detect() {
        Libtorch.requireFitting();
        String djl = Engine.getDjlVersion();
        String path = Utils.getEnvOrSystemProperty(Libtorch.PATH);
        if (path != null) {
            return new EngineBuild(
                    djl,
                    Objects.requireNonNullElse(Libtorch.versionAt(path), "unknown"),
                    Objects.requireNonNullElse(Utils.getEnvOrSystemProperty(Libtorch.FLAVOR), "cpu"),
                    path);
        }
        Platform platform = Platform.detectPlatform("pytorch");
        if (platform.isPlaceholder()) {
            throw new DeviceUnavailableException("No libtorch: expected ai.djl.pytorch:pytorch-native-cpu:"
                    + Libtorch.release(platform) + " with the classifier " + platform.getClassifier()
                    + " on the class path, or a folder in " + Libtorch.PATH + ", found neither.");
        }
        return new EngineBuild(djl, Libtorch.release(platform), platform.getFlavor(), platform.getClassifier());
    }

    /** Whether it can compute on NVIDIA's GPUs. */
    public boolean hasCuda() {
        return flavor.startsWith("cu");
    }
}
