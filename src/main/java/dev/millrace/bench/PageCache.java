package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Path;

/** Takes files out of the operating system's memory, so that the next read of them comes from the disk. */
final class PageCache {
    /* GNU dd: with this flag and no block it advises the system to forget the file. */
    private static final String FORGET = """
            sync && find "$0" -type f -print0 | xargs -0 -n 1 -I{} dd if={} iflag=nocache count=0 status=none""";

    private PageCache() {}

    /** Forgets a file, or all files below a folder; false where the system has no way to. */
    static boolean drop(Path path) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder("sh", "-c", FORGET, path.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            // No shell here: there are no cold figures then, and nothing else is wrong.
            return false;
        }
    }
}
