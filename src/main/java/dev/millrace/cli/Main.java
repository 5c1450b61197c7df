package dev.millrace.cli;

import dev.millrace.Internal;
import dev.millrace.model.EngineThreads;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The entry point: finds the command, runs it, and turns whatever it throws into one line and one exit code. */
@Command(
        name = "millrace",
        description = "SQLite files as training data for DJL.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:anything without a code of its own",
            "2:wrong usage or configuration, or a missing file",
            "3:more input rejected than allowed; nothing published",
            "4:damaged, foreign or too new database",
            "5:training diverged",
            "130:interrupted"
        },
        subcommands = {
            DemoCommand.class,
            SampleCommand.class,
            SpectraCommand.class,
            PcqmCommand.class,
            GenomeCommand.class,
            ExafsCommand.class,
            TrainCommand.class,
            PredictCommand.class,
            SmokeCommand.class,
            MetricsCommand.class,
            ExportCommand.class,
            FeaturesCommand.class,
            KvCommand.class,
            InspectCommand.class,
            VerifyCommand.class,
            OptimizeCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
        })
@Internal
public final class Main {
    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "After an error, print where in the program it arose.")
    private boolean stacktrace;

    @Option(names = "--json", description = "With --version: print JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before any command runs
    private CommandSpec spec;

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        // Always UTF-8: what is printed may be read by a program, whatever the locale.
        StandardOutput standard = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        PrintWriter out = new BytePrinter(standard);
        PrintWriter error = utf8(new FileOutputStream(FileDescriptor.err));
        int code = run(out, error, args);
        out.flush();
        IOException lost = standard.failure();
        if (lost != null && code == ExitCode.DONE.code()) {
            error.println(
                    "error: Cannot write to standard output: " + lost.getMessage() + ". What was printed is not all.");
            code = ExitCode.FAILED.code();
        }
        error.flush();
        // Not a plain return: threads of libraries may still be there.
        System.exit(code);
    }

    /** Runs one command in this process; a test does what the shell would. */
    static int run(PrintWriter out, PrintWriter error, String... args) {
        // Before any library writes its first line: only what a person must act on.
        setDefault("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        setDefault("org.slf4j.simpleLogger.log.ai.djl.util.cuda.CudaUtils", "error");
        // It tells, with a stack trace, that another process was faster to remove an old copy of the library.
        setDefault("org.slf4j.simpleLogger.log.org.sqlite.SQLiteJDBCLoader", "off");
        setDefault("ai.djl.offline", "true");
        // Pictures are drawn into memory; a display that cannot be reached must not stop that.
        setDefault("java.awt.headless", "true");
        EngineThreads.requestDefault();
        Main main = new Main();
        CommandLine commandLine = new CommandLine(main)
                .setOut(out)
                .setErr(error)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(main::execute)
                .setParameterExceptionHandler((failure, arguments) -> main.wrongUsage(failure, arguments, error))
                .setExecutionExceptionHandler((failure, command, parsed) -> main.fail(failure, error));
        try {
            return commandLine.execute(args);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return main.fail(e, error);
        }
    }

    private int execute(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        boolean isCommand = last.commandSpec().userObject() instanceof Runnable
                || last.commandSpec().userObject() instanceof java.util.concurrent.Callable<?>;
        if (!isCommand && !last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            throw new ParameterException(
                    last.commandSpec().commandLine(),
                    "expected a command: "
                            + String.join(", ", last.commandSpec().subcommands().keySet()));
        }
        if (json) {
            return version(parsed);
        }
        // A version provider of picocli would be asked by every subcommand at every start, and load SQLite for each.
        if (asksForVersion(parsed)) {
            Versions.lines().forEach(spec.commandLine().getOut()::println);
            return ExitCode.DONE.code();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** Whether the first command that asks for anything asks for the version, not for its use. */
    private static boolean asksForVersion(CommandLine.ParseResult parsed) {
        for (CommandLine.ParseResult level : parsed.asCommandLineList().stream()
                .map(CommandLine::getParseResult)
                .toList()) {
            if (level.isUsageHelpRequested() || level.isVersionHelpRequested()) {
                return !level.isUsageHelpRequested();
            }
        }
        return false;
    }

    /** What runs here, for a program. */
    private int version(CommandLine.ParseResult parsed) {
        if (parsed.hasSubcommand() || !parsed.isVersionHelpRequested()) {
            throw new ParameterException(spec.commandLine(), "--json: expected --version beside it");
        }
        Console.printJson(spec.commandLine().getOut(), Versions.json());
        return ExitCode.DONE.code();
    }

    private int wrongUsage(ParameterException failure, String[] args, PrintWriter error) {
        String name = failure.getCommandLine().getCommandSpec().qualifiedName();
        String reason = oneLine(String.valueOf(failure.getMessage())).replaceFirst("^Error: ", "");
        error.println(
                "error: " + reason + (reason.endsWith(".") ? "" : ".") + " Run '" + name + " --help' for its use.");
        if (java.util.Arrays.asList(args).contains("--stacktrace")) {
            failure.printStackTrace(error);
        }
        return ExitCode.USAGE.code();
    }

    private int fail(Throwable failure, PrintWriter error) {
        ExitCode code = ExitCode.of(failure);
        if (code == ExitCode.FAILED && Thread.currentThread().isInterrupted()) {
            code = ExitCode.INTERRUPTED;
        }
        // Where the interrupt struck is of no use to who pressed Ctrl-C.
        error.println("error: " + (code == ExitCode.INTERRUPTED ? "interrupted" : explain(failure)));
        if (stacktrace) {
            failure.printStackTrace(error);
        }
        return code.code();
    }

    /** What a failure says, in one line. */
    static String explain(Throwable failure) {
        return oneLine(describe(failure));
    }

    private static String describe(Throwable failure) {
        if (failure instanceof NoSuchFileException missing) {
            return "No such file: " + missing.getFile();
        }
        // A wrapper without words of its own: what it wraps says more.
        Throwable cause = failure.getCause();
        String message = failure.getMessage();
        if (cause != null && (message == null || message.equals(cause.toString()))) {
            return describe(cause);
        }
        boolean speaks = message != null && message.indexOf(' ') > 0;
        return speaks
                ? String.valueOf(message)
                : failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static PrintWriter utf8(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }
}
