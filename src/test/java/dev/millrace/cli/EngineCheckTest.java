package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose data make arrays before a device is chosen: a libtorch that does not fit must not be loaded by them. */
class EngineCheckTest {
    private static final String SETTING = "PYTORCH_LIBRARY_PATH";

    @TempDir
    Path folder;

    @BeforeEach
    void nameAFolderWithoutLibtorch() {
        System.setProperty(SETTING, folder.toString());
    }

    @AfterEach
    void nameNone() {
        System.clearProperty(SETTING);
    }

    @Test
    void export_libtorchThatIsNotThere_isRefusedBeforeAnythingIsWritten() throws Exception {
        Path database = Files.writeString(folder.resolve("any.db"), "not looked at");
        Path out = folder.resolve("out.npz");

        Shell shell = Shell.millrace("export", database, "--out", out);

        assertRefused(shell);
        assertThat(out).doesNotExist();
    }

    @Test
    void train_ownTables_libtorchThatIsNotThere_isRefusedBeforeTheTables() throws Exception {
        Path database = folder.resolve("own.db");
        assertThat(Shell.millrace("sample", "table", "--houses", 20, "--digits", 1, "--seed", 1, "--out", database)
                        .code())
                .isZero();

        assertRefused(Shell.millrace(
                "train",
                Path.of("configs", "smoke-own.yaml"),
                "--set",
                "table.database=" + database,
                "--out",
                folder.resolve("run")));
    }

    private static void assertRefused(Shell shell) {
        assertThat(shell.code()).as(shell.error()).isEqualTo(2);
        assertThat(shell.error())
                .contains("Cannot load PyTorch: expected a folder with")
                .contains(SETTING);
    }
}
