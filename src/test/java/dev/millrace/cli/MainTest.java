package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class MainTest {
    @TempDir
    Path folder;

    @Test
    void version_asked_printsItAndSucceeds() {
        Shell shell = Shell.millrace("--version");

        assertThat(shell.code()).isZero();
        assertThat(shell.out()).startsWith("millrace ");
        assertThat(shell.out().lines().map(line -> line.split(" ", 2)[0]))
                .containsExactly("millrace", "DJL", "PyTorch", "SQLite", "Java", "device");
        assertThat(shell.out())
                .containsPattern("DJL 0\\.\\d+\\.\\d+\n")
                .containsPattern("PyTorch 2\\.\\d+\\.\\d+ \\(.*\\)\n")
                .containsPattern("SQLite 3\\.\\d+\\.\\d+\n")
                .containsPattern("Java " + Runtime.version().feature() + "\\b")
                .doesNotContain("not available");
    }

    @Test
    void version_ofACommandThatNeedsArguments_isTheSame() {
        assertThat(Shell.millrace("spectra", "build", "-V").out())
                .isEqualTo(Shell.millrace("--version").out());
        assertThat(Shell.millrace("kv", "--help", "--version").out()).startsWith("Usage: millrace kv");
    }

    @Test
    void start_ofAnyCommand_loadsNoSqlite() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-verbose:class",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.millrace.cli.Main",
                        "kv",
                        "--help")
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(out).contains("dev.millrace.cli.KvCommand").doesNotContain("org.sqlite.core.NativeDB");
    }

    @Test
    void version_asJson_hasTheSameFacts() {
        Shell shell = Shell.millrace("--version", "--json");

        assertThat(shell.code()).isZero();
        assertThat(JsonMapper.shared().readTree(shell.out()).propertyNames())
                .containsExactly("millrace", "djl", "pytorch", "sqlite", "java", "device");
    }

    @Test
    void version_noLibtorchAndNoDriver_saysWhatIsMissingAndSucceeds() throws Exception {
        Process process = without("--version", "pytorch-native", "sqlite-jdbc");
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isZero();
        assertThat(out)
                .containsPattern("PyTorch not available: .*pytorch-native-cpu")
                .contains("SQLite not available: ")
                .contains("device cpu");
    }

    @Test
    void optionalLibrary_missing_isNamedWithWhatToAdd() throws Exception {
        Path file = Files.writeString(folder.resolve("averaging.toml"), "");

        Process process = without("exafs average --config " + file, "jackson-dataformat-toml");
        String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(error.lines())
                .singleElement()
                .asString()
                .contains("averaging.toml", "tools.jackson.dataformat:jackson-dataformat-toml", "Add it");
    }

    /** A process of its own, without some jars. */
    private static Process without(String line, String... jars) throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> Arrays.stream(jars).noneMatch(entry::contains))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                Main.class.getName()));
        command.addAll(List.of(line.split(" ", -1)));
        return new ProcessBuilder(command).start();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void output_standardOutputIsFull_saysSoAndFails() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--help")
                .redirectOutput(new File("/dev/full"))
                .start();
        String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(error).contains("Cannot write to standard output").contains("No space left");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "inspekt", "inspect", "inspect --frobnicate x.db", "optimize a.db b.db"})
    void usage_wrong_isOneLineAndCodeTwo(String line) {
        Shell shell = Shell.millrace((Object[]) (line.isEmpty() ? new String[0] : line.split(" ")));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.out()).isEmpty();
        assertThat(shell.errorLines()).hasSize(1);
        assertThat(shell.error()).startsWith("error: ").contains("--help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "optimize"})
    void file_missing_isCodeTwo(String command) {
        Shell shell = Shell.millrace(command, folder.resolve("none.db"));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines())
                .singleElement()
                .asString()
                .contains("No such file")
                .contains("none.db");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "optimize"})
    void file_noDatabase_isCodeFour(String command) throws Exception {
        Path file = Files.writeString(folder.resolve("text.db"), "this is no database at all".repeat(100));

        Shell shell = Shell.millrace(command, file);

        assertThat(shell.code()).isEqualTo(4);
        assertThat(shell.errorLines()).singleElement().asString().contains("text.db");
    }

    @Test
    void stacktrace_asked_followsTheOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("text.db"), "this is no database at all".repeat(100));

        Shell shell = Shell.millrace("inspect", "--stacktrace", file);

        assertThat(shell.code()).isEqualTo(4);
        assertThat(shell.errorLines()).hasSizeGreaterThan(3);
        assertThat(shell.errorLines().get(0)).startsWith("error: ");
        assertThat(shell.error()).contains("\tat dev.millrace.sqlite.");
    }
}
