package dev.millrace.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The EXAFS database that a command is about: by its place, or by the name that other commands have for it. */
final class ExafsFile {
    @Parameters(arity = "0..1", paramLabel = "D.db", description = "The database.")
    private @Nullable Path file;

    @Option(names = "--database", paramLabel = "D.db", description = "The same.")
    private @Nullable Path database;

    /** @throws UsageException unless exactly one existing file is named */
    Path path() {
        if ((file == null) == (database == null)) {
            throw new UsageException("Expected one database, found " + (file == null ? "none." : "two."));
        }
        return Inputs.file(file == null ? java.util.Objects.requireNonNull(database) : file);
    }
}
