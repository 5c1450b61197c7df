package dev.millrace.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is answered. A loopback address alone protects nothing: any page that the user has open elsewhere can send
 * requests to it, under a name of its own that it lets point here (DNS rebinding). So the name asked for must be one of ours,
 * the request must not come from another site's page, and it must carry the token of this start. Thread-safe.
 *
 * <p>Ports are not compared: {@code ssh -L 9000:127.0.0.1:41234} is a good way here.
 */
final class RequestGuard {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final int LONGEST_ADDRESS = 8 * 1024;
    private static final int LONGEST_HEADERS = 16 * 1024;
    private static final String TOKEN = "token";

    private final AccessToken token;
    private final Set<String> hosts;
    private final String cookie;

    RequestGuard(AccessToken token, DashboardSettings settings, int port) {
        this.token = token;
        this.hosts = new HashSet<>(LOOPBACK);
        hosts.add(bracketed(settings.host()).toLowerCase(Locale.ROOT));
        settings.allowedHosts().forEach(host -> hosts.add(bracketed(host).toLowerCase(Locale.ROOT)));
        // Browsers do not tell the ports of a machine apart when they send cookies: two dashboards need two names.
        this.cookie = "millrace-" + port;
    }

    /** What to answer instead of what was asked for; null if the request is in order. */
    @Nullable
    Reply refusal(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Reply.text(405, "Only GET and HEAD are answered: nothing can be changed here.")
                    .with("Allow", "GET, HEAD");
        }
        Reply wrong = size(exchange);
        if (wrong == null) {
            wrong = origin(exchange);
        }
        return wrong == null ? access(exchange) : wrong;
    }

    private static @Nullable Reply size(HttpExchange exchange) {
        if (exchange.getRequestURI().toString().length() > LONGEST_ADDRESS) {
            return Reply.text(414, "Expected an address of at most " + LONGEST_ADDRESS + " characters.");
        }
        Headers headers = exchange.getRequestHeaders();
        long length = 0;
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            for (String value : header.getValue()) {
                length += header.getKey().length() + value.length();
            }
        }
        if (length > LONGEST_HEADERS) {
            return Reply.text(431, "Expected at most " + LONGEST_HEADERS + " characters of headers.");
        }
        String content = headers.getFirst("Content-Length");
        boolean hasBody = headers.containsKey("Transfer-Encoding") || (content != null && !content.equals("0"));
        return hasBody ? Reply.text(413, "Expected a request without a body.") : null;
    }

    private @Nullable Reply origin(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        List<String> named = headers.getOrDefault("Host", List.of());
        if (named.size() != 1
                || exchange.getRequestURI().isAbsolute()
                || exchange.getRequestURI().getRawAuthority() != null
                || !hosts.contains(nameOf(named.get(0)))) {
            return Reply.text(
                    421,
                    "This server does not answer under that name. Use the address that it printed,"
                            + " or start it with --allowed-host.");
        }
        String host = named.get(0);
        for (String from : headers.getOrDefault("Origin", List.of())) {
            if (!from.equalsIgnoreCase("http://" + host) && !from.equalsIgnoreCase("https://" + host)) {
                return Reply.text(403, "Another site's page may not read this one.");
            }
        }
        for (String site : headers.getOrDefault("Sec-Fetch-Site", List.of())) {
            if (!site.equals("same-origin") && !site.equals("none")) {
                return Reply.text(
                        403,
                        "Another site's page may not lead here." + " Copy the address into the browser's address bar.");
            }
        }
        return null;
    }

    /** Lets a browser trade the token of the address for a cookie, once, so that the token stays in no history. */
    private @Nullable Reply access(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        for (String line : headers.getOrDefault("Cookie", List.of())) {
            for (String part : line.split(";", -1)) {
                String crumb = part.strip();
                if (crumb.startsWith(cookie + "=") && token.isSession(crumb.substring(cookie.length() + 1))) {
                    return hasTokenInAddress(exchange) ? redirect() : null;
                }
            }
        }
        List<String> bearers = headers.getOrDefault("Authorization", List.of());
        if (bearers.size() == 1
                && bearers.get(0).startsWith("Bearer ")
                && token.isToken(bearers.get(0).substring("Bearer ".length()).strip())) {
            return null;
        }
        if (hasTokenInAddress(exchange)) {
            String given =
                    QueryString.of(exchange.getRequestURI().getRawQuery()).text(TOKEN, "");
            if (token.isToken(given)) {
                return redirect();
            }
        }
        return Reply.text(
                401, "Open the address that 'millrace metrics serve' printed: it holds the token of this start.");
    }

    private static boolean hasTokenInAddress(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        return query != null
                && exchange.getRequestURI().getPath().equals("/")
                && (query.startsWith(TOKEN + "=") || query.contains("&" + TOKEN + "="));
    }

    private Reply redirect() {
        return Reply.text(303, "See /")
                .with("Location", "/")
                .with("Set-Cookie", cookie + "=" + token.session() + "; Path=/; HttpOnly; SameSite=Strict");
    }

    /** A name without its port, in small letters. */
    private static String nameOf(String host) {
        int port = host.lastIndexOf(':');
        boolean hasPort = port > host.lastIndexOf(']');
        if (hasPort && !host.substring(port + 1).matches("[0-9]{1,5}")) {
            return "";
        }
        return (hasPort ? host.substring(0, port) : host).toLowerCase(Locale.ROOT);
    }

    private static String bracketed(String host) {
        return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    }
}
