package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher itself, with a java and a mvn in its way that write down how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @TempDir
    Path folder;

    private Path home;
    private Path tools;

    @BeforeEach
    void layOut() throws Exception {
        home = Files.createDirectories(folder.resolve("a home"));
        tools = Files.createDirectories(folder.resolve("jdk/bin"));
        Files.createDirectories(home.resolve("src/main"));
        Files.writeString(home.resolve("pom.xml"), "<project/>");
        script(home.resolve("millrace"), Files.readString(Path.of("millrace")));
        script(tools.resolve("java"), """
                #!/bin/sh
                echo "java in $(pwd) OMP=$OMP_WAIT_POLICY OFFLINE=$DJL_OFFLINE"
                for word in "$@"; do echo "<$word>"; done
                exit 7
                """);
        script(tools.resolve("mvn"), """
                #!/bin/sh
                echo "mvn in $(pwd): $*"
                touch target/millrace.jar
                """);
    }

    @Test
    void start_jarIsNew_passesArgumentsAndExitCodeThrough() throws Exception {
        makeJar(Instant.now().plusSeconds(60));

        Result result = start(home.resolve("millrace"), "inspect", "two words", "*");

        assertThat(result.code).isEqualTo(7);
        assertThat(result.out).contains("OMP=PASSIVE OFFLINE=true").doesNotContain("mvn");
        assertThat(result.out.lines())
                .containsSubsequence(
                        "<-jar>", "<" + home.toRealPath() + "/target/millrace.jar>", "<inspect>", "<two words>", "<*>");
    }

    @Test
    void start_throughSymlinkFromElsewhere_findsItsHomeAndStaysInTheDirectory() throws Exception {
        makeJar(Instant.now().plusSeconds(60));
        Path link = Files.createSymbolicLink(folder.resolve("mr"), Path.of("a home/millrace"));

        Result result = start(link, "--version");

        assertThat(result.out)
                .contains("java in " + folder.toRealPath() + " ")
                .contains("<" + home.toRealPath() + "/target/millrace.jar>");
    }

    @Test
    void start_jarMissing_buildsOnceOnStandardError() throws Exception {
        Result result = start(home.resolve("millrace"), "--version");

        assertThat(result.code).isEqualTo(7);
        assertThat(result.error).contains("mvn in " + home.toRealPath() + ": ").contains("package");
        assertThat(result.out).doesNotContain("mvn");
    }

    @Test
    void start_jarOlderThanASource_buildsAgain() throws Exception {
        makeJar(Instant.now().minusSeconds(60));
        Files.writeString(home.resolve("src/main/New.java"), "class New {}");

        assertThat(start(home.resolve("millrace"), "--version").error).contains("mvn in ");
    }

    @Test
    void start_buildFails_leavesNoJarAndDoesNotStart() throws Exception {
        script(tools.resolve("mvn"), "#!/bin/sh\ntouch target/millrace.jar\nexit 1\n");

        Result result = start(home.resolve("millrace"), "--version");

        assertThat(result.code).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(home.resolve("target/millrace.jar")).doesNotExist();
    }

    @Test
    void start_withJavaOptions_splitsThem() throws Exception {
        makeJar(Instant.now().plusSeconds(60));

        Result result = start(Map.of("MILLRACE_JAVA_OPTS", "-Xmx1g -Dx=y"), home.resolve("millrace"), "--version");

        assertThat(result.out.lines()).contains("<-Xmx1g>", "<-Dx=y>");
    }

    @Test
    void start_unpackedDistribution_runsItsJarWithoutBuilding() throws Exception {
        Files.delete(home.resolve("pom.xml"));
        Files.writeString(home.resolve("millrace.jar"), "");
        Files.setLastModifiedTime(
                home.resolve("millrace.jar"), FileTime.from(Instant.now().minusSeconds(600)));

        Result result = start(home.resolve("millrace"), "--version");

        assertThat(result.code).isEqualTo(7);
        assertThat(result.out.lines())
                .contains(
                        "<" + home.toRealPath() + "/millrace.jar>",
                        "<-Dorg.sqlite.tmpdir=" + home.toRealPath() + "/natives>");
        assertThat(result.error).isEmpty();
        assertThat(home.resolve("target")).doesNotExist();
    }

    @Test
    void windowsLauncher_read_hasTheSettingsOfTheOther() throws Exception {
        String windows = Files.readString(Path.of("millrace.cmd"));
        Pattern exported = Pattern.compile("export ([A-Z_]+)=\"\\$\\{\\1:-([^}]+)}\"");

        List<String> expected = exported.matcher(Files.readString(Path.of("millrace")))
                .results()
                .map(found -> "if not defined %1$s set \"%1$s=%2$s\"".formatted(found.group(1), found.group(2)))
                .toList();

        assertThat(expected).hasSize(4).allSatisfy(line -> assertThat(windows).contains(line));
        assertThat(windows).contains("-Dmaven.test.skip=true package", "-Dorg.sqlite.tmpdir=", "%MILLRACE_JAVA_OPTS%");
        // A label is found reliably only where lines end as cmd expects.
        assertThat(windows.replace("\r\n", "")).doesNotContain("\n");
        List<String> labels = Pattern.compile("(?m)^:(\\w+)")
                .matcher(windows)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(Pattern.compile("goto (\\w+)").matcher(windows).results().map(found -> found.group(1)))
                .isNotEmpty()
                .isSubsetOf(labels);
    }

    private void makeJar(Instant time) throws IOException {
        Path jar = Files.createDirectories(home.resolve("target")).resolve("millrace.jar");
        Files.writeString(jar, "");
        Files.setLastModifiedTime(jar, FileTime.from(time));
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Result start(Path launcher, String... args) throws Exception {
        return start(Map.of(), launcher, args);
    }

    private Result start(Map<String, String> environment, Path launcher, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        Path out = folder.resolve("out.txt");
        Path error = folder.resolve("error.txt");
        builder.redirectOutput(out.toFile()).redirectError(error.toFile());
        builder.environment().remove("OMP_WAIT_POLICY");
        builder.environment().put("JAVA_HOME", tools.getParent().toString());
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        return new Result(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(error, StandardCharsets.UTF_8));
    }

    private record Result(int code, String out, String error) {}
}
