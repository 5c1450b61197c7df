package dev.millrace.cli;

import dev.millrace.sqlite.DatabaseOptimizer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace exafs optimize}: writes a database anew, compact and with fresh statistics. */
@Command(
        name = "optimize",
        description = {
            "Write an EXAFS database anew: VACUUM, ANALYZE, integrity check, then replace the old file.",
            "A build does that by itself; this is for a file that others changed."
        })
final class ExafsOptimizeCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final SpaceCheck space = new SpaceCheck();

    @Mixin
    private final ExafsFile file = new ExafsFile();

    @Override
    public Integer call() {
        Path path = file.path();
        DatabaseOptimizer.Result result = space.optimize(path);
        console.print(path + ": " + result.bytesBefore() + " bytes before, " + result.bytesAfter() + " after");
        return ExitCode.DONE.code();
    }
}
