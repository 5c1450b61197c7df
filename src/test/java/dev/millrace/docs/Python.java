package dev.millrace.docs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The Python that pages show, run by the machine's own interpreter. */
public final class Python {
    private Python() {}

    /** Whether there is one. */
    public static boolean isHere() throws InterruptedException {
        return succeeds("python3", "--version");
    }

    /** Whether there is one with a module. */
    public static boolean has(String module) throws InterruptedException {
        return succeeds("python3", "-c", "import " + module);
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The lines that a script prints, those of an error too.
     *
     * @param folder in which it runs; the script is kept there
     */
    public static List<String> run(Path folder, String script) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("script.py"), script);
        Process process = new ProcessBuilder("python3", "script.py")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        process.waitFor();
        return lines;
    }
}
