package dev.millrace.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page, all in memory: what is not in this list cannot be asked for. Immutable. */
final class Assets {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final List<String> SCRIPTS = List.of(
            "main.js",
            "state.js",
            "api.js",
            "dom.js",
            "format.js",
            "runs.js",
            "plot.js",
            "canvas.js",
            "ticks.js",
            "charts.js",
            "resources.js",
            "compare.js",
            "events.js",
            "data.js",
            "keys.js");

    private final Map<String, Reply> replies = new HashMap<>();

    Assets() {
        add("/", "index.html", HTML);
        add("/style.css", "style.css", "text/css; charset=utf-8");
        add("/icon.svg", "icon.svg", "image/svg+xml");
        SCRIPTS.forEach(script -> add("/" + script, script, SCRIPT));
    }

    @Nullable
    Reply find(String path) {
        return replies.get(path);
    }

    private void add(String path, String name, String type) {
        try (InputStream resource = Assets.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("Expected the resource dev/millrace/dashboard/" + name
                        + ", found none. The jar is not complete.");
            }
            // Asked for again at each load: after an update of Millrace no old script may meet a new server.
            replies.put(path, new Reply(200, type, resource.readAllBytes(), Map.of("Cache-Control", "no-cache")));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the resource dev/millrace/dashboard/" + name + ".", e);
        }
    }
}
