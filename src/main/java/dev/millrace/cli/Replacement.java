package dev.millrace.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What becomes of a database that exists already, in every command that builds one and can also add to one. */
final class Replacement {
    @Option(names = "--rebuild", description = "Replace a database that was built otherwise.")
    private boolean rebuild;

    @Option(
            names = "--append",
            description = "Add the input to the database, which has to exist: its rows, keys, splits and settings stay,"
                    + " what it has already is passed over.")
    private boolean append;

    @Mixin
    private final SpaceCheck space = new SpaceCheck();

    boolean rebuild() {
        return rebuild;
    }

    boolean append() {
        return append;
    }

    boolean checksSpace() {
        return space.isWanted();
    }

    /**
     * The database to build or to add to: none of the files that are read.
     *
     * @throws UsageException if it cannot be, or is not there to be added to
     */
    Path output(Path database, Path... inputs) throws IOException {
        if (append && rebuild) {
            throw new UsageException("Expected --append or --rebuild, found both.");
        }
        Path checked = Inputs.output(database, inputs);
        if (append) {
            try {
                Inputs.file(checked);
            } catch (UsageException e) {
                throw new UsageException(e.getMessage() + ". Without --append it is built.");
            }
        }
        return checked;
    }
}
