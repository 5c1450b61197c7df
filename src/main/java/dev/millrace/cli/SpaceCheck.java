package dev.millrace.cli;

import dev.millrace.build.DiskSpace;
import dev.millrace.sqlite.DatabaseOptimizer;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Whether long work looks for room on the disk before it begins. */
final class SpaceCheck {
    @Option(
            names = "--no-space-check",
            description = "Begin also when the disk seems to have too little room for what is to be written.")
    private boolean unwanted;

    boolean isWanted() {
        return !unwanted;
    }

    /** Writes a finished file anew, if there is room for another one. */
    DatabaseOptimizer.Result optimize(Path file) {
        if (isWanted()) {
            DiskSpace.require(file, DatabaseOptimizer.compactBytes(file));
        }
        return DatabaseOptimizer.optimize(file);
    }
}
