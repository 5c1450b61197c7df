package dev.millrace.cli;

import dev.millrace.dashboard.DashboardServer;
import dev.millrace.dashboard.DashboardSettings;
import java.awt.Desktop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace metrics serve}: the live page over metrics files, until Ctrl-C. */
@Command(
        name = "serve",
        description =
                "Show runs in the browser, live. The first line printed is the address to open; whoever has it can"
                        + " read the metrics. Ends with Ctrl-C (exit code 130).",
        footer = {
            "%nExamples:",
            "  millrace metrics serve runs/",
            "  millrace metrics serve runs/a/metrics.db runs/b --port 8080 --open",
            "  ssh -L 8080:127.0.0.1:8080 trainer millrace metrics serve runs/ --port 8080",
            "%nThe files are only read, also while they are written. A folder is looked through for metrics files again and"
                    + " again, so new runs appear by themselves."
        })
final class MetricsServeCommand implements Runnable {
    @Mixin
    private final Console console = new Console();

    @Parameters(
            paramLabel = "RUN.db|FOLDER",
            arity = "1..*",
            description = "Metrics files, or folders with runs in them.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private List<Path> sources;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port to listen on; 0 for any free one (default).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String host;

    @Option(
            names = "--allow-remote",
            description =
                    "Allow a --host that other machines reach. What is sent, the token too, is not encrypted: in a"
                            + " network that you do not trust, use an SSH tunnel instead.")
    private boolean allowRemote;

    @Option(
            names = "--allowed-host",
            paramLabel = "NAME",
            description = "Another name of this machine under which a browser may ask; may be repeated.")
    private List<String> allowedHosts = List.of();

    @Option(names = "--open", description = "Open it in the browser of this machine.")
    private boolean open;

    @Option(names = "--json", description = "Print the address as JSON.")
    private boolean json;

    @Override
    public void run() {
        List<Path> served = sources.stream().map(MetricsServeCommand::source).toList();
        DashboardSettings settings =
                Inputs.checked(() -> new DashboardSettings(served, host, port, allowRemote, allowedHosts));
        Interruption interruption = Interruption.watch();
        try (DashboardServer server = start(settings)) {
            announce(server);
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // Ctrl-C is how this ends.
            Thread.currentThread().interrupt();
        } finally {
            interruption.end();
        }
    }

    private void announce(DashboardServer server) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("url", server.address().toString());
            fields.put("port", server.port());
            fields.put("pid", ProcessHandle.current().pid());
            // In one line, which is the first one.
            console.print(JsonMapper.shared().writeValueAsString(fields));
        } else {
            console.print(server.address().toString());
        }
        if (allowRemote) {
            console.warn("other machines can connect to " + host + " port " + server.port()
                    + ", and what is sent, the token too, is not encrypted.");
        }
        console.note("Open this address in a browser. Ctrl-C ends.");
        if (open) {
            openBrowser(server.addressForOneUse());
        }
    }

    private static DashboardServer start(DashboardSettings settings) {
        try {
            return DashboardServer.start(settings);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } catch (BindException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start the server: " + e.getMessage(), e);
        }
    }

    private static Path source(Path named) {
        if (Files.isDirectory(named)) {
            return named;
        }
        return Inputs.file(named);
    }

    /** The address given to another program can be seen by other users: it is good for one use only. */
    private void openBrowser(URI address) {
        try {
            if (Desktop.isDesktopSupported() && Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)) {
                Desktop.getDesktop().browse(address);
                return;
            }
            String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
            new ProcessBuilder(system.contains("mac") ? "open" : "xdg-open", address.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException | UnsupportedOperationException e) {
            console.warn("cannot open a browser here (" + e.getMessage() + "); open the address by hand.");
        }
    }
}
