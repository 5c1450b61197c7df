package dev.millrace.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.metrics.MetricsStore;
import dev.millrace.metrics.Run;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the server must refuse, sent to a real one byte by byte. */
final class DashboardSecurityTest {
    @TempDir
    static Path folder;

    private static DashboardServer server;
    private static String token;
    private static String cookie;
    private static String host;

    /**
     * A request that must be refused.
     *
     * @param statuses what may be answered; 0 for a connection that is closed
     */
    record Forged(String name, String request, Set<Integer> statuses) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void serve() throws IOException {
        Path file = folder.resolve("metrics.db");
        try (MetricsStore store = MetricsStore.open(file)) {
            Run run = store.startRun("run", Map.of());
            run.log(1, "loss", 0.5);
        }
        Files.writeString(folder.resolve("secret.txt"), "secret");
        server = DashboardServer.start(DashboardSettings.of(List.of(file)));
        token = server.address().getQuery().replace("token=", "");
        host = "Host: 127.0.0.1:" + server.port();
        RawRequest.Answer answer = RawRequest.get(server.port(), "/?token=" + token, host);
        cookie = "Cookie: " + answer.header("Set-Cookie").replaceAll(";.*", "");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static List<Forged> forged() {
        List<Forged> all = new ArrayList<>();
        String line = "GET /api/v1/runs HTTP/1.1\r\n";
        for (String name : List.of(
                "evil.example",
                "evil.example:" + server.port(),
                "127.0.0.1.evil.example",
                "localhost.",
                "127.0.0.1@evil.example",
                "127.1",
                "0.0.0.0",
                "2130706433",
                "[::ffff:127.0.0.1]",
                "localhost:80x",
                "")) {
            all.add(new Forged("host '" + name + "'", line + "Host: " + name + "\r\n" + cookie, Set.of(421, 400)));
        }
        all.add(new Forged("no host", line + cookie, Set.of(421, 400)));
        all.add(new Forged("two hosts", line + host + "\r\nHost: evil.example\r\n" + cookie, Set.of(421, 400)));
        all.add(new Forged(
                "absolute target",
                "GET http://evil.example/api/v1/runs HTTP/1.1\r\n" + host + "\r\n" + cookie,
                Set.of(421, 400)));
        for (String origin : List.of(
                "http://evil.example",
                "null",
                "http://127.0.0.1:1",
                "file://",
                "http://localhost:" + server.port() + ".evil.example")) {
            all.add(new Forged(
                    "origin " + origin, line + host + "\r\nOrigin: " + origin + "\r\n" + cookie, Set.of(403)));
        }
        for (String site : List.of("cross-site", "same-site", "Cross-Site", "x")) {
            all.add(new Forged(
                    "sent from " + site, line + host + "\r\nSec-Fetch-Site: " + site + "\r\n" + cookie, Set.of(403)));
        }
        all.add(new Forged("no token", line + host, Set.of(401)));
        all.add(new Forged("empty token", "GET /?token= HTTP/1.1\r\n" + host, Set.of(401)));
        all.add(new Forged("wrong token", "GET /?token=" + "0".repeat(32) + " HTTP/1.1\r\n" + host, Set.of(401)));
        all.add(new Forged(
                "part of the token", "GET /?token=" + token.substring(1) + " HTTP/1.1\r\n" + host, Set.of(401)));
        all.add(new Forged(
                "token in capitals",
                "GET /?token=" + token.toUpperCase(java.util.Locale.ROOT) + "Z HTTP/1.1\r\n" + host,
                Set.of(401)));
        all.add(new Forged(
                "token on another path", "GET /api/v1/runs?token=" + token + " HTTP/1.1\r\n" + host, Set.of(401)));
        all.add(new Forged(
                "token as cookie", line + host + "\r\n" + cookie.replaceAll("=.*", "=" + token), Set.of(401)));
        all.add(new Forged(
                "cookie of another port",
                line + host + "\r\n" + cookie.replaceAll("millrace-\\d+", "millrace-1"),
                Set.of(401)));
        all.add(new Forged("wrong bearer", line + host + "\r\nAuthorization: Bearer x", Set.of(401)));
        all.add(new Forged("script without token", "GET /main.js HTTP/1.1\r\n" + host, Set.of(401)));
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get")) {
            all.add(new Forged(
                    "method " + method,
                    method + " /api/v1/runs HTTP/1.1\r\n" + host + "\r\nContent-Length: 0\r\n" + cookie,
                    Set.of(405)));
        }
        for (String path : List.of(
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/..%2fsecret.txt",
                "/secret.txt",
                "/style.css/../secret.txt",
                "//etc/passwd",
                "/metrics.db",
                "/api/v1/file?path=/etc/passwd",
                "/DashboardServer.class",
                "/.",
                "/%00")) {
            all.add(new Forged(
                    "path " + path, "GET " + path + " HTTP/1.1\r\n" + host + "\r\n" + cookie, Set.of(400, 404, 421)));
        }
        for (String run : List.of("../0", "-1.1", "0.1'%20OR%201=1--", "0.99999999999999999999", "9.1", "0.7", "")) {
            all.add(new Forged(
                    "run " + run,
                    "GET /api/v1/run?run=" + run + " HTTP/1.1\r\n" + host + "\r\n" + cookie,
                    Set.of(400, 404)));
        }
        all.add(new Forged("body", line + host + "\r\nContent-Length: 5\r\n" + cookie + "\r\n\r\nhello", Set.of(413)));
        all.add(new Forged(
                "long address",
                "GET /?x=" + "a".repeat(9_000) + " HTTP/1.1\r\n" + host + "\r\n" + cookie,
                Set.of(414, 400, 0)));
        all.add(new Forged(
                "long header", line + host + "\r\nX: " + "a".repeat(20_000) + "\r\n" + cookie, Set.of(431, 400, 0)));
        all.add(new Forged(
                "endless headers", line + host + "\r\n" + "X: y\r\n".repeat(5_000) + cookie, Set.of(431, 400, 0)));
        all.add(new Forged("no HTTP", "\u0000\u0001\u0002\r\n", Set.of(400, 0)));
        all.add(new Forged(
                "huge buckets",
                "GET /api/v1/chart?s=0.1.1&buckets=100000000 HTTP/1.1\r\n" + host + "\r\n" + cookie,
                Set.of(400)));
        all.add(new Forged(
                "bad number", "GET /api/v1/chart?s=0.1.1&from=NaN HTTP/1.1\r\n" + host + "\r\n" + cookie, Set.of(400)));
        all.add(new Forged(
                "many series",
                "GET /api/v1/chart?" + "s=0.1.1&".repeat(400) + " HTTP/1.1\r\n" + host + "\r\n" + cookie,
                Set.of(400)));
        return all;
    }

