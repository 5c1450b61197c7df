package dev.millrace.training;

import ai.djl.engine.Engine;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a libtorch of the user's before the engine loads it. DJL puts its own bridge, which is compiled for one release,
 * over whatever {@code PYTORCH_LIBRARY_PATH} names, without a look: with another release that works until the first call of a
 * function that is not there, and then ends the process. Every function of libtorch that the bridge calls must be defined;
 * that is necessary, though not sufficient, and a version that the folder tells must be that of the bridge.
 *
 * <p>On systems other than Linux only the version is compared. Thread-safe.
 */
final class Libtorch {
    static final String PATH = "PYTORCH_LIBRARY_PATH";
    static final String FLAVOR = "PYTORCH_FLAVOR";
    private static final String VERSION = "PYTORCH_VERSION";
    private static final String GUIDE = " See docs/gpu.md.";
    private static final int NAMED = 3;

    /** Names of the bridge that libtorch must define, in the mangling of C++. */
    private static final Pattern OWN = Pattern.compile("_Z(?:T[IVST]|GV)?NK?(?:2at|3c10|5torch|6caffe2).*");

    private static final Pattern PYTHON_VERSION = Pattern.compile("(?m)^__version__\\s*=\\s*['\"]([^'\"]+)['\"]");

    private static final Build BUILD = Build.detect();

    private Libtorch() {}

    /** What the native jars of this build are for: such as 2.7.1 (without the date of their packaging) and linux-x86_64. */
    private record Build(String release, String classifier) {
        static Build detect() {
            Platform platform = Platform.detectPlatform("pytorch");
            return new Build(Libtorch.release(platform), platform.getClassifier());
        }
    }

    /** The version of PyTorch without the date of its packaging. */
    static String release(Platform platform) {
        return platform.getVersion().replaceFirst("-.*", "");
    }

    /**
     * What the libtorch at a path says of its version; null if nothing.
     *
     * @throws DeviceUnavailableException if there is none
     */
    static @Nullable String versionAt(String path) {
        return version(requireFolder(path));
    }

    /** @throws DeviceUnavailableException if a libtorch is named that cannot work, or a release that is not here */
    static void requireFitting() {
        check(
                Utils.getEnvOrSystemProperty(PATH),
                Utils.getEnvOrSystemProperty(FLAVOR),
                Utils.getEnvOrSystemProperty(VERSION));
    }

    static void check(@Nullable String path, @Nullable String flavor, @Nullable String wantedVersion) {
        String release = BUILD.release;
        // Even without a folder: DJL would look for another release in its cache and on the network.
        if (wantedVersion != null && !wantedVersion.isEmpty() && !wantedVersion.equals(release)) {
            throw new DeviceUnavailableException("Cannot load PyTorch: expected " + VERSION + " " + release
                    + ", for which this build has a bridge, or none; found '" + wantedVersion + "'. Unset it." + GUIDE);
        }
        if (path == null) {
            return;
        }
        Path folder = requireFolder(path);
        Path ownBridge = ownBridge(folder);
        if (ownBridge == null) {
            checkRelease(folder, release);
        }
        try {
            ElfSymbols bridge = ownBridge != null ? read(ownBridge) : shippedBridge(flavor);
            if (bridge != null) {
                checkSymbols(folder, bridge, release);
            }
        } catch (IOException e) {
            throw new DeviceUnavailableException(
                    "Cannot load PyTorch: " + e.getMessage() + " (" + folder + ")." + GUIDE);
        }
    }

    private static Path requireFolder(String path) {
        Path folder = folder(path);
        if (folder == null) {
            throw new DeviceUnavailableException("Cannot load PyTorch: expected a folder with "
                    + System.mapLibraryName("torch") + " in " + PATH + ", found none in '" + path + "'."
                    + " Name the folder lib of a libtorch " + BUILD.release + "." + GUIDE);
        }
        return folder;
    }

    /** Where DJL would find the library: one of several folders, or the folder of a file. */
    private static @Nullable Path folder(String path) {
        String library = System.mapLibraryName("torch");
        for (String entry : path.split(Pattern.quote(File.pathSeparator), -1)) {
            Path place = Path.of(entry).toAbsolutePath();
            if (Files.isRegularFile(place.resolve(library))) {
                return place;
            }
            if (Files.isRegularFile(place) && place.endsWith(library)) {
                return place.getParent();
            }
        }
        return null;
    }

