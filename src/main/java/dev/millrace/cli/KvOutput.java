package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where entries of a store go to. */
final class KvOutput {
    private KvOutput() {}

    /**
     * A file to write, which is neither the store, nor what SQLite keeps beside it, nor what opens it.
     *
     * @throws UsageException otherwise
     */
    static Path file(Path out, KvInput input) throws IOException {
        Path store = input.existing();
        List<Path> taken = new ArrayList<>(input.secretFiles());
        taken.add(store);
        Path real = store.toRealPath();
        for (String suffix : List.of("-wal", "-shm", "-journal", ".lock")) {
            taken.add(real.resolveSibling(real.getFileName() + suffix));
        }
        return Inputs.output(out, taken.toArray(Path[]::new));
    }
}
