import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * Sets up the Jupyter kernel of these notebooks, on Linux, macOS and Windows alike:
 *
 * <pre>
 *   java notebooks/Setup.java
 * </pre>
 *
 * It needs a JDK 17 or later, Maven for what is not there yet (the jar of Millrace, and once from Maven Central the
 * kernel, 14 MB), and Jupyter only when a notebook is opened. It writes one folder, {@code millrace} among Jupyter's
 * kernels of this user, and nothing else. Run it again after Millrace moved or another JDK came.
 *
 * <pre>
 *   --kernels DIR      where kernels are kept, in place of Jupyter's folder for this user
 *   --class-path PATH  what notebooks see, in place of target/millrace.jar
 *   --kernel-jar FILE  the kernel, in place of the one from Maven Central
 * </pre>
 */
final class Setup {
    private static final String KERNEL_VERSION = "3.0.1";
    private static final String KERNEL_JAR = "rapaio-jupyter-kernel-" + KERNEL_VERSION + ".jar";
    private static final String COORDINATE = "io.github.padreati:rapaio-jupyter-kernel:" + KERNEL_VERSION;
    /**
     * Takes the place of a class of the kernel. In its version a thread that serves a channel ends at once if it begins
     * before {@code start} has returned, or if Jupyter asks before the kernel is ready, and the kernel never answers: on a
     * busy machine every other time. What Jupyter asks then it asks again.
     */
    private static final String LOOP_THREAD =
            """
            package org.rapaio.jupyter.kernel.channels;

            public class LoopThread extends Thread {
                private final long pauseMillis;
                private final Runnable body;
                private volatile boolean running = true;

                public LoopThread(String name, long pauseMillis, Runnable body) {
                    super(name);
                    this.pauseMillis = pauseMillis;
                    this.body = body;
                }

                @Override
                public void run() {
                    try {
                        while (running) {
                            try {
                                body.run();
                            } catch (NullPointerException asksTooEarly) {
                                // There are no handlers yet.
                            }
                            Thread.sleep(pauseMillis);
                        }
                    } catch (InterruptedException e) {
                        running = false;
                    }
                }

                public void shutdown() {
                    running = false;
                }
            }
            """;

    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private Setup() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try {
            run(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
        }
    }

    private static void run(String[] arguments) throws IOException, InterruptedException {
        Path kernels = null;
        String classPath = null;
        Path kernelJar = null;
        for (int i = 0; i < arguments.length; i += 2) {
            if (arguments[i].equals("--help")) {
                System.out.println("java notebooks/Setup.java [--kernels DIR] [--class-path PATH] [--kernel-jar FILE]");
                return;
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException("Expected a value after '" + arguments[i] + "', found none.");
            }
            switch (arguments[i]) {
                case "--kernels" -> kernels = Path.of(arguments[i + 1]);
                case "--class-path" -> classPath = arguments[i + 1];
                case "--kernel-jar" -> kernelJar = existing(Path.of(arguments[i + 1]));
                default -> throw new IllegalArgumentException(
                        "Expected --kernels, --class-path or --kernel-jar, found '" + arguments[i] + "'.");
            }
        }
        if (classPath == null) {
            classPath = millrace().toString();
        }
        Path folder = (kernels == null ? userKernels() : kernels).toAbsolutePath().resolve("millrace");
        Files.createDirectories(folder);
        Path kernel = folder.resolve(KERNEL_JAR);
        if (kernelJar != null) {
            Files.copy(kernelJar, kernel, StandardCopyOption.REPLACE_EXISTING);
        } else if (!Files.exists(kernel)) {
            maven(Path.of(""), "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy",
                    "-Dartifact=" + COORDINATE, "-DoutputDirectory=" + folder);
            existing(kernel);
        }
        String paths = String.join(
                System.getProperty("path.separator"), classPath, compiled(folder).toString(), kernel.toString());
        Path specification = folder.resolve("kernel.json");
        Files.writeString(specification, specification(paths), StandardCharsets.UTF_8);
        System.out.println("Wrote " + specification + ". In Jupyter the kernel is 'Java (Millrace)'.");
    }