    /** A bridge that somebody compiled for this libtorch and put beside it; DJL prefers it. */
    private static @Nullable Path ownBridge(Path folder) {
        String name = System.mapLibraryName("djl_torch");
        String version = Engine.getDjlVersion();
        for (Path place : List.of(folder.resolve(version + "-" + name), folder.resolve(name))) {
            if (Files.isRegularFile(place)) {
                return place;
            }
        }
        return null;
    }

    private static void checkRelease(Path folder, String release) {
        String found = version(folder);
        if (found != null && !found.equals(release) && !found.startsWith(release + "+")) {
            throw new DeviceUnavailableException("Cannot load PyTorch: expected a libtorch " + release + ", found "
                    + found + " (" + folder
                    + "). Name one of that release; another one loads and later ends the process."
                    + GUIDE);
        }
    }

    /** What a libtorch archive or a Python package says beside its folder {@code lib}. */
    private static @Nullable String version(Path folder) {
        Path above = folder.getParent();
        try {
            for (Path place : above == null ? List.of(folder) : List.of(folder, above)) {
                Path plain = place.resolve("build-version");
                Path python = place.resolve("version.py");
                if (Files.isRegularFile(plain)) {
                    return Files.readString(plain).strip();
                } else if (Files.isRegularFile(python)) {
                    Matcher matcher = PYTHON_VERSION.matcher(Files.readString(python));
                    return matcher.find() ? matcher.group(1) : null;
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the version of the libtorch in " + folder, e);
        }
    }

    /** The bridge of this build; null where it is no ELF library. */
    private static @Nullable ElfSymbols shippedBridge(@Nullable String flavor) throws IOException {
        String place = "jnilib/" + BUILD.classifier + "/";
        String file = "/" + System.mapLibraryName("djl_torch");
        ClassLoader loader = Libtorch.class.getClassLoader();
        List<String> known = new ArrayList<>(List.of("cpu", "cu128"));
        known.removeIf(name -> loader.getResource(place + name + file) == null);
        if (flavor == null || !known.contains(flavor)) {
            throw new IOException("expected " + FLAVOR + " to be one of " + known + ", found "
                    + (flavor == null ? "none" : "'" + flavor + "'"));
        }
        if (!file.endsWith(".so")) {
            return null;
        }
        Path copy = Files.createTempFile("millrace-bridge", ".so");
        try (InputStream in = loader.getResourceAsStream(place + flavor + file)) {
            if (in == null) {
                throw new IOException("expected the resource " + place + flavor + file + ", found none");
            }
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return read(copy);
        } finally {
            Files.delete(copy);
        }
    }

    private static ElfSymbols read(Path library) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(library)) {
            return ElfSymbols.read(channel);
        } catch (IOException e) {
            throw new IOException(library.getFileName() + ": " + e.getMessage(), e);
        }
    }

    private static void checkSymbols(Path folder, ElfSymbols bridge, String release) throws IOException {
        Set<String> wanted = new TreeSet<>(bridge.needed());
        wanted.removeIf(name -> !OWN.matcher(name).matches());
        int all = wanted.size();
        Set<String> libraries = new HashSet<>();
        for (String name : List.of("c10", "c10_cuda", "torch_cpu", "torch_cuda", "torch")) {
            Path library = folder.resolve(System.mapLibraryName(name));
            if (Files.isRegularFile(library)) {
                libraries.add(name);
                wanted.removeAll(read(library).defined());
            }
        }
        if (!wanted.isEmpty()) {
            throw new DeviceUnavailableException("Cannot load PyTorch: expected " + all + " functions of libtorch "
                    + release
                    + ", found " + (all - wanted.size()) + " of them in " + new TreeSet<>(libraries) + " (" + folder
                    + "); missing are "
                    + String.join(", ", wanted.stream().limit(NAMED).toList())
                    + (wanted.size() > NAMED ? ", …" : "") + ". Name a libtorch " + release
                    + " for this " + FLAVOR + "; this one would load and later end the process." + GUIDE);
        }
    }
}
