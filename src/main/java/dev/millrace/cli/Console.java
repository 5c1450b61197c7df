package dev.millrace.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What every command prints through, and the options that all of them share. One thread at a time. */
final class Console {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress: results, warnings and errors only.")
    private boolean quiet;

    /** Prints one line of the result. */
    void print(String line) {
        spec.commandLine().getOut().println(line);
    }

    /** Whether what is printed still arrives: the reader of a pipe may have had enough. */
    boolean isRead() {
        return !spec.commandLine().getOut().checkError();
    }

    /** The bytes of a result that is no text, or is too long to be kept. */
    @FunctionalInterface
    interface Bytes {
        void to(OutputStream stream) throws IOException;
    }

    /**
     * Prints bytes as they are; ends well if who reads them has enough and leaves.
     *
     * @throws IOException if they, or what was printed before, cannot be written
     */
    void printBytes(Bytes content) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (!(out instanceof BytePrinter printer)) {
            throw new UsageException("Expected a place for bytes, found one for text only. Use --out or --json.");
        }
        try {
            OutputStream stream = printer.bytes();
            content.to(stream);
            stream.flush();
        } catch (IOException e) {
            if (!StandardOutput.isReaderGone(e)) {
                throw e;
            }
        }
    }

    /** Prints a value as JSON, for a program to read. */
    void printJson(Object value) {
        printJson(spec.commandLine().getOut(), value);
    }

    /** The same, for who has no console. */
    static void printJson(PrintWriter out, Object value) {
        out.println(JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(value));
    }

    /** Prints rows under a head, columns padded to the same width; numbers to the right. */
    void printTable(List<String> head, List<List<String>> rows) {
        new TextTable(head, rows).lines().forEach(this::print);
    }

    /** Says something about the work, to standard error; silent when asked to be quiet. */
    void note(String line) {
        if (!quiet) {
            error().println(line);
        }
    }

    /** Says in one line what is wrong. */
    void error(String line) {
        error().println("error: " + line);
    }

    /** Warns, also when quiet. */
    void warn(String line) {
        error().println("warning: " + line);
    }

    /** Shows how far long work has come; {@code total} is negative when unknown. */
    Progress progress(String label, long total) {
        return Progress.start(label, total, quiet ? Progress.Style.NONE : Progress.Style.detect(), error());
    }

    private PrintWriter error() {
        return spec.commandLine().getErr();
    }
}
