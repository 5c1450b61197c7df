package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.StorageFullException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExitCodeTest {
    @TempDir
    Path folder;

    @Test
    void of_diskFullWhenTheHalfBuiltFileIsGone_isFailedNotUsage() throws Exception {
        Path file = folder.resolve("full.db");
        Throwable failure;
        try (Database database = Database.open(file, Access.BUILD)) {
            database.execute("PRAGMA max_page_count=2");
            database.execute("CREATE TABLE t (x BLOB)");
            failure = catchThrowable(() -> database.execute("INSERT INTO t (x) VALUES (zeroblob(1000000))"));
        }
        Files.delete(file);

        assertThat(failure).isInstanceOf(StorageFullException.class);
        assertThat(ExitCode.of(failure)).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void of_interruptedWhileReading_isInterrupted() {
        assertThat(ExitCode.of(new IllegalStateException(new InterruptedIOException())))
                .isEqualTo(ExitCode.INTERRUPTED);
    }
}
