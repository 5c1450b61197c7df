package dev.millrace.notebook;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Runs the cells of one notebook as the kernel does: each statement through JShell, in this JVM, on the calling thread, with the class path
 * of the tests. What a cell prints is kept for the message of a failure. Test support.
 */
final class CellRunner implements AutoCloseable {
    /** What the kernel imports before the first cell. */
    private static final List<String> IMPORTS = List.of(
            "java.util.*",
            "java.io.*",
            "java.math.*",
            "java.net.*",
            "java.util.concurrent.*",
            "java.util.prefs.*",
            "java.util.regex.*");

    private final String name;
    private final Direct control = new Direct();
    private final JShell shell;

    CellRunner(Path notebook) {
        name = String.valueOf(notebook.getFileName());
        shell = JShell.builder()
                .executionEngine(new Provider(control), Map.of())
                .compilerOptions(
                        "-classpath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
                .build();
        IMPORTS.forEach(one -> shell.eval("import " + one + ";"));
    }

    /**
     * Runs one cell.
     *
     * @return the value of its last statement, null if that is none
     * @throws AssertionError naming notebook, cell, line and what went wrong
     */
    Object run(Notebook.Cell cell) {
        if (cell.code().lines().anyMatch(line -> line.startsWith("%"))) {
            throw new AssertionError(at(cell, 1) + "expected Java alone, found a magic of the kernel");
        }
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            return runAll(cell);
        } catch (AssertionError e) {
            String tail = printed.toString(StandardCharsets.UTF_8);
            throw new AssertionError(
                    e.getMessage() + (tail.isEmpty() ? "" : "\nIt had printed:\n" + tail), e.getCause());
        } finally {
            System.setOut(before);
        }
    }

    private Object runAll(Notebook.Cell cell) {
        String rest = cell.code();
        int line = 1;
        control.last = null;
        while (!rest.isBlank()) {
            CompletionInfo info = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            if (!info.completeness().isComplete()) {
                throw new AssertionError(at(cell, line) + "expected a complete statement, found: " + rest.strip());
            }
            control.last = null;
            // Blank lines before a statement are not counted by the compiler.
            int first = line + leadingLines(info.source());
            for (SnippetEvent event : shell.eval(info.source().strip())) {
                check(cell, first, event);
            }
            line += info.source().split("\n", -1).length - 1;
            line += rest.length() - info.source().length() == info.remaining().length() ? 0 : 1;
            rest = info.remaining();
        }
        return control.last;
    }

    private static int leadingLines(String source) {
        String stripped = source.stripLeading();
        return (int) source.substring(0, source.length() - stripped.length())
                .chars()
                .filter(letter -> letter == '\n')
                .count();
    }

    private void check(Notebook.Cell cell, int first, SnippetEvent event) {
        if (event.causeSnippet() != null) {
            return;
        }
        JShellException thrown = event.exception();
        if (thrown != null) {
            int line = first + lineOf(thrown, event.snippet()) - 1;
            String what = thrown instanceof EvalException eval ? eval.getExceptionClassName() : "not defined yet";
            throw new AssertionError(at(cell, line) + what + ": " + thrown.getMessage(), thrown);
        }
        List<Diag> faults =
                shell.diagnostics(event.snippet()).filter(Diag::isError).toList();
        if (event.status() != Snippet.Status.VALID) {
            Diag fault = faults.isEmpty() ? null : faults.get(0);
            long before = fault == null
                    ? 0
                    : event.snippet()
                            .source()
                            .substring(0, (int) Math.max(0, fault.getStartPosition()))
                            .chars()
                            .filter(letter -> letter == '\n')
                            .count();
            throw new AssertionError(at(cell, first + (int) before)
                    + (fault == null
                            ? "not defined: "
                                    + shell.unresolvedDependencies((jdk.jshell.DeclarationSnippet) event.snippet())
                                            .toList()
                            : fault.getMessage(Locale.ROOT)));
        }
    }

    /** JShell calls the file of a snippet by its id. */
    private static int lineOf(JShellException thrown, Snippet snippet) {
        for (StackTraceElement element : thrown.getStackTrace()) {
            if (("#" + snippet.id()).equals(element.getFileName())) {
                return Math.max(1, element.getLineNumber());
            }
        }
        return 1;
    }

    private String at(Notebook.Cell cell, int line) {
        String code = cell.code().lines().skip(line - 1L).findFirst().orElse("").strip();
        return name + ", cell " + cell.number() + ", line " + line + " [" + code + "]: ";
    }

    /** Whether a value is what Jupyter shows as a picture. */
    static boolean isPicture(Object value) {
        return value instanceof RenderedImage;
    }

    /** Removes the folder that a notebook made: the variable {@code folder}, without which it would litter the machine. */
    void removeFolder() throws IOException {
        VarSnippet folder = shell.variables()
                .filter(variable -> variable.name().equals("folder"))
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError(name + ": expected a variable 'folder' for its files, found none"));
        Path path = Path.of(shell.varValue(folder));
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() {
        shell.close();
    }

    /** Keeps the last value itself, of which JShell gives away the text alone. */
    private static final class Direct extends DirectExecutionControl {
        private Object last;

        @Override
        protected String invoke(Method snippet) throws Exception {
            last = snippet.invoke(null);
            return valueString(last);
        }
    }

    private record Provider(ExecutionControl control) implements ExecutionControlProvider {
        @Override
        public String name() {
            return "direct";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
            return control;
        }
    }
}
