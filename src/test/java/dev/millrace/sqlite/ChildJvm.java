package dev.millrace.sqlite;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM with the class path of this one, to be killed or asked to end. Test support. */
public final class ChildJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private ChildJvm(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts {@code main} with arguments; its errors go to this process's error stream. */
    public static ChildJvm start(Class<?> main, String... arguments) throws IOException {
        return start(Path.of(System.getProperty("java.io.tmpdir")), main, arguments);
    }

    /** As {@link #start(Class, String...)}; what the driver of a killed JVM leaves behind is in {@code folder}. */
    public static ChildJvm start(Path folder, Class<?> main, String... arguments) throws IOException {
        return start(folder, 256, main, arguments);
    }

    /** As {@link #start(Path, Class, String...)}, with a heap of so many megabytes. */
    public static ChildJvm start(Path folder, int heapMegabytes, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMegabytes + "m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dorg.sqlite.tmpdir=" + folder,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ChildJvm(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits for a line of its output; false if it ended before. */
    public boolean awaitLine(String expected) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(expected)) {
                return true;
            }
        }
        return false;
    }

    /** The next line of its output; null at the end. */
    public String readLine() throws IOException {
        return output.readLine();
    }

    /** The lines that are left. Returns when it has ended. */
    public List<String> remainingLines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
        }
        return lines;
    }

    /**
     * SIGKILL: nothing of it runs any more on return. Through the handle, because {@code Process.destroyForcibly} would close
     * its output unread.
     */
    public void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        await();
    }

    /** SIGTERM. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** Waits for its end and returns its exit status. */
    public int await() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("The child process does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
    }
}
