package dev.millrace.dashboard;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real browser without a window, driven over the Chrome DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/). One thread at a time; who starts it closes it.
 */
final class Browser implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
    /** What the console, the page's exceptions and the log of the network said that is an error. */
    final List<String> errors = new CopyOnWriteArrayList<>();
    /** Every address that was asked for. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    private Browser(Process process, URI page) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(page, new Listener())
                .join();
    }

    /** The program, if this machine has one. */
    static Optional<Path> find() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return NAMES.stream()
                .flatMap(name -> java.util.Arrays.stream(path.split(java.io.File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser start(Path program, Path profile, int width, int height) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--window-size=" + width + "," + height,
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path told = profile.resolve("DevToolsActivePort");
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(told) || Files.readAllLines(told).size() < 2) {
            if (System.nanoTime() > end || !process.isAlive()) {
                process.destroyForcibly();
                throw new IOException("The browser " + program + " does not start.");
            }
            Thread.sleep(50);
        }
        int port = Integer.parseInt(Files.readAllLines(told).get(0));
        JsonNode targets = JSON.readTree(HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        for (JsonNode target : targets) {
            if (target.path("type").asString().equals("page")) {
                Browser browser = new Browser(
                        process, URI.create(target.path("webSocketDebuggerUrl").asString()));
                for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
                    browser.send(domain + ".enable", Map.of());
                }
                return browser;
            }
        }
        process.destroyForcibly();
        throw new IOException("The browser has no page.");
    }

    void open(Object address) {
        send("Page.navigate", Map.of("url", address.toString()));
        await("document.readyState === 'complete' && location.protocol === 'http:'");
    }

    /** What an expression of JavaScript gives; promises are waited for. */
    JsonNode evaluate(String script) {
        JsonNode reply = send(
                "Runtime.evaluate",
                Map.of(
                        "expression",
                        script,
                        "returnByValue",
                        true,
                        "awaitPromise",
                        true,
                        "replMode",
                        script.contains("await ")));
        if (reply.has("exceptionDetails")) {
            throw new AssertionError("In the page: " + script + "\n" + reply.path("exceptionDetails"));
        }
        return reply.path("result").path("value");
    }

    String text(String script) {
        return evaluate("String(" + script + ")").asString();
    }

    double number(String script) {
        return evaluate("Number(" + script + ")").asDouble();
    }

    /** Waits until an expression is true; returns the milliseconds that took. */
    long await(String condition) {
        long start = System.nanoTime();
        while (true) {
            boolean holds;
            try {
                holds = evaluate("Boolean(" + condition + ")").asBoolean();
            } catch (AssertionError e) {
                holds = false;
            }
            if (holds) {
                return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            }
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new AssertionError("Expected in the page within " + LIMIT.toSeconds() + " s: " + condition
                        + "\nerrors: " + errors + "\npage: " + text("document.body.innerText.slice(0, 1500)"));
            }
            pause(20);
        }
    }

    /** Presses keys one after the other, as a person does: {@code "/", "Tab", "ArrowLeft", "x"}. */
    void press(String... keys) {
        for (String key : keys) {
            boolean isText = key.length() == 1;
            Map<String, Object> down = isText
                    ? Map.of("type", "keyDown", "key", key, "text", key)
                    : key.equals("Enter")
                            ? Map.of("type", "keyDown", "key", key, "windowsVirtualKeyCode", 13, "text", "\r")
                            : Map.of(
                                    "type",
                                    "keyDown",
                                    "key",
                                    key,
                                    "windowsVirtualKeyCode",
                                    key.equals("Tab") ? 9 : key.equals("Escape") ? 27 : 0);
            send("Input.dispatchKeyEvent", down);
            send("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
        }
    }

    void mouse(String type, double x, double y, int clicks) {
        boolean moves = type.equals("mouseMoved");
        send(
                "Input.dispatchMouseEvent",
                Map.of(
                        "type",
                        type,
                        "x",
                        x,
                        "y",
                        y,
                        "button",
                        moves ? "none" : "left",
                        "clickCount",
                        clicks,
                        "buttons",
                        type.equals("mouseReleased") ? 0 : clicks > 0 ? 1 : 0));
    }

    void size(int width, int height, double scale, boolean mobile) {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", scale, "mobile", mobile));
    }

    void dark(boolean dark) {
        send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    void screenshot(Path file) throws IOException {
        pause(400);
        JsonNode picture = send("Page.captureScreenshot", Map.of("format", "png"));
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asString()));
    }

    JsonNode send(String method, Map<String, ?> parameters) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> reply = new CompletableFuture<>();
        open.put(id, reply);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .join();
        JsonNode answer = reply.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        if (answer.has("error")) {
            throw new AssertionError(method + ": " + answer.path("error"));
        }
        return answer.path("result");
    }

    @Override
    public void close() {
        List<ProcessHandle> children = new ArrayList<>(process.descendants().toList());
        try {
            send("Browser.close", Map.of());
        } catch (RuntimeException | AssertionError e) {
            // It is ended below.
        }
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        socket.abort();
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void receive(String message) {
        JsonNode node = JSON.readTree(message);
        CompletableFuture<JsonNode> waiting =
                node.has("id") ? open.remove(node.path("id").asInt()) : null;
        if (waiting != null) {
            waiting.complete(node);
            return;
        }
        JsonNode parameters = node.path("params");
        switch (node.path("method").asString("")) {
            case "Runtime.exceptionThrown" ->
                errors.add(parameters.path("exceptionDetails").toString());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning").contains(parameters.path("type").asString())) {
                    errors.add(parameters.path("args").toString());
                }
            }
            case "Log.entryAdded" -> {
                if (parameters.path("entry").path("level").asString().equals("error")) {
                    errors.add(parameters.path("entry").path("text").asString() + " "
                            + parameters.path("entry").path("url").asString());
                }
            }
            case "Network.requestWillBeSent" ->
                requests.add(parameters.path("request").path("url").asString());
            default -> {}
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                receive(part.toString());
                part.setLength(0);
            }
            from.request(1);
            return null;
        }
    }
}
