package dev.millrace.monitor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Room on the disk of a folder. It changes slowly: measured every tenth sample. */
final class DiskProbe implements Probe {
    private static final double GIB = 1024.0 * 1024.0 * 1024.0;
    private static final int EVERY = 10;

    private final Path folder;
    private @Nullable FileStore store;

    DiskProbe(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public int everySamples() {
        return EVERY;
    }

    @Override
    public void sample(ResourceRecorder into) throws IOException {
        if (store == null) {
            store = Files.getFileStore(folder);
        }
        double total = store.getTotalSpace();
        into.resource("disk", "free", "GiB", store.getUsableSpace() / GIB);
        into.resource("disk", "used", "percent", Percent.of((total - store.getUnallocatedSpace()) / total));
    }
}
