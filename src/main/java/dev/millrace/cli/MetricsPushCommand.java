package dev.millrace.cli;

import dev.millrace.central.CentralCounts;
import dev.millrace.central.CentralPush;
import dev.millrace.central.CentralSettings;
import dev.millrace.central.CentralSink;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace metrics push}: copies a metrics file to a central PostgreSQL database. */
@Command(
        name = "push",
        description =
                "Copy a metrics file to a central PostgreSQL database. What is there already is left alone, so that"
                        + " repeating it does no harm, and an interrupted copy goes on where it was.",
        footer = {
            "",
            "Example:",
            "  PGPASSWORD=… millrace metrics push runs/first --to 'jdbc:postgresql://db.example.org/metrics?user=ada&sslmode=require'",
            "",
            "The password comes from the environment (PGPASSWORD, or the variable that --password-env names) or from the file",
            "that PGPASSFILE names, never from the command line."
        })
final class MetricsPushCommand implements Callable<Integer> {
    private static final String PASSWORD = "PGPASSWORD";
    private static final long POLL_MILLIS = 500;

    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "RUN.db", description = "The metrics file, or the folder of its run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "URL",
            description =
                    "The database, jdbc:postgresql://HOST:PORT/DATABASE; the driver's options may follow a question mark.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private String url;

    @Option(names = "--user", paramLabel = "NAME", description = "The user (default: that of the URL, else PGUSER).")
    private @Nullable String user;

    @Option(
            names = "--password-env",
            paramLabel = "VARIABLE",
            description = "The environment variable that has the password (default: ${DEFAULT-VALUE}).",
            defaultValue = PASSWORD)
    private String passwordVariable = PASSWORD;

    @Option(names = "--follow", description = "Go on with what is recorded from now on, until interrupted.")
    private boolean follow;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Path source = MetricsInput.file(file);
        CentralSettings settings = settings(url, user, passwordVariable);
        if (!follow) {
            print(CentralPush.once(source, settings));
            return ExitCode.DONE.code();
        }
        Interruption interruption = Interruption.watch();
        try {
            print(follow(source, settings));
        } finally {
            interruption.end();
        }
        return ExitCode.INTERRUPTED.code();
    }

    /** Until this thread is interrupted. What was copied includes the last round, made while closing. */
    private CentralCounts follow(Path source, CentralSettings settings) {
        CentralSink sink = CentralSink.start(source, settings);
        try (sink) {
            Throwable told = null;
            while (true) {
                Thread.sleep(POLL_MILLIS);
                Throwable failure = sink.failure();
                if (failure != null && told == null) {
                    console.warn(failure.getMessage() + " Trying again.");
                }
                told = failure;
            }
        } catch (InterruptedException end) {
            return sink.counts();
        }
    }

    /** @throws UsageException if the URL cannot be used */
    static CentralSettings settings(String url, @Nullable String user, String passwordVariable) {
        String password = System.getenv(passwordVariable);
        if (password == null && !passwordVariable.equals(PASSWORD)) {
            throw new UsageException(
                    "Expected a password in the environment variable " + passwordVariable + ", found none.");
        }
        try {
            return CentralSettings.of(url)
                    .withUser(user != null ? user : System.getenv("PGUSER"))
                    .withPassword(password);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private void print(CentralCounts counts) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("points", counts.points());
            fields.put("others", counts.others());
            fields.put("outages", counts.outages());
            fields.put("failures", counts.failures());
            console.printJson(fields);
        } else {
            console.print(String.format(
                    "%s: %,d points and %,d events, stages, tags and settings copied",
                    file, counts.points(), counts.others()));
        }
    }
}
