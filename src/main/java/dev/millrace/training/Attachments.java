package dev.millrace.training;

import java.util.List;
import java.util.regex.Pattern;

/** Names of the files a caller may add to each checkpoint, such as the model's configuration. */
final class Attachments {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final List<String> TAKEN =
            List.of(Checkpoint.OPTIMIZER_FILE, Checkpoint.STATE_FILE, CheckpointFolder.MANIFEST);

    private Attachments() {}

    /** @throws IllegalArgumentException if a file may not be called so */
    static void check(String name) {
        if (!isPlainName(name)) {
            throw new IllegalArgumentException("Expected a plain file name for an attachment, found '" + name
                    + "'. Use letters, digits, '.', '_' and '-', and no name of the checkpoint's own files.");
        }
    }

    static boolean isPlainName(String name) {
        return PLAIN.matcher(name).matches() && !TAKEN.contains(name) && !name.endsWith(".params");
    }
}
