package dev.millrace.sqlite;

import dev.millrace.Internal;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Changes a live file while nobody records into it, and nobody can begin to. */
@Internal
public final class Maintenance {
    private Maintenance() {}

    /**
     * Opens a file for writing under the writer's lock. Others may read it meanwhile; killed, it is as its last transaction
     * left it.
     *
     * @throws SchemaMismatchException if it is another kind of file or another version
     * @throws DatabaseException if somebody writes to it, or it cannot be opened
     */
    public static void run(Path file, Schema schema, Consumer<Database> work) {
        Path resolved = WriteQueue.resolve(file);
        ProcessLock lock = ProcessLock.forWriting(resolved);
        try {
            try (Database database = Database.open(resolved, Access.READ)) {
                schema.check(database);
            }
            try (Database database = Database.open(resolved, Access.LIVE)) {
                // What is moved about may be larger than memory.
                database.execute("PRAGMA temp_store=FILE");
                work.accept(database);
                SchemaUpgrade.standAlone(database);
            }
        } finally {
            lock.close();
        }
    }
}