    @ParameterizedTest
    @MethodSource("forged")
    void forgedRequest_isRefusedAndChangesNothing(Forged forged) throws IOException {
        Map<String, String> before = files();

        RawRequest.Answer answer = RawRequest.send(server.port(), forged.request + "\r\nConnection: close\r\n\r\n");

        assertThat(answer.status()).as(answer.head() + answer.body()).isIn(forged.statuses);
        assertThat(answer.body()).doesNotContain("\"runs\"", "secret", "root:");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        assertThat(answer.header("Set-Cookie")).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertThat(good().status()).as("the server lives").isEqualTo(200);
    }

    @Test
    void rightRequest_isAnsweredWithAllProtections() throws IOException {
        RawRequest.Answer page = RawRequest.get(server.port(), "/", host, cookie);

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe", "*");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(page.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(page.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(page.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(good().header("Cache-Control")).isEqualTo("no-store");
        assertThat(good().header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    }

    @Test
    void token_isTradedForACookieThatScriptsCannotRead() throws IOException {
        RawRequest.Answer answer = RawRequest.get(server.port(), "/?token=" + token, host);

        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("Location")).isEqualTo("/");
        assertThat(answer.header("Set-Cookie"))
                .startsWith("millrace-" + server.port() + "=")
                .contains("HttpOnly", "SameSite=Strict", "Path=/")
                .doesNotContain(token);
        assertThat(token).matches("[0-9a-f]{32}");
    }

