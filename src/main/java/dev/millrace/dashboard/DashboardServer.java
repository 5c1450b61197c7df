package dev.millrace.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A live page over metrics files: the files are read while they are written, and never changed.
 *
 * {@snippet :
 * try (DashboardServer server = DashboardServer.start(DashboardSettings.of(List.of(Path.of("metrics.db"))))) {
 *     System.out.println(server.address());
 *     training.run();
 * }
 * }
 *
 * <p>Thread-safe; who starts it closes it. It answers on the loopback address unless told otherwise, and only who has the
 * token of its {@link #address}.
 */
public final class DashboardServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DashboardServer.class);
    private static final int MOST_CONNECTIONS = 64;
    private static final int IDLE_SECONDS = 30;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", POLICY,
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Embedder-Policy", "require-corp",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

    private final HttpServer server;
    private final ThreadPoolExecutor workers;
    private final MetricsFiles files;
    private final AccessToken token = new AccessToken();
    private final RequestGuard guard;
    private final Assets assets = new Assets();
    private final Api api;
    private final String host;

    private DashboardServer(DashboardSettings settings, InetAddress address) throws IOException {
        limitConnections();
        this.server = HttpServer.create(new InetSocketAddress(address, settings.port()), 0);
        this.workers = workers();
        this.files = new MetricsFiles(settings.sources());
        this.api = new Api(files);
        this.guard = new RequestGuard(token, settings, port());
        // Any address of this machine: a browser on it needs one that it can reach.
        this.host = address.isAnyLocalAddress() ? "127.0.0.1" : settings.host();
        server.setExecutor(workers);
        server.createContext("/", this::handle);
        server.start();
        workers.execute(this::readAhead);
    }

    /**
     * Starts to serve.
     *
     * @throws IllegalArgumentException if the address is another than the loopback address and that is not allowed
     * @throws BindException if the port is in use
     * @throws IOException if it cannot listen for another reason
     */
    public static DashboardServer start(DashboardSettings settings) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(settings.host());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "Expected an address of this machine, found '" + settings.host() + "'.", e);
        }
        if (!address.isLoopbackAddress() && !settings.allowRemote()) {
            throw new IllegalArgumentException("Expected the loopback address, found '" + settings.host()
                    + "': other machines could connect, and what is sent is not encrypted. Allow it by --allow-remote,"
                    + " or reach this machine through an SSH tunnel.");
        }
        try {
            return new DashboardServer(settings, address);
        } catch (BindException e) {
            BindException named = new BindException("Cannot listen on " + settings.host() + " port " + settings.port()
                    + ": " + e.getMessage() + ". Choose another port, or 0 for any free one.");
            named.initCause(e);
            throw named;
        }
    }

    /** What to open in a browser. Whoever has it can read the metrics; the token in it is new at each start. */
    public URI address() {
        return addressWith(token.token());
    }

    /** The same with a token for one use, for the command line of a program, which other users of a machine can see. */
    public URI addressForOneUse() {
        return addressWith(token.newTicket());
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Stops to answer and closes all files. */
    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
        try {
            // Who is still reading would open a file again that was closed.
            if (!workers.awaitTermination(MetricsFile.READ_LIMIT.toSeconds() + 1, TimeUnit.SECONDS)) {
                LOG.debug("A request is still being answered.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        files.close();
    }

    /** The first list takes the longest: until somebody has opened the address it is there. */
    private void readAhead() {
        try {
            api.answer("/api/v1/runs", QueryString.of(""));
        } catch (RuntimeException e) {
            LOG.debug("Who asks for the list will be told.", e);
        }
    }

    private URI addressWith(String secret) {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return URI.create("http://" + shown + ":" + port() + "/?token=" + secret);
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            Reply reply = answer(exchange);
            Headers headers = exchange.getResponseHeaders();
            HEADERS.forEach(headers::set);
            reply.headers().forEach(headers::set);
            headers.set("Content-Type", reply.type());
            if (reply.status() >= 400 && !"GET".equals(exchange.getRequestMethod())) {
                headers.set("Connection", "close");
            }
            boolean hasBody = !exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(reply.status(), hasBody ? reply.body().length : -1);
            if (hasBody) {
                exchange.getResponseBody().write(reply.body());
            }
        } catch (IOException e) {
            LOG.debug("A browser went away.", e);
        }
    }

    private Reply answer(HttpExchange exchange) {
        try {
            Reply refusal = guard.refusal(exchange);
            if (refusal != null) {
                return refusal;
            }
            String path = exchange.getRequestURI().getPath();
            @Nullable Reply asset = assets.find(path);
            return asset != null
                    ? asset
                    : api.answer(path, QueryString.of(exchange.getRequestURI().getRawQuery()));
        } catch (BadRequestException e) {
            return Reply.text(e.status(), String.valueOf(e.getMessage()));
        } catch (DatabaseException e) {
            return Reply.text(503, String.valueOf(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // One request must not end the server; what went wrong is for its owner, not for who asked.
            LOG.warn("Cannot answer {}.", exchange.getRequestURI().getPath(), e);
            return Reply.text(500, "The server failed at this request. Its log says more.");
        }
    }

    private static ThreadPoolExecutor workers() {
        AtomicInteger number = new AtomicInteger();
        // As many as connections, so that those who send slowly hold up only themselves.
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MOST_CONNECTIONS,
                MOST_CONNECTIONS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, "millrace-dashboard-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * The JDK reads these once in a process, before its first server. They bound how long a request may take to arrive, how
     * many connections there are, and how long an idle one stays. Without {@code nodelay}, JDK 17 takes 45 ms for each request
     * on a kept connection.
     */
    private static void limitConnections() {
        setDefault("sun.net.httpserver.nodelay", "true");
        setDefault("sun.net.httpserver.maxReqTime", "5");
        setDefault("sun.net.httpserver.maxRspTime", "60");
        setDefault("sun.net.httpserver.idleInterval", String.valueOf(IDLE_SECONDS));
        setDefault("sun.net.httpserver.maxIdleConnections", String.valueOf(MOST_CONNECTIONS));
        setDefault("jdk.httpserver.maxConnections", String.valueOf(MOST_CONNECTIONS));
        setDefault("sun.net.httpserver.maxReqHeaders", "100");
        setDefault("sun.net.httpserver.maxReqHeaderSize", "32768");
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