    /** Compiles {@link #LOOP_THREAD}; gives back the folder of its class. */
    private static Path compiled(Path folder) throws IOException {
        Path source = folder.resolve("LoopThread.java");
        Path classes = folder.resolve("classes");
        Files.writeString(source, LOOP_THREAD, StandardCharsets.UTF_8);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler.run(null, null, null, "-d", classes.toString(), source.toString()) != 0) {
            throw new IllegalArgumentException("Expected " + source + " to compile, found the faults above.");
        }
        return classes;
    }

    /** Of the class path Millrace comes first, so that its libraries are the ones that notebooks use. */
    private static String specification(String classPath) {
        Path java = Path.of(System.getProperty("java.home"), "bin", WINDOWS ? "java.exe" : "java");
        List<String> command = List.of(
                java.toString(),
                "-Xmx3g",
                "-Djava.awt.headless=true",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.ai.djl.util.cuda=error",
                "-cp",
                classPath,
                "org.rapaio.jupyter.kernel.MainApp",
                "{connection_file}");
        // Spinning OpenMP threads slow small machines down; nothing is fetched or reported at run time.
        Map<String, String> environment = Map.of(
                "OMP_WAIT_POLICY", "PASSIVE",
                "DJL_OFFLINE", "true",
                "OPT_OUT_TRACKING", "true",
                "TORCH_CPP_LOG_LEVEL", "ERROR",
                "RJK_TIMEOUT_MILLIS", "-1");
        return "{\n  \"argv\": ["
                + command.stream().map(Setup::json).collect(Collectors.joining(", "))
                + "],\n  \"display_name\": \"Java (Millrace)\",\n  \"language\": \"java\",\n"
                + "  \"interrupt_mode\": \"message\",\n  \"env\": {"
                + environment.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> json(entry.getKey()) + ": " + json(entry.getValue()))
                        .collect(Collectors.joining(", "))
                + "}\n}\n";
    }

    private static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter == '"' || letter == '\\') {
                json.append('\\').append(letter);
            } else if (letter < ' ') {
                json.append(String.format("\\u%04x", (int) letter));
            } else {
                json.append(letter);
            }
        }
        return json.append('"').toString();
    }

    /** As Jupyter looks for them: {@code jupyter --paths} says where. */
    private static Path userKernels() {
        String data = System.getenv("JUPYTER_DATA_DIR");
        if (data != null && !data.isEmpty()) {
            return Path.of(data, "kernels");
        }
        Path home = Path.of(System.getProperty("user.home"));
        if (WINDOWS) {
            String roaming = System.getenv("APPDATA");
            return (roaming == null ? home.resolve("AppData/Roaming") : Path.of(roaming)).resolve("jupyter/kernels");
        }
        if (System.getProperty("os.name").startsWith("Mac")) {
            return home.resolve("Library/Jupyter/kernels");
        }
        String share = System.getenv("XDG_DATA_HOME");
        return (share == null || share.isEmpty() ? home.resolve(".local/share") : Path.of(share))
                .resolve("jupyter/kernels");
    }

    /** The executable jar of this clone, built if it is not there. */
    private static Path millrace() throws IOException, InterruptedException {
        Path clone = Path.of("").toAbsolutePath();
        while (clone != null && !Files.exists(clone.resolve("notebooks/Setup.java"))) {
            clone = clone.getParent();
        }
        if (clone == null) {
            throw new IllegalArgumentException(
                    "Expected to be started in a clone of Millrace, found no notebooks/Setup.java in or above "
                            + Path.of("").toAbsolutePath() + ".");
        }
        Path jar = clone.resolve("target/millrace.jar");
        if (!Files.exists(jar)) {
            System.out.println("Building " + jar + "; this happens once.");
            maven(clone, "-q", "-B", "-Dmaven.test.skip=true", "package");
        }
        return existing(jar);
    }

    private static Path existing(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("Expected a file, found none at " + file.toAbsolutePath() + ".");
        }
        return file;
    }

    private static void maven(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(WINDOWS ? List.of("cmd", "/c", "mvn") : List.of("mvn"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        if (!folder.toString().isEmpty()) {
            builder.directory(folder.toFile());
        }
        int exit;
        try {
            exit = builder.start().waitFor();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "Expected Maven (mvn 3.8.7 or later) on the PATH, found none: " + e.getMessage() + ".");
        }
        if (exit != 0) {
            throw new IllegalArgumentException("Maven failed with exit code " + exit + "; see above.");
        }
    }
}