    @Test
    void ticket_isGoodForOneUse() throws IOException {
        String ticket = server.addressForOneUse().getQuery();

        assertThat(RawRequest.get(server.port(), "/?" + ticket, host).status()).isEqualTo(303);
        assertThat(RawRequest.get(server.port(), "/?" + ticket, host).status()).isEqualTo(401);
    }

    @Test
    void otherLoopbackNamesAndTunnels_areAnswered() throws IOException {
        for (String name : List.of("localhost:9000", "[::1]:" + server.port(), "LOCALHOST", "127.0.0.1")) {
            assertThat(RawRequest.get(server.port(), "/api/v1/runs", "Host: " + name, cookie)
                            .status())
                    .as(name)
                    .isEqualTo(200);
        }
        assertThat(RawRequest.get(server.port(), "/api/v1/runs", host, "Authorization: Bearer " + token)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void head_isAnsweredWithoutABody() throws IOException {
        RawRequest.Answer answer = RawRequest.send(
                server.port(),
                "HEAD /api/v1/runs HTTP/1.1\r\n" + host + "\r\n" + cookie + "\r\nConnection: close\r\n\r\n");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void idleAndSlowConnections_doNotStopTheServer() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                held.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
            }
            for (int i = 0; i < 40; i++) {
                Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port());
                slow.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
                held.add(slow);
            }
            long end = System.nanoTime() + 30_000_000_000L;
            int status = 0;
            while (status != 200 && System.nanoTime() < end) {
                for (Socket slow : held.subList(64, held.size())) {
                    dribble(slow);
                }
                status = good().status();
                Thread.sleep(200);
            }
            assertThat(status).isEqualTo(200);
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void otherAddressThanLoopback_needsToBeAllowed() {
        DashboardSettings open = new DashboardSettings(List.of(folder), "0.0.0.0", 0, false, List.of());

        assertThatThrownBy(() -> DashboardServer.start(open))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--allow-remote");
    }

    @Test
    void allowedHost_isAnsweredWhenNamed() throws IOException {
        DashboardSettings open = DashboardSettings.of(List.of(folder)).withRemote("0.0.0.0", List.of("trainer.lan"));
        try (DashboardServer remote = DashboardServer.start(open)) {
            String bearer =
                    "Authorization: Bearer " + remote.address().getQuery().replace("token=", "");

            assertThat(RawRequest.get(remote.port(), "/api/v1/runs", "Host: trainer.lan:" + remote.port(), bearer)
                            .status())
                    .isEqualTo(200);
            assertThat(RawRequest.get(remote.port(), "/api/v1/runs", "Host: other.lan", bearer)
                            .status())
                    .isEqualTo(421);
            assertThat(remote.address().getHost()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void portInUse_isSaid() {
        assertThatThrownBy(() -> DashboardServer.start(
                        DashboardSettings.of(List.of(folder)).withPort(server.port())))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("port " + server.port());
    }

    private static RawRequest.Answer good() throws IOException {
        try {
            return RawRequest.get(server.port(), "/api/v1/runs", host, cookie);
        } catch (java.net.ConnectException e) {
            return new RawRequest.Answer("", "");
        }
    }

    private static void dribble(Socket slow) {
        try {
            slow.getOutputStream().write('x');
        } catch (IOException e) {
            // Closed by the server, as it should be.
        }
    }

    /** Every file beside the metrics and its size and time. The log's index in memory changes with each reader. */
    private static Map<String, String> files() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (var entries = Files.list(folder)) {
            for (Path file : entries.toList()) {
                if (!file.toString().endsWith("-shm") && !file.toString().endsWith("-wal")) {
                    found.put(file.getFileName().toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
                }
            }
        }
        return found;
    }
}
