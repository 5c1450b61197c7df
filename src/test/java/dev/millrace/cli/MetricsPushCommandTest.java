package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.RunStatus;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsPushCommandTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void record() {
        file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            store.startRun("run", Map.of()).finish(RunStatus.FINISHED);
        }
    }

    @Test
    void url_withAPassword_isRefusedWithoutRepeatingIt() {
        Shell shell = Shell.millrace("metrics", "push", file, "--to", "jdbc:postgresql://ada:topsecret@localhost/db");
        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("without a password").doesNotContain("topsecret");
    }

    @Test
    void url_ofAnotherDatabase_andMissingVariable_areRefused() {
        assertThat(Shell.millrace("metrics", "push", file, "--to", "jdbc:mysql://host/db")
                        .code())
                .isEqualTo(2);
        Shell shell = Shell.millrace(
                "metrics", "push", file, "--to", "jdbc:postgresql://host/db", "--password-env", "NOT_SET_ANYWHERE");
        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("NOT_SET_ANYWHERE");
    }

    @Test
    void server_thatIsNotThere_isOneClearLine() {
        Shell shell = Shell.millrace("metrics", "push", folder, "--to", "jdbc:postgresql://127.0.0.1:1/db?user=ada");
        assertThat(shell.code()).isEqualTo(1);
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(shell.error()).contains("127.0.0.1:1/db").doesNotContain("Exception");
    }

    @Test
    void help_showsAnExample() {
        Shell shell = Shell.millrace("metrics", "push", "--help");
        assertThat(shell.code()).isZero();
        assertThat(shell.out()).contains("Example").contains("--password-env").contains("--follow");
    }
}
