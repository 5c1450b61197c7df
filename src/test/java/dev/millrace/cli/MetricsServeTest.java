package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import dev.millrace.metrics.RunStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class MetricsServeTest {
    @TempDir
    private Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void serve_printsTheAddressFirst_answersAndEndsWithCtrlC() throws Exception {
        Process process = start("metrics", "serve", recorded().toString());
        try (BufferedReader out = reader(process)) {
            URI address = URI.create(out.readLine());

            assertThat(address.toString()).matches("http://127\\.0\\.0\\.1:\\d+/\\?token=[0-9a-f]{32}");
            assertThat(ask(address).body()).contains("\"name\":\"baseline\"");

            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
            assertThat(out.readLine()).isNull();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void serve_ofFolders_asJson_tellsTheAddress() throws Exception {
        recorded();
        Process process = start("metrics", "serve", folder.toString(), "--json", "-q");
        try (BufferedReader out = reader(process)) {
            StringBuilder json = new StringBuilder();
            while (!json.toString().stripTrailing().endsWith("}")) {
                json.append(out.readLine()).append('\n');
            }
            JsonNode told = JsonMapper.builder().build().readTree(json.toString());

            assertThat(told.path("pid").asLong()).isEqualTo(process.pid());
            assertThat(ask(URI.create(told.path("url").asString())).statusCode())
                    .isEqualTo(200);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void serve_onAPortInUse_isOneLine() throws IOException {
        Path file = recorded();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Shell shell = Shell.millrace("metrics", "serve", file, "--port", taken.getLocalPort());

            assertThat(shell.code()).isEqualTo(2);
            assertThat(shell.out()).isEmpty();
            assertThat(shell.errorLines()).singleElement().asString().contains("port " + taken.getLocalPort());
        }
    }

    @Test
    void serve_toOtherMachines_needsToBeAllowed() throws IOException {
        Shell shell = Shell.millrace("metrics", "serve", recorded(), "--host", "0.0.0.0");

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines()).singleElement().asString().contains("--allow-remote", "not encrypted");
    }

    @Test
    void serve_ofWhatIsNotThere_isOneLine() {
        Shell shell = Shell.millrace("metrics", "serve", folder.resolve("missing.db"));

        assertThat(shell.code()).isEqualTo(2);
        assertThat(shell.errorLines()).singleElement().asString().contains("missing.db");
        assertThat(Shell.millrace("metrics", "serve", "--help").out())
                .contains("--allow-remote", "Examples:", "ssh -L");
    }

    private Path recorded() throws IOException {
        Path file = Files.createDirectories(folder.resolve("run")).resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("baseline", Map.of());
            run.log(1, "loss", 1);
            run.finish(RunStatus.FINISHED);
        }
        return file;
    }

    private static Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> ask(URI address) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(address.resolve("/api/v1/runs"))
                                .header(
                                        "Authorization",
                                        "Bearer " + address.getQuery().replace("token=", ""))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
