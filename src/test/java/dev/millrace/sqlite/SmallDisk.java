package dev.millrace.sqlite;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A tmpfs of 4 MiB, where this process may mount one. Test support. */
public record SmallDisk(Path folder) implements AutoCloseable {
    /** Mounts one at a folder, or skips the test. */
    public static SmallDisk mount(Path folder) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
        Files.createDirectories(folder);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder.toString()) == 0,
                "a tmpfs cannot be mounted here");
        return new SmallDisk(folder);
    }

    @Override
    public void close() throws IOException {
        if (run("umount", folder.toString()) != 0) {
            run("umount", "-l", folder.toString());
        }
    }

    private static int run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
