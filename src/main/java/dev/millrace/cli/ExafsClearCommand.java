package dev.millrace.cli;

import dev.millrace.exafs.ExafsClear;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace exafs clear}: empties a database. */
@Command(
        name = "clear",
        description = {
            "Remove all paths from an EXAFS database; its settings stay. The next build fills it up again.",
            "For example: millrace exafs clear chi.db"
        })
final class ExafsClearCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsFile file = new ExafsFile();

    @Override
    public Integer call() {
        Path path = file.path();
        console.print(String.format(Locale.ROOT, "%s: removed %,d paths", path, ExafsClear.clear(path)));
        return ExitCode.DONE.code();
    }
}
