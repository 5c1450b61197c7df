package dev.millrace.cli;

import dev.millrace.sqlite.DatabaseOptimizer;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace optimize}: writes a finished file anew, compact and with fresh statistics. */
@Command(
        name = "optimize",
        description = "Write a finished dataset anew: VACUUM, ANALYZE, integrity check, then replace the old file.")
final class OptimizeCommand implements Runnable {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final SpaceCheck space = new SpaceCheck();

    @Parameters(paramLabel = "D.db", description = "The file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Override
    public void run() {
        DatabaseOptimizer.Result result = space.optimize(Inputs.file(file));
        console.print(file + ": " + result.bytesBefore() + " bytes before, " + result.bytesAfter() + " after");
    }
}
