package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script in a real bash, which is asked as its completion would ask. */
class CompletionCommandTest {
    private static final Path BASH = Path.of("/bin/bash");

    /* Only a shell with a person at it has compopt, hence no standard error. */
    private static final String ASK = """
            source "$1"; shift
            COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
            _complete_millrace
            complete -p millrace | grep -q 'F _complete_millrace' && printf '%s\\n' "${COMPREPLY[@]}"
            """;

    @TempDir
    static Path folder;

    private static Path script;

    @BeforeAll
    static void writeScript() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(BASH), "There is no " + BASH + ": skipped");
        Shell shell = Shell.millrace("completion", "bash");
        assertThat(shell.code()).isZero();
        script = Files.writeString(folder.resolve("script"), shell.out());
    }

    @Test
    void words_begun_areCompletedAtEachLevel() throws Exception {
        assertThat(complete("sp")).containsExactly("spectra");
        assertThat(complete("spectra", "b")).containsExactly("build");
        assertThat(complete("train", "--max")).containsExactly("--max-steps");
    }

    @Test
    void fileArguments_begun_completeFileNames() throws Exception {
        Files.writeString(folder.resolve("nist one.db"), "");
        Files.writeString(folder.resolve("other.db"), "");

        assertThat(complete("inspect", "ni")).containsExactly("nist one.db");
        assertThat(complete("spectra", "build", "--msp", "ot")).containsExactly("other.db");
        assertThat(complete("train", "--out", "ot")).containsExactly("other.db");
    }

    @Test
    void shell_unknown_isRefused() {
        Shell shell = Shell.millrace("completion", "tcsh");

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.error()).contains("tcsh");
    }

    private List<String> complete(String... words) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(BASH.toString(), "-c", ASK, "bash", script.toString(), "millrace"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return out.lines().filter(line -> !line.isEmpty()).toList();
    }
}
